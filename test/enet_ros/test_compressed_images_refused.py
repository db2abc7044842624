# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is no compressed picture: cut, changed, forged, or larger than it may be."""

from __future__ import annotations

import struct
from typing import Any
from unittest import mock

import cv2
import numpy as np
import pytest
from compressed_messages import JPEG, PNG, STRIPES, Compressed, chunk, png, with_segment
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import check_refusal, refusal_by

from enet_ros import image_fields
from enet_ros.compressed_images import MAX_DECODED_BYTES, MAX_SCANS, decode_compressed
from enet_ros.image_fields import ImageError


def refusal(came: Any) -> ImageError:
    return refusal_by(decode_compressed, came)


@pytest.mark.parametrize(
    ('whole', 'signature'),
    [(JPEG, 2), (with_segment(0xE1, JPEG), 2), (PNG, 8)],
    ids=['jpeg', 'jpeg with a thumbnail', 'png'],
)
def test_every_cut_is_refused(whole: bytes, signature: int) -> None:
    assert decode_compressed(Compressed(data=whole)).shape == STRIPES.shape
    assert refusal(Compressed(data=b'')).reason == 'data'
    for length in range(1, len(whole)):
        wanted = 'encoding' if length < signature else 'compressed'
        assert refusal(Compressed(data=whole[:length])).reason == wanted


def test_a_changed_byte_in_a_png_is_noticed() -> None:
    wanted = decode_compressed(Compressed(data=PNG))
    refused = 0
    for at in range(len(PNG)):
        changed = bytearray(PNG)
        changed[at] ^= 0x10
        try:
            np.testing.assert_array_equal(decode_compressed(Compressed(data=changed)), wanted)
        except ImageError:
            refused += 1
    assert refused > len(PNG) // 2


def jpeg_of_size(width: int, height: int) -> bytes:
    at = JPEG.index(b'\xff\xc0') + 5
    return JPEG[:at] + struct.pack('>HH', height, width) + JPEG[at + 4 :]


