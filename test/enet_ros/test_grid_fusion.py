# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from enet_ros.grid_fusion import GridFusion
from enet_ros.occupancy_grid import UNKNOWN, Grid


def grid(data: Any, origin: tuple[float, float] = (0.0, 0.0)) -> Grid:
    return Grid(np.array(data, np.int8), origin, 0.1)


def one(value: int) -> Grid:
    return grid([[value]])


def test_one_frame_is_kept_as_it_is() -> None:
    fused = GridFusion().add(grid([[0, 100], [-1, 75]], (0.3, -0.2)), 5.0)
    assert fused.data.tolist() == [[3, 97], [-1, 75]]
    assert fused.data.dtype == np.int8
    assert (fused.origin, fused.resolution) == ((0.3, -0.2), 0.1)


def test_what_is_not_seen_again_fades_to_unknown() -> None:
    fusion = GridFusion(half_life=2.0)
    values = [fusion.add(one(0 if second == 0 else -1), second).data[0, 0] for second in range(9)]
    assert values[0] == 3
    assert values[2] == round(100 / (1 + np.sqrt(0.97 / 0.03)))  # half the log odds
    assert values[:7] == sorted(values[:7])
    assert values[7:] == [UNKNOWN, UNKNOWN]
    assert max(values) < 50


def test_an_obstacle_comes_at_once_and_goes_when_seen_free() -> None:
    fusion = GridFusion(half_life=10.0)
    for frame in range(20):
        fusion.add(one(0), frame * 0.1)
    assert fusion.add(one(90), 2.0).data[0, 0] == 90
    first = fusion.add(one(0), 2.1).data[0, 0]
    assert first < 40
    assert fusion.add(one(0), 2.2).data[0, 0] < 10


def test_several_unsure_frames_make_a_sure_one() -> None:
    fusion = GridFusion(half_life=100.0)
    values = [fusion.add(one(70), frame * 0.1).data[0, 0] for frame in range(8)]
    assert values[0] == 70
    assert values == sorted(values)
    assert values[-1] == 97


@pytest.mark.parametrize('shift', [(0, 0), (1, 0), (0, -2), (-1, 2), (5, 5), (300, -4)])
def test_cells_stay_where_they_are_in_the_world(shift: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    first = rng.choice(np.array([0, 100, -1], np.int8), (4, 4))
    fusion = GridFusion()
    fusion.add(grid(first, (-0.2, 0.4)), 1.0)
    columns, rows = shift
    origin = -0.2 + columns * 0.1, 0.4 + rows * 0.1
    second = fusion.add(grid(np.full((4, 4), -1), origin), 1.0).data
    for row in range(4):
        for column in range(4):
            before = row + rows, column + columns
            inside = 0 <= before[0] < 4 and 0 <= before[1] < 4
            expected = {0: 3, 100: 97, -1: -1}[int(first[before])] if inside else -1
            assert second[row, column] == expected


@pytest.mark.parametrize(
    'other',
    [(grid([[-1]]), 0.5), (Grid(np.full((1, 1), -1, np.int8), (0.0, 0.0), 0.2), 2.0)],
    ids=['a clock that jumps back', 'other cells'],
)
def test_what_does_not_follow_begins_anew(other: tuple[Grid, float]) -> None:
    fusion = GridFusion()
    fusion.add(one(0), 1.0)
    assert fusion.add(*other).data[0, 0] == UNKNOWN


def test_a_reset_forgets() -> None:
    fusion = GridFusion()
    fusion.add(one(0), 1.0)
    fusion.reset()
    assert fusion.add(one(-1), 1.0).data[0, 0] == UNKNOWN


frames = st.lists(
    hnp.arrays(np.int8, (3, 3), elements=st.sampled_from([-1, -1, 0, 20, 49, 51, 80, 98, 100])),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(frames, st.floats(0.0, 3.0))
def test_only_what_was_seen_free_is_free(pictures: list[np.ndarray], step: float) -> None:
    fusion = GridFusion()
    seen_free = np.zeros((3, 3), bool)
    for index, picture in enumerate(pictures):
        fused = fusion.add(grid(picture), index * step).data
        seen_free |= (picture >= 0) & (picture < 50)
        free = (fused >= 0) & (fused < 50)
        assert not (free & ~seen_free).any()
        assert not (free & (picture > 50)).any()
        assert ((fused == UNKNOWN) | ((fused >= 3) & (fused <= 97))).all()


@pytest.mark.parametrize('half_life', [0.0, -1.0, np.nan, np.inf])
def test_a_half_life_that_makes_no_sense_is_refused(half_life: float) -> None:
    with pytest.raises(ValueError, match='half_life is'):
        GridFusion(half_life=half_life)
