# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_model.resizing import resize_mask
from enet_ros.masks import apply_threshold

RNG = np.random.default_rng(3)
SIDE = st.integers(1, 60)


@given(SIDE, SIDE, SIDE, SIDE)
def test_each_pixel_is_the_one_under_its_centre(
    height: int, width: int, new_height: int, new_width: int
) -> None:
    mask = RNG.integers(0, 256, (height, width), np.uint8)
    resized = resize_mask(mask, new_width, new_height)
    assert resized.dtype == np.uint8
    # Whole numbers: the centre (2 i + 1) / 2 scaled by old / new, rounded down. On a border
    # between two pixels, where rounding decides, either is right.
    rows, row_ties = np.divmod((2 * np.arange(new_height) + 1) * height, 2 * new_height)
    cols, col_ties = np.divmod((2 * np.arange(new_width) + 1) * width, 2 * new_width)
    clear = np.ix_(row_ties > 0, col_ties > 0)
    np.testing.assert_array_equal(resized[clear], mask[np.ix_(rows, cols)][clear])


@pytest.mark.parametrize('factor', [2, 3, 4])
def test_enlarging_repeats_each_pixel(factor: int) -> None:
    mask = RNG.integers(0, 256, (45, 60), np.uint8)
    np.testing.assert_array_equal(
        resize_mask(mask, 60 * factor, 45 * factor), mask.repeat(factor, 0).repeat(factor, 1)
    )


def test_a_mask_of_the_wanted_size_is_not_copied() -> None:
    mask = np.zeros((3, 4), np.uint8)
    assert resize_mask(mask, 4, 3) is mask


@pytest.mark.parametrize('threshold', [k / 255 for k in range(1, 256)])
def test_the_threshold_itself_is_sure_enough(threshold: float) -> None:
    confidence = np.arange(256, dtype=np.uint8).reshape(16, 16)
    labels = confidence % 11
    kept = apply_threshold(labels, confidence, threshold)
    np.testing.assert_array_equal(kept, np.where(confidence / 255 < threshold, 255, labels))


@given(st.floats(0, 1), st.integers(1, 20), st.integers(1, 20))
def test_only_unsure_labels_become_void(threshold: float, height: int, width: int) -> None:
    labels, confidence = RNG.integers(0, 256, (2, height, width), np.uint8)
    before = labels.copy()
    kept = apply_threshold(labels, confidence, threshold)
    np.testing.assert_array_equal(kept, np.where(confidence / 255 < threshold, 255, labels))
    np.testing.assert_array_equal(labels, before)


def test_no_threshold_costs_nothing() -> None:
    labels = np.zeros((3, 4), np.uint8)
    assert apply_threshold(labels, labels, 0.0) is labels


@pytest.mark.parametrize('threshold', [-0.1, 1.01, float('nan'), float('inf')])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    labels = np.zeros((3, 4), np.uint8)
    with pytest.raises(ValueError, match='wanted a probability, 0 - 1'):
        apply_threshold(labels, labels, threshold)


def test_labels_and_confidence_of_two_sizes() -> None:
    with pytest.raises(ValueError, match=r'\(3, 4\) and confidence \(4, 3\) differ'):
        apply_threshold(np.zeros((3, 4), np.uint8), np.zeros((4, 3), np.uint8), 0.5)
