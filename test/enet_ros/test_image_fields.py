# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from enet_ros import image_fields
from enet_ros.image_fields import MAX_PIXELS, ImageError


def test_an_image_error_is_a_value_error_with_a_reason() -> None:
    error = ImageError('step', 'step 0, wanted 24')
    assert isinstance(error, ValueError)
    assert error.reason == 'step'
    assert str(error) == 'step 0, wanted 24'


@pytest.mark.parametrize('value', [0, 7, True, 2**32 - 1, np.uint32(7), np.int64(9)])
def test_whole_numbers(value: Any) -> None:
    number = image_fields.whole_number(value, 'width', 'size')
    assert number == value
    assert type(number) in (int, bool)


@pytest.mark.parametrize('value', [-1, 2**32, 2**64, 1.0, float('nan'), '7', None, [7]])
def test_what_is_no_uint32(value: Any) -> None:
    with pytest.raises(ImageError, match='width') as caught:
        image_fields.whole_number(value, 'width', 'size')
    assert caught.value.reason == 'size'


def test_a_number_too_long_to_be_printed() -> None:
    with pytest.raises(ImageError, match='outside the range of a uint32'):
        image_fields.whole_number(10**5000, 'width', 'size')


def test_text() -> None:
    assert image_fields.text('rgb8', 'encoding') == 'rgb8'
    with pytest.raises(ImageError, match='encoding is a bytes, wanted a string') as caught:
        image_fields.text(b'rgb8', 'encoding')
    assert caught.value.reason == 'encoding'


def test_a_buffer_shares_the_memory_of_the_data() -> None:
    data = bytearray(b'abc')
    flat = image_fields.buffer(data)
    data[1] = 0
    assert flat.tolist() == [97, 0, 99]


@pytest.mark.parametrize('data', [None, 3, 'abc', [1, 2], np.zeros((4, 4), np.uint8)[:, 1]])
def test_what_has_no_buffer(data: Any) -> None:
    with pytest.raises(ImageError, match='wanted a contiguous buffer of bytes') as caught:
        image_fields.buffer(data)
    assert caught.value.reason == 'data'


@pytest.mark.parametrize(('width', 'height'), [(1, 1), (8000, 8000), (1, MAX_PIXELS)])
def test_sizes(width: int, height: int) -> None:
    image_fields.check_size('rgb8', width, height)


@pytest.mark.parametrize(('width', 'height'), [(0, 1), (1, 0), (8001, 8000), (65535, 65535)])
def test_what_is_no_size(width: int, height: int) -> None:
    with pytest.raises(ImageError, match=f"'rgb8' picture of {width} x {height}") as caught:
        image_fields.check_size('rgb8', width, height)
    assert caught.value.reason == 'size'


@pytest.mark.parametrize(
    ('name', 'shown'),
    [
        ('rgb8', "'rgb8'"),
        ('ümläut\n', "'\\xfcml\\xe4ut\\n'"),
        ('\ud800', "'\\ud800'"),
        ('x' * 41, f"'{'x' * 40}...'"),
    ],
)
def test_quoted_names_can_be_printed(name: str, shown: str) -> None:
    assert image_fields.quoted(name) == shown
