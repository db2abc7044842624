# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the encodings mean, pixel by pixel; test_images_refused.py has what is no picture."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_messages import (
    BAYER,
    HEIGHT,
    PIXEL_BYTES,
    RNG,
    WIDTH,
    Array,
    message,
    mosaic,
    random_message,
    random_samples,
)

from enet_model.arrays import Scratch
from enet_ros.images import ENCODINGS, decode


def test_the_tests_below_know_every_encoding() -> None:
    assert set(PIXEL_BYTES) == set(ENCODINGS)


@pytest.mark.parametrize(
    ('encoding', 'channels', 'rgb'),
    [
        ('rgb8', 3, [0, 1, 2]),
        ('bgr8', 3, [2, 1, 0]),
        ('8UC3', 3, [2, 1, 0]),
        ('rgba8', 4, [0, 1, 2]),
        ('bgra8', 4, [2, 1, 0]),
        ('8UC4', 4, [2, 1, 0]),
        ('mono8', 1, [0, 0, 0]),
        ('8UC1', 1, [0, 0, 0]),
    ],
)
def test_interleaved_bytes(encoding: str, channels: int, rgb: list[int]) -> None:
    samples = RNG.integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)
    np.testing.assert_array_equal(decode(message(samples, encoding)), samples[..., rgb])


@pytest.mark.parametrize('byte_order', ['<', '>'])
@pytest.mark.parametrize(
    ('encoding', 'channels', 'rgb'),
    [
        ('mono16', 1, [0, 0, 0]),
        ('rgb16', 3, [0, 1, 2]),
        ('bgr16', 3, [2, 1, 0]),
        ('rgba16', 4, [0, 1, 2]),
        ('bgra16', 4, [2, 1, 0]),
    ],
)
def test_16_bit_samples_are_scaled_and_rounded(
    encoding: str, channels: int, rgb: list[int], byte_order: str
) -> None:
    every_value = np.arange(65536).reshape(64, -1, 1)
    samples = np.concatenate([(every_value + 9999 * c) % 65536 for c in range(channels)], axis=2)
    frame = decode(message(samples.astype(f'{byte_order}u2'), encoding))
    np.testing.assert_array_equal(frame, np.rint(samples / 257)[..., rgb])


@pytest.mark.parametrize('pattern', BAYER)
@given(
    color=st.tuples(*[st.integers(0, 255)] * 3), height=st.integers(3, 9), width=st.integers(3, 9)
)
def test_bayer_keeps_a_plain_color_up_to_the_edges(
    pattern: str, color: tuple[int, int, int], height: int, width: int
) -> None:
    plain = np.full((height, width, 3), color, np.uint8)
    frame = decode(message(mosaic(plain, pattern), f'bayer_{pattern}8'))
    np.testing.assert_array_equal(frame, plain)


@pytest.mark.parametrize('pattern', BAYER)
@pytest.mark.parametrize('byte_order', ['<', '>'])
def test_bayer_of_16_bits(pattern: str, byte_order: str) -> None:
    plain = np.full((5, 7, 3), (51 * 257, 102 * 257, 204 * 257), f'{byte_order}u2')
    frame = decode(message(mosaic(plain, pattern), f'bayer_{pattern}16'))
    np.testing.assert_array_equal(frame, np.full((5, 7, 3), (51, 102, 204)))


@pytest.mark.parametrize('pattern', BAYER)
def test_bayer_colors_stay_where_they_are(pattern: str) -> None:
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:8, :8], picture[:8, 8:] = (255, 0, 0), (0, 255, 0)
    picture[8:, :8], picture[8:, 8:] = (0, 0, 255), (90, 160, 30)
    frame = decode(message(mosaic(picture, pattern), f'bayer_{pattern}8'))
    for rows in (slice(0, 6), slice(10, 16)):
        for cols in (slice(0, 6), slice(10, 16)):
            np.testing.assert_array_equal(frame[rows, cols], picture[rows, cols])


def bt601(y: Array, u: Array, v: Array) -> Array:
    """ITU-R BT.601, 8 bits, studio swing."""
    luma, cb, cr = 255 / 219 * (y - 16.0), u - 128.0, v - 128.0
    red = luma + 255 / 224 * 1.402 * cr
    green = luma - 255 / 224 * (0.344136 * cb + 0.714136 * cr)
    blue = luma + 255 / 224 * 1.772 * cb
    return np.stack([red, green, blue], axis=-1).clip(0, 255)


