# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.resizing import resize_mask
from enet_ros.occupancy import measure

RNG = np.random.default_rng(5)
VOID = 255


def test_a_picture_that_can_be_counted_by_hand() -> None:
    labels = np.array([[0, 0, 2, 2], [0, 255, 2, 2], [1, 1, 255, 255]], np.uint8)
    confidence = np.array([[255, 51, 102, 102], [0, 9, 102, 102], [204, 255, 9, 9]], np.uint8)
    found = measure(labels, confidence, class_count=4, rows=1, cols=2)
    np.testing.assert_allclose(found.image_fraction, [3 / 12, 2 / 12, 4 / 12, 0])
    np.testing.assert_allclose(found.mean_confidence, [0.4, 0.9, 0.4, 0], rtol=1e-6)
    cells = np.array([[3, 0], [2, 0], [0, 4], [0, 0]]) / 6
    np.testing.assert_allclose(found.cell_fraction[:, 0], cells, rtol=1e-6)
    assert found.unlabeled_fraction == 3 / 12


def test_cells_that_do_not_divide_the_picture() -> None:
    labels = np.arange(5, dtype=np.uint8).repeat(7).reshape(5, 7)  # row i is class i
    found = measure(labels, labels, class_count=5, rows=2, cols=3)
    # Rows 0 - 1 are the upper cells, 2 - 4 the lower ones.
    upper, lower = [1 / 2, 1 / 2, 0, 0, 0], [0, 0, 1 / 3, 1 / 3, 1 / 3]
    for col in range(3):
        np.testing.assert_allclose(found.cell_fraction[:, 0, col], upper)
        np.testing.assert_allclose(found.cell_fraction[:, 1, col], lower)


@st.composite
def cases(draw: st.DrawFn) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int, int, int]:
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    class_count = draw(st.sampled_from([1, 2, 3, 11, 19, 37, 254, 255]))
    rows, cols = draw(st.integers(1, min(9, height))), draw(st.integers(1, min(9, width)))
    confidence = RNG.integers(0, 256, (height, width), np.uint8)
    ids = [*range(class_count)] + [VOID] * draw(st.integers(0, class_count))
    labels = RNG.choice(np.array(ids, np.uint8), (height, width))
    return labels, confidence, class_count, rows, cols


@settings(deadline=None)
@given(cases())
def test_against_counting_one_by_one(case: Any) -> None:
    labels, confidence, class_count, rows, cols = case
    found = measure(*case)
    assert found.image_fraction.dtype == found.mean_confidence.dtype == np.float32
    assert found.cell_fraction.dtype == np.float32
    assert found.cell_fraction.shape == (class_count, rows, cols)
    here = labels == np.arange(class_count)[:, None, None]
    count = here.sum(axis=(1, 2))
    sure = (here * confidence.astype(float)).sum(axis=(1, 2)) / np.maximum(count, 1) / 255
    np.testing.assert_allclose(found.image_fraction, count / labels.size, rtol=1e-6)
    np.testing.assert_allclose(found.mean_confidence, sure, rtol=1e-6)
    for row, band in enumerate(np.split(here, edges(labels.shape[0], rows), axis=1)):
        for col, cell in enumerate(np.split(band, edges(labels.shape[1], cols), axis=2)):
            wanted = cell.mean(axis=(1, 2))
            np.testing.assert_allclose(found.cell_fraction[:, row, col], wanted, rtol=1e-6)