@pytest.mark.parametrize(
    'bomb',
    [
        png(65535, 65535, 8, 2, b''),
        png(2**31 - 1, 1, 1, 0, b''),
        png(0, 5, 8, 0, b''),
        png(8001, 8000, 8, 0, b''),
        jpeg_of_size(65535, 65535),
        jpeg_of_size(48, 0),
    ],
)
def test_the_size_is_checked_before_decoding(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = mock.Mock()
    monkeypatch.setattr(cv2, 'imdecode', decoder)
    error = refusal(Compressed(data=bomb))
    assert error.reason == 'size'
    assert 'wanted 1 to 64000000 pixels' in str(error)
    decoder.assert_not_called()


def progressive_of_size(width: int, height: int) -> bytes:
    return jpeg_of_size(width, height).replace(b'\xff\xc0', b'\xff\xc2')


def scans_of_one_component(width: int, height: int) -> bytes:
    scan = b'\xff\xda\0\x08\1\1\0\0\x3f\0'
    whole = jpeg_of_size(width, height)
    return whole[: whole.index(b'\xff\xda')] + scan + JPEG[-2:]


@pytest.mark.parametrize(
    ('bomb', 'needed'),
    [
        (png(3841, 2200, 8, 2, b''), 48),
        (png(7000, 7000, 8, 0, b''), 186),
        (png(4000, 4000, 16, 6, b''), 167),
        (png(3000, 3000, 8, 3, b''), 60),
        (jpeg_of_size(4096, 3072), 72),
        (progressive_of_size(3840, 2160), 94),
        (scans_of_one_component(3840, 2160), 94),
    ],
)
def test_the_memory_is_checked_before_decoding(
    bomb: bytes, needed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = mock.Mock()
    monkeypatch.setattr(cv2, 'imdecode', decoder)
    error = refusal(Compressed(data=bomb))
    assert error.reason == 'size'
    assert f'takes {needed} MiB, wanted 48 at most' in str(error)
    decoder.assert_not_called()


def test_a_message_longer_than_any_picture_is_refused() -> None:
    error = refusal(Compressed(data=bytes(MAX_DECODED_BYTES + 1)))
    assert error.reason == 'size'


def png_of_long_chunk(name: bytes, length: int) -> bytes:
    """Return a PNG with a chunk before the pixels that states more than the file holds."""
    return PNG[:33] + struct.pack('>I', length) + name + PNG[41:]


@pytest.mark.parametrize('name', [b'IDAT', b'PLTE', b'tEXt', b'IEND', b'junk'])
@pytest.mark.parametrize('length', [len(PNG), 2**30, 2**32 - 1])
def test_a_chunk_longer_than_its_png_is_refused_before_decoding(
    name: bytes, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = mock.Mock()
    monkeypatch.setattr(cv2, 'imdecode', decoder)
    error = refusal(Compressed('png', png_of_long_chunk(name, length)))
    assert error.reason == 'compressed'
    assert f'with a chunk that ends at byte {33 + 12 + length}' in str(error)
    decoder.assert_not_called()


def test_chunks_behind_an_early_end_are_checked_too() -> None:
    ended = PNG[:33] + chunk(b'IEND') + struct.pack('>I', 2**30) + b'IDAT' + bytes(50)
    assert 'with a chunk that ends at byte' in str(refusal(Compressed('png', ended)))


def test_scans_without_end_are_refused() -> None:
    scan = JPEG[JPEG.index(b'\xff\xda') : -2]
    error = refusal(Compressed(data=JPEG[:-2] + scan * MAX_SCANS + JPEG[-2:]))
    assert error.reason == 'compressed'
    assert '65 scans, more than 64' in str(error)


@pytest.mark.parametrize(
    ('stated', 'data', 'reason', 'text'),
    [
        ('16UC1; compressedDepth png', PNG, 'encoding', 'depth map'),
        ('32FC1; compressedDepth', b'', 'encoding', 'depth map'),
        ('tiff', b'II*\0\x08\0\0\0', 'encoding', 'wanted JPEG or PNG'),
        ('h264', b'\0\0\0\1\x67', 'encoding', "'h264'"),
        ('jpeg', b'', 'data', '0 bytes'),
        ('jpeg', None, 'data', 'NoneType'),
        (None, JPEG, 'encoding', 'format is a NoneType'),
        ('jpeg', b'\xff\xd8\xff\xd9', 'compressed', 'header ends'),
        (
            'jpeg',
            JPEG.replace(b'\xff\xc0', b'\xff\xe0', 1),
            'compressed',
            'before its frame header',
        ),
        ('jpeg', JPEG[:-2], 'compressed', 'end marker'),
        ('jpeg', JPEG[:2] + b'\xff\xe0\0\2' * 2000 + JPEG[2:], 'compressed', 'header ends'),
        ('png', PNG[:12] + b'IDAT' + PNG[16:], 'compressed', 'without a header'),
        ('png', PNG[:33] + chunk(b'junk') * 2000 + PNG[33:], 'compressed', '1000 chunks'),
        (
            'png',
            PNG[:33] + chunk(b'acTL', struct.pack('>II', 2, 0)) + PNG[33:],
            'compressed',
            'animated',
        ),
        ('png', png(4, 4, 8, 2, bytes(20)), 'compressed', 'cannot decode the 4 x 4'),
        ('bayer_rggb8; png compressed ', png(2, 2, 8, 0, bytes(6)), 'size', 'at least 3'),
    ],
)
def test_what_is_no_compressed_picture_is_refused(
    stated: Any, data: Any, reason: str, text: str
) -> None:
    error = refusal(Compressed(stated, data))
    assert error.reason == reason
    assert text in str(error)


def test_an_error_of_the_decoder_is_an_image_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, 'imdecode', mock.Mock(side_effect=cv2.error('out of memory')))
    error = refusal(Compressed(data=JPEG))
    assert error.reason == 'compressed'
    assert 'out of memory' in str(error)


ANYTHING = st.one_of(
    st.none(), st.integers(), st.text(), st.binary(), st.lists(st.integers()), st.just(np.zeros(3))
)
SURROGATES = st.text(st.characters(categories=['Cs', 'Cc', 'Co']), max_size=60)


@given(st.one_of(SURROGATES, ANYTHING), st.one_of(ANYTHING, st.binary().map(JPEG[:2].__add__)))
def test_any_compressed_fields_give_a_frame_or_an_image_error(stated: Any, data: Any) -> None:
    check_frame_or_refusal(Compressed(stated, data))


@settings(deadline=None)
@given(
    st.sampled_from([JPEG, PNG]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=20),
)
def test_damaged_files_give_a_frame_or_an_image_error(
    whole: bytes, damage: list[tuple[int, int]]
) -> None:
    damaged = bytearray(whole)
    for at, value in damage:
        damaged[at % len(damaged)] = value
    with mock.patch.object(image_fields, 'MAX_PIXELS', 10_000):  # not to fill pages of grey
        check_frame_or_refusal(Compressed(data=damaged))


def check_frame_or_refusal(came: Compressed) -> None:
    try:
        frame = decode_compressed(came)
    except ImageError as error:
        refused = error
    else:
        assert frame.dtype == np.uint8
        assert frame.ndim == 3
        assert frame.shape[2] == 3
        return
    check_refusal(refused)


def test_an_empty_message_of_rclpy_is_refused() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='ROS 2 is not installed')
    assert refusal(messages.CompressedImage()).reason == 'data'
