# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

import numpy as np
import pytest

from enet_model.arrays import Scratch, check_out


def test_scratch_is_the_same_memory_as_long_as_the_shape_stays() -> None:
    scratch = Scratch()
    first = scratch.shaped((2, 3))
    first[:] = 7
    assert scratch.shaped((2, 3)) is first
    other = scratch.shaped((3, 2, 3))
    assert other.shape == (3, 2, 3)
    assert other.dtype == np.uint8
    assert other.flags.carray
    assert (first == 7).all(), 'whoever still holds the old one keeps it'


@pytest.mark.parametrize(
    'out',
    [
        np.zeros((3, 2), np.uint8),
        np.zeros((2, 3), np.int8),
        np.zeros((2, 6), np.uint8)[:, ::2],
        np.broadcast_to(np.uint8(0), (2, 3)),
    ],
)
def test_what_opencv_cannot_fill_is_refused(out: Any) -> None:
    with pytest.raises(ValueError, match=r'wanted a writable C-contiguous uint8 array of \(2, 3\)'):
        check_out(out, (2, 3))


def test_what_opencv_can_fill_is_taken() -> None:
    check_out(np.zeros((2, 3), np.uint8), (2, 3))