def edges(length: int, parts: int) -> list[int]:
    """Return the inner borders of ``parts`` parts that differ by one at most, the longer later."""
    return [length * part // parts for part in range(1, parts)]


@settings(deadline=None)
@given(cases())
def test_shares_add_up_to_1(case: Any) -> None:
    labels, _, _, rows, cols = case
    found = measure(*case)
    assert found.image_fraction.sum() + found.unlabeled_fraction == pytest.approx(1, abs=1e-5)
    void = measure(np.where(labels == VOID, 0, 1).astype(np.uint8), labels, 2, rows, cols)
    np.testing.assert_allclose(found.cell_fraction.sum(axis=0), void.cell_fraction[1], atol=1e-5)
    # The cells tile the picture: weighted by their pixels they give the picture's shares.
    height, width = labels.shape
    pixels = np.outer(
        np.diff([0, *edges(height, rows), height]), np.diff([0, *edges(width, cols), width])
    )
    assert pixels.sum() == labels.size
    np.testing.assert_allclose(
        (found.cell_fraction * pixels).sum(axis=(1, 2)) / labels.size,
        found.image_fraction,
        atol=1e-5,
    )


@given(cases(), st.integers(1, 90), st.integers(1, 90))
def test_a_mask_counts_for_its_picture_of_another_size(case: Any, height: int, width: int) -> None:
    labels, confidence, class_count, rows, cols = case
    rows, cols = min(rows, height), min(cols, width)
    found = measure(labels, confidence, class_count, rows, cols, (height, width))
    resized = (resize_mask(mask, width, height) for mask in (labels, confidence))
    wanted = measure(next(resized), next(resized), class_count, rows, cols)
    np.testing.assert_array_equal(found.image_fraction, wanted.image_fraction)
    np.testing.assert_array_equal(found.mean_confidence, wanted.mean_confidence)
    np.testing.assert_array_equal(found.cell_fraction, wanted.cell_fraction)
    assert found.unlabeled_fraction == wanted.unlabeled_fraction


def test_more_cells_than_a_byte_can_number() -> None:
    labels = RNG.integers(0, 3, (40, 60), np.uint8)
    found = measure(labels, labels, 3, 20, 30, (80, 120))
    blocks = labels.reshape(20, 2, 30, 2)
    for class_id in range(3):
        wanted = (blocks == class_id).mean(axis=(1, 3))
        np.testing.assert_allclose(found.cell_fraction[class_id], wanted, rtol=1e-6)


def test_a_picture_without_a_label() -> None:
    found = measure(np.full((4, 4), VOID, np.uint8), np.zeros((4, 4), np.uint8), 3, 2, 2)
    assert found.unlabeled_fraction == 1
    for shares in (found.image_fraction, found.mean_confidence, found.cell_fraction):
        assert not shares.any()


def test_masks_that_are_views() -> None:
    labels = RNG.integers(0, 3, (20, 30), np.uint8)
    of_view = measure(labels[::2, ::3], labels[::2, ::3], 3, 2, 2)
    of_copy = measure(labels[::2, ::3].copy(), labels[::2, ::3].copy(), 3, 2, 2)
    np.testing.assert_array_equal(of_view.cell_fraction, of_copy.cell_fraction)


def test_the_result_is_frozen() -> None:
    found = measure(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), 1, 1, 1)
    with pytest.raises(FrozenInstanceError):
        found.unlabeled_fraction = 0.5  # type: ignore[misc]


@pytest.mark.parametrize('foreign', [3, 100, 254])
def test_an_id_of_no_class_is_an_error(foreign: int) -> None:
    labels = np.zeros((4, 5), np.uint8)
    labels[2, 3] = foreign
    with pytest.raises(ValueError, match=rf'hold the ids \[{foreign}\], wanted 0 - 2 or 255'):
        measure(labels, labels, 3, 2, 2)


MASK = np.zeros((4, 5), np.uint8)


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        ({'labels': MASK.astype(np.int64)}, 'labels are int64'),
        ({'labels': MASK[0]}, r'labels are uint8 \(5,\)'),
        ({'confidence': MASK.astype(np.float32)}, 'confidence are float32'),
        ({'confidence': MASK.T}, r'confidence are uint8 \(5, 4\)'),
        ({'class_count': 0}, 'class_count is 0'),
        ({'class_count': 256}, 'class_count is 256'),
        ({'rows': 5}, '5 x 2 cells on a picture of 4 x 5'),
        ({'cols': 6}, '2 x 6 cells'),
        ({'rows': 0}, '0 x 2 cells'),
        ({'cols': -1}, '2 x -1 cells'),
        ({'labels': MASK[:0], 'confidence': MASK[:0]}, '0 x 5 pixels'),
    ],
)
def test_what_cannot_be_measured(changes: dict[str, Any], text: str) -> None:
    arguments = {'labels': MASK, 'confidence': MASK, 'class_count': 3, 'rows': 2, 'cols': 2}
    with pytest.raises(ValueError, match=text):
        measure(**{**arguments, **changes})
