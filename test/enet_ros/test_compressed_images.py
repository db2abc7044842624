# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What files show; test_compressed_images_refused.py has what is no picture."""

from __future__ import annotations

import array
import struct
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from compressed_messages import (
    INSIDE,
    JPEG,
    PNG,
    STRIPES,
    Compressed,
    chunk,
    encoded,
    png,
    with_segment,
)
from image_messages import BAYER, RNG, mosaic

from enet_ros.compressed_images import decode_compressed


@pytest.mark.parametrize('stated', ['jpeg', 'jpg', '', 'rgb8; jpeg compressed bgr8', 'png'])
@pytest.mark.parametrize('container', [bytes, lambda raw: array.array('B', raw)])
def test_jpeg(stated: str, container: Callable[[bytes], Any]) -> None:
    frame = decode_compressed(Compressed(stated, container(JPEG)))
    assert frame.shape == STRIPES.shape
    np.testing.assert_allclose(frame[:, INSIDE], STRIPES[:, INSIDE], atol=4)


def test_a_progressive_jpeg() -> None:
    progressive = encoded('.jpg', STRIPES[..., ::-1], cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    frame = decode_compressed(Compressed(data=progressive))
    np.testing.assert_allclose(frame[:, INSIDE], STRIPES[:, INSIDE], atol=4)


def test_a_grey_jpeg() -> None:
    grey = np.full((16, 16), 77, np.uint8)
    frame = decode_compressed(Compressed(data=encoded('.jpg', grey)))
    np.testing.assert_array_equal(frame, np.full((16, 16, 3), 77))


def test_png_of_8_bits() -> None:
    noise = RNG.integers(0, 256, (5, 7, 4), np.uint8)
    for stated in ('png', 'rgb8; png compressed bgr8'):
        frame = decode_compressed(Compressed(stated, encoded('.png', noise[..., :3])))
        np.testing.assert_array_equal(frame, noise[..., 2::-1])
    alpha = decode_compressed(Compressed('png', encoded('.png', noise)))
    np.testing.assert_array_equal(alpha, noise[..., 2::-1])
    grey = decode_compressed(Compressed('png', encoded('.png', noise[..., 0])))
    np.testing.assert_array_equal(grey, noise[..., [0, 0, 0]])


def test_png_of_16_bits() -> None:
    noise = RNG.integers(0, 65536, (5, 7, 4), np.uint16)
    wanted = np.rint(noise / 257)
    for samples in (noise[..., :3], noise):
        frame = decode_compressed(Compressed('png', encoded('.png', samples)))
        np.testing.assert_array_equal(frame, wanted[..., 2::-1])
    grey = decode_compressed(Compressed('mono16; png compressed ', encoded('.png', noise[..., 0])))
    np.testing.assert_array_equal(grey, wanted[..., [0, 0, 0]])


def test_png_of_other_kinds() -> None:
    palette = chunk(b'PLTE', bytes([250, 10, 20, 30, 40, 240]))
    of_palette = png(2, 1, 8, 3, bytes([0, 1, 0]), palette)
    np.testing.assert_array_equal(
        decode_compressed(Compressed('png', of_palette)), [[[30, 40, 240], [250, 10, 20]]]
    )
    bits = png(8, 1, 1, 0, bytes([0, 0b10110001]))
    np.testing.assert_array_equal(
        decode_compressed(Compressed('png', bits))[0, :, 0], [255, 0, 255, 255, 0, 0, 0, 255]
    )
    grey_and_alpha = png(2, 1, 8, 4, bytes([0, 50, 255, 60, 0]))
    np.testing.assert_array_equal(
        decode_compressed(Compressed('png', grey_and_alpha)), [[[50] * 3, [60] * 3]]
    )


@pytest.mark.parametrize('orientation', range(1, 9))
def test_the_exif_orientation_is_ignored(orientation: int) -> None:
    tiff = struct.pack('<2sHIHHHIHHI', b'II', 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)
    turned = with_segment(0xE1, b'Exif\0\0' + tiff)
    np.testing.assert_array_equal(
        decode_compressed(Compressed(data=turned)), decode_compressed(Compressed(data=JPEG))
    )


def test_jpegs_as_cameras_write_them() -> None:
    wanted = decode_compressed(Compressed(data=JPEG))
    zeros_behind = JPEG + bytes(100)
    fill_bytes = JPEG[:2] + b'\xff\xff' + JPEG[2:]
    comment = with_segment(0xFE, b'\xff\xd9\xff\xc0 looks like markers')
    thumbnail = with_segment(0xE1, JPEG)
    for raw in (zeros_behind, fill_bytes, comment, thumbnail):
        np.testing.assert_array_equal(decode_compressed(Compressed(data=raw)), wanted)


@pytest.mark.parametrize('pattern', BAYER)
@pytest.mark.parametrize('bits', [8, 16])
def test_a_compressed_bayer_mosaic_becomes_color(pattern: str, bits: int) -> None:
    plain = np.full((6, 8, 3), (51, 102, 204), f'u{bits // 8}') * (257 if bits == 16 else 1)
    seen = mosaic(plain.astype(f'u{bits // 8}'), pattern)
    came = Compressed(f'bayer_{pattern}{bits}; png compressed ', encoded('.png', seen))
    np.testing.assert_array_equal(decode_compressed(came), np.full((6, 8, 3), (51, 102, 204)))


def test_a_bayer_picture_that_was_made_grey_stays_grey() -> None:
    grey = encoded('.jpg', np.full((8, 8), 90, np.uint8))
    frame = decode_compressed(Compressed('bayer_rggb8; jpeg compressed mono8', grey))
    np.testing.assert_array_equal(frame, np.full((8, 8, 3), 90))


def test_pngs_as_cameras_write_them() -> None:
    text = chunk(b'tEXt', b'Comment\0IDAT acTL look like chunks')
    for raw in (PNG + bytes(100), PNG[:33] + text * 20 + PNG[33:]):
        np.testing.assert_array_equal(decode_compressed(Compressed('png', raw)), STRIPES)


def test_a_picture_of_3840_x_2160_is_not_too_large() -> None:
    picture = np.zeros((2160, 3840, 3), np.uint8)
    assert decode_compressed(Compressed(data=encoded('.jpg', picture))).shape == picture.shape


def test_messages_of_rclpy() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='ROS 2 is not installed')
    came = messages.CompressedImage(format='png', data=array.array('B', PNG))
    np.testing.assert_array_equal(decode_compressed(came), STRIPES)
