# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enet_model.datasets.annotated_frames import AnnotatedFrames, read_frame
from enet_model.evaluation.worst_frames import WorstFrames
from enet_model.label_sets import CAMVID, VOID

FRAME = np.full((20, 40, 3), 90, np.uint8)


def frames(count: int) -> AnnotatedFrames:
    """Return frames of which only the names are looked at."""
    return AnnotatedFrames(CAMVID, tuple((Path(f'{i}.png'), None) for i in range(count)))  # type: ignore[misc]


def show(worst: WorstFrames, index: int, right: int) -> None:
    """Show a frame of 40 columns of sky, of which ``right`` are found."""
    labels, predicted = np.zeros((2, 20, 40), np.uint8)
    predicted[:, right:] = CAMVID.id_of('road')
    worst(index, FRAME, labels, predicted)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True), st.integers(1, 5))
def test_the_worst_are_kept_and_the_very_worst_is_first(right: list[int], count: int) -> None:
    worst = WorstFrames(frames(len(right)), count)
    for index, columns in enumerate(right):
        show(worst, index, columns)
    # All are right, or a second class is in the mean with an IoU of 0.
    assert worst.indices == sorted(range(len(right)), key=right.__getitem__)[:count]


def test_frames_without_a_label_have_no_score() -> None:
    worst = WorstFrames(frames(2), 2)
    worst(0, FRAME, np.full((20, 40), VOID, np.uint8), np.zeros((20, 40), np.uint8))
    show(worst, 1, 40)
    assert worst.indices == [1]


def test_the_sheet_shows_frame_truth_and_prediction(tmp_path: Path) -> None:
    worst = WorstFrames(frames(2), 2)
    show(worst, 0, 20)
    show(worst, 1, 0)
    worst.write(tmp_path / 'worst.png')
    sheet = read_frame(tmp_path / 'worst.png').astype(float)
    sky, road = (0.7 * np.array(CAMVID.classes[i].color) + 0.3 * FRAME[0, 0] for i in (0, 3))
    # Panels are 400 x 200: two frames; sky in both truths and half a prediction; road in the rest.
    for color, panels in ((FRAME[0, 0], 2.0), (sky, 2.5), (road, 1.5)):
        area = (np.abs(sheet - color).max(axis=2) <= 1.0).sum()
        assert area == pytest.approx(400 * 200 * panels, rel=0.01)
