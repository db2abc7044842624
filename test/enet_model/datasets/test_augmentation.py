# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.datasets.augmentation import Augmentation, mix_classes
from enet_model.label_sets import VOID

AUGMENTATION = Augmentation()
DARK = replace(AUGMENTATION, light=0.0, brightness=0.0, color=0.0)
STILL = replace(DARK, scale=(1.0, 1.0), aspect=0.0, rotation=0.0)
SEEDS = st.integers(0, 2**32)


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def stripes(height: int, width: int, upright: bool) -> NDArray[np.uint8]:
    """Return labels 0 and 1 in stripes of irregular width."""
    rng = generator(2)
    line = np.repeat(np.arange(99, dtype=np.uint8) % 2, rng.integers(5, 12, 99))
    return np.tile(line[:width], (height, 1)) if upright else np.tile(line[:height], (width, 1)).T


@given(SEEDS, st.booleans(), st.sampled_from([(48, 64), (90, 40), (120, 160)]))
def test_labels_and_picture_stay_aligned(seed: int, upright: bool, size: tuple[int, int]) -> None:
    """The labels are drawn as the picture: where the picture is no blend, both say the same."""
    labels = stripes(72, 96, upright)
    frame = cv2.merge([np.where(labels == 1, 200, 50).astype(np.uint8)] * 3)
    frame, labels = DARK(frame, labels, size, generator(seed))
    assert frame.shape == (*size, 3)
    assert labels.shape == size
    # The picture blends two stripes, or a stripe and the outside, within a pixel of their border.
    inside, outside = (
        cv2.erode(region.astype(np.uint8), np.ones((5, 5)), borderValue=0) > 0
        for region in (labels != VOID, labels == VOID)
    )
    assert set(np.unique(labels)) <= {0, 1, VOID}
    assert (frame[outside] == 0).all()
    shown = frame[inside][:, 0].astype(int) - 125
    clear = np.abs(shown) > 15
    np.testing.assert_array_equal(shown[clear] > 0, labels[inside][clear] == 1)


@given(SEEDS)
def test_the_same_generator_gives_the_same_sample(seed: int) -> None:
    frame = generator(1).integers(0, 256, (48, 64, 3), np.uint8)
    labels = generator(2).integers(0, 11, (48, 64), np.uint8)
    first, again, other = (
        AUGMENTATION(frame, labels, (32, 40), generator(number))
        for number in (seed, seed, seed + 1)
    )
    for one, same, another in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one, same)
        assert (one != another).any()


def test_frame_and_labels_are_left_alone() -> None:
    frame = np.full((48, 64, 3), 90, np.uint8)
    labels = np.full((48, 64), 3, np.uint8)
    frame.flags.writeable = labels.flags.writeable = False
    AUGMENTATION(frame, labels, (32, 40), generator(0))


def test_without_changes_a_whole_frame_is_itself_or_its_mirror_image() -> None:
    frame = generator(1).integers(0, 256, (48, 64, 3), np.uint8)
    labels = generator(2).integers(0, 11, (48, 64), np.uint8)
    mirrored = 0
    for seed in range(40):
        drawn, drawn_labels = STILL(frame, labels, (48, 64), generator(seed))
        step = 1 if (drawn_labels == labels).all() else -1
        mirrored += step == -1
        np.testing.assert_array_equal(drawn_labels, labels[:, ::step])
        np.testing.assert_allclose(drawn, frame[:, ::step], atol=1)
    assert 10 <= mirrored <= 30


@pytest.mark.parametrize('zoom', [0.5, 1.0, 2.0])
def test_the_zoom_is_that_of_the_range(zoom: float) -> None:
    labels = np.zeros((60, 80), np.uint8)
    labels[20:40, 30:50] = 1
    zooming = replace(AUGMENTATION, scale=(zoom, zoom))
    for seed in range(10):
        drawn = zooming(cv2.merge([labels] * 3), labels, (200, 240), generator(seed))[1]
        assert (drawn == 1).sum() == pytest.approx(400 * zoom**2, rel=0.1)
        assert (drawn != VOID).sum() == pytest.approx(4800 * zoom**2, rel=0.1)


@given(SEEDS)
def test_a_crop_of_a_larger_frame_is_full(seed: int) -> None:
    labels = np.full((60, 80), 4, np.uint8)
    zooming = replace(AUGMENTATION, scale=(2.0, 3.0), rotation=0.0)
    drawn = zooming(cv2.merge([labels] * 3), labels, (40, 40), generator(seed))[1]
    assert (drawn == 4).all()


def test_a_crop_comes_from_anywhere() -> None:
    labels = np.arange(240, dtype=np.uint8).reshape(12, 20)
    seen = {
        label
        for seed in range(200)
        for label in np.unique(STILL(cv2.merge([labels] * 3), labels, (4, 4), generator(seed))[1])
    }
    assert {label // 20 for label in seen} == set(range(12))
    assert {label % 20 for label in seen} == set(range(20))


def test_light_changes_the_picture_alone() -> None:
    frame = generator(1).integers(40, 216, (48, 64, 3), np.uint8)
    labels = generator(2).integers(0, 11, (48, 64), np.uint8)
    bright = replace(STILL, light=0.35, brightness=0.1, color=0.08)
    means = []
    for seed in range(20):
        still = STILL(frame, labels, (48, 64), generator(seed))
        lit = bright(frame, labels, (48, 64), generator(seed))
        np.testing.assert_array_equal(lit[1], still[1])
        means.append(lit[0].mean() - still[0].mean())
    assert min(means) < -10
    assert max(means) > 10


@given(SEEDS, st.integers(0, 12))
def test_half_of_the_classes_are_laid_over_a_sample(seed: int, most: int) -> None:
    """Each pixel is wholly of one of both samples; of the other all of a class, or nothing."""
    draw = generator(seed)
    other = draw.integers(0, most + 1, (12, 16)).astype(np.uint8)
    other[other == 12] = VOID
    under = np.full((12, 16), 200, np.uint8)
    frame, over = np.zeros((12, 16, 3), np.uint8), np.full((12, 16, 3), 9, np.uint8)
    labels = under.copy()
    mix_classes(frame, labels, (over, other), draw)
    laid = labels != 200
    np.testing.assert_array_equal(labels[laid], other[laid])
    np.testing.assert_array_equal(frame, np.where(laid[..., None], over, 0))
    chosen, present = set(np.unique(labels[laid])), set(np.unique(other)) - {VOID}
    assert chosen <= present
    assert len(chosen) == (len(present) + 1) // 2
    np.testing.assert_array_equal(laid, np.isin(other, list(chosen)))


def test_a_sample_without_labels_is_laid_over_nothing() -> None:
    frame, labels = np.zeros((4, 5, 3), np.uint8), np.ones((4, 5), np.uint8)
    over = np.full((4, 5, 3), 9, np.uint8), np.full((4, 5), VOID, np.uint8)
    mix_classes(frame, labels, over, generator(1))
    assert not frame.any()
    assert (labels == 1).all()
