# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import VOID


def images(seed: int, classes: int, shape: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return labels and predictions in which some classes may be missing, and some are void."""
    rng = np.random.default_rng(seed)
    ids = rng.choice([*range(classes), VOID], classes)
    return [rng.choice([*ids, VOID], shape).astype(np.uint8) for _ in range(2)]


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6))
def test_scores_are_those_of_a_count_pixel_by_pixel(
    seed: int, classes: int, height: int, width: int
) -> None:
    labels, predicted = images(seed, classes, (height, width))
    confusion = ConfusionMatrix(classes)
    confusion.add(labels, predicted)
    pixels = [
        (truth, guess)
        for truth, guess in zip(labels.ravel().tolist(), predicted.ravel().tolist(), strict=True)
        if truth != VOID
    ]
    ious, accuracies = [], []
    for c in range(classes):
        hits = sum(pixel == (c, c) for pixel in pixels)
        union = sum(c in pixel for pixel in pixels)
        there = sum(truth == c for truth, _ in pixels)
        ious.append(hits / union if union else np.nan)
        accuracies.append(hits / there if there else np.nan)
    np.testing.assert_allclose(confusion.iou, ious)
    np.testing.assert_allclose(confusion.accuracy, accuracies)
    right = sum(truth == guess for truth, guess in pixels)
    assert confusion.global_accuracy == pytest.approx(right / max(len(pixels), 1))
    assert confusion.counts.sum() == len(pixels)
    if pixels:
        assert confusion.mean_iou == pytest.approx(np.nanmean(ious))
        assert confusion.class_average == pytest.approx(np.nanmean(accuracies))


def test_an_example_by_hand() -> None:
    confusion = ConfusionMatrix(3)
    confusion.add(np.array([0, 0, 0, 1, 1, VOID]), np.array([0, 0, 1, 1, VOID, 2]))
    assert confusion.counts.tolist() == [[2, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]]
    np.testing.assert_allclose(confusion.iou, [2 / 3, 1 / 3, np.nan])
    np.testing.assert_allclose(confusion.accuracy, [2 / 3, 1 / 2, np.nan])
    assert confusion.mean_iou == pytest.approx(1 / 2)
    assert confusion.class_average == pytest.approx(7 / 12)
    assert confusion.global_accuracy == pytest.approx(3 / 5)


@given(st.integers(0, 2**32))
def test_frames_add_up(seed: int) -> None:
    labels, predicted = images(seed, 4, (6, 5))
    whole, parts = ConfusionMatrix(4), ConfusionMatrix(4)
    whole.add(labels, predicted)
    for row, guess in zip(labels, predicted, strict=True):
        parts.add(row, guess)
    np.testing.assert_array_equal(whole.counts, parts.counts)


def test_a_pixel_predicted_as_void_is_a_miss_of_its_class_alone() -> None:
    confusion = ConfusionMatrix(2)
    confusion.add(np.array([[0, 0, 1, 1]]), np.array([[0, VOID, 1, 1]]))
    assert confusion.iou.tolist() == confusion.accuracy.tolist() == [0.5, 1.0]


def test_shapes_that_differ() -> None:
    with pytest.raises(ValueError, match=r'labels \(2, 3\) and predictions \(3, 2\) differ'):
        ConfusionMatrix(2).add(np.zeros((2, 3), int), np.zeros((3, 2), int))