def yuv_planes(chroma_rows: int) -> tuple[Array, Array, Array]:
    y = RNG.integers(16, 236, (HEIGHT, WIDTH), np.uint8)
    u, v = RNG.integers(16, 241, (2, chroma_rows, WIDTH // 2), np.uint8)
    return y, u, v


@pytest.mark.parametrize('encoding', ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2'])
def test_packed_yuv_422(encoding: str) -> None:
    y, u, v = yuv_planes(HEIGHT)
    samples = np.empty((HEIGHT, WIDTH, 2), np.uint8)
    luma = 1 if encoding in ('uyvy', 'yuv422') else 0
    samples[..., luma] = y
    samples[:, 0::2, 1 - luma], samples[:, 1::2, 1 - luma] = u, v
    wanted = bt601(y, u.repeat(2, axis=1), v.repeat(2, axis=1))
    np.testing.assert_allclose(decode(message(samples, encoding)), wanted, atol=1.5)


@pytest.mark.parametrize('encoding', ['nv12', 'nv21'])
@pytest.mark.parametrize('padding', [0, 5])
def test_semi_planar_yuv_420(encoding: str, padding: int) -> None:
    y, u, v = yuv_planes(HEIGHT // 2)
    first, second = (u, v) if encoding == 'nv12' else (v, u)
    chroma = np.stack([first, second], axis=-1).reshape(HEIGHT // 2, WIDTH)
    frame = decode(message(np.vstack([y, chroma]), encoding, padding, rows=HEIGHT))
    wanted = bt601(y, *(plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (u, v)))
    np.testing.assert_allclose(frame, wanted, atol=1.5)


@pytest.mark.parametrize(
    ('yuv', 'rgb'),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((126, 128, 128), (128, 128, 128)),
        ((81, 90, 240), (254, 0, 0)),
        ((145, 54, 34), (0, 255, 1)),
        ((41, 240, 110), (0, 0, 255)),
    ],
)
def test_yuv_of_known_colors(yuv: tuple[int, int, int], rgb: tuple[int, int, int]) -> None:
    y, u, v = yuv
    samples = np.array([u, y, v, y], np.uint8).reshape(1, 2, 2)
    np.testing.assert_array_equal(decode(message(samples, 'uyvy'))[0], [rgb, rgb])


@pytest.mark.parametrize('padding', [0, 3, 27])
def test_rgb8_is_a_read_only_view(padding: int) -> None:
    samples = random_samples('rgb8')
    came = message(samples, 'rgb8', padding)
    frame = decode(came)
    assert np.shares_memory(frame, np.frombuffer(came.data, np.uint8))
    assert frame.strides == (came.step, 3, 1)
    assert not frame.flags.writeable
    np.testing.assert_array_equal(frame, samples)


@pytest.mark.parametrize(
    'container',
    [
        bytes,
        bytearray,
        memoryview,
        lambda raw: array.array('B', raw),
        lambda raw: np.frombuffer(raw, np.uint8),
        lambda raw: memoryview(b'x' + raw)[1:],  # 16-bit samples at an odd address
    ],
)
@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'mono16'])
def test_any_buffer_will_do(container: Callable[[bytes], Any], encoding: str) -> None:
    came = random_message(encoding, HEIGHT, WIDTH)
    wanted = decode(came)
    came.data = container(bytes(came.data))
    np.testing.assert_array_equal(decode(came), wanted)


@given(
    encoding=st.sampled_from(ENCODINGS),
    half_height=st.integers(2, 20),
    half_width=st.integers(2, 20),
    padding_pixels=st.integers(0, 5),
    trailing=st.integers(0, 100),
)
def test_padding_and_trailing_bytes_change_nothing(
    encoding: str, half_height: int, half_width: int, padding_pixels: int, trailing: int
) -> None:
    height, width = 2 * half_height, 2 * half_width
    samples = random_samples(encoding, height, width)
    padded = message(samples, encoding, padding_pixels * PIXEL_BYTES[encoding], rows=height)
    padded.data.frombytes(bytes(trailing))
    frame = decode(padded)
    assert frame.shape == (height, width, 3)
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, decode(message(samples, encoding, rows=height)))


@pytest.mark.parametrize('encoding', sorted(set(ENCODINGS) - {'rgb8', 'rgb16'}))
def test_a_converted_picture_is_made_in_the_memory_that_is_given(encoding: str) -> None:
    scratch = Scratch()
    for height, width in ((6, 8), (6, 8), (4, 10)):
        came = random_message(encoding, height, width, padding=PIXEL_BYTES[encoding])
        picture = decode(came, scratch)
        np.testing.assert_array_equal(picture, decode(came))
        assert np.shares_memory(picture, scratch.shaped((height, width, 3)))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_the_smallest_picture(encoding: str) -> None:
    side = 3 if encoding.startswith('bayer') else 2
    assert decode(random_message(encoding, side, side)).shape == (side, side, 3)


def test_messages_of_rclpy() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='ROS 2 is not installed')
    samples = random_samples('bgr8')
    came = messages.Image(height=HEIGHT, width=WIDTH, encoding='bgr8', step=3 * WIDTH)
    came.data = array.array('B', samples.tobytes())
    np.testing.assert_array_equal(decode(came), samples[..., ::-1])
