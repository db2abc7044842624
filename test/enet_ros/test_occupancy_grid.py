# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.label_sets import Role
from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import pose_from_body
from enet_ros.free_space import View, look
from enet_ros.ground_plane import GroundPlane
from enet_ros.occupancy_grid import occupancy_grid

ROAD, CAR, VOID = 0, 1, 255
ROLES = (Role.TRAVERSABLE, Role.OBSTACLE)
FOCAL, H, W, HORIZON = 150.0, 80, 120, 10.0
CAMERA = CameraCalibration(W, H, (FOCAL, 0, 59.5, 0, FOCAL, HORIZON, 0, 0, 1))
PLANE = GroundPlane(CAMERA, pose_from_body(0, 0, 1.0, 0, 0, 0), (H, W), max_range=5.5)
HERE = 60, 90  # the cell of (3.05, 0.05) in a grid of 12 m: in the middle of the view


def road(confidence: int = 255) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return np.full((H, W), ROAD, np.uint8), np.full((H, W), confidence, np.uint8)


def view(labels: NDArray[np.uint8], confidence: NDArray[np.uint8] | None = None) -> View:
    return look(PLANE, labels, confidence, ROLES, min_confidence=0.0)


def test_cells_are_where_the_message_says() -> None:
    labels, _ = road()
    labels[: 45 + 1] = CAR  # it stands 150 / 35.5 = 4.23 m ahead
    grid = occupancy_grid(view(labels), size=12.0)
    assert grid.data.dtype == np.int8
    assert grid.data.shape == (120, 120)
    assert grid.data.flags.c_contiguous
    assert grid.origin == pytest.approx((-6.0, -6.0))
    assert grid.resolution == 0.1
    row = grid.data[60]  # along x at y = 0.05
    assert (row[:82] == -1).all()  # behind the robot, and nearer than the picture shows: 2.16 m
    assert (row[82:101] == 0).all()
    assert row[102] == 100  # 4.2 - 4.3
    assert (row[104:] == -1).all()
    assert (grid.data[:, 90] == np.where(np.abs(np.arange(120) - 59.5) < 12, 0, -1)).all()


@settings(deadline=None)
@given(st.integers(0, 255))
def test_values_are_graded_by_confidence(confidence: int) -> None:
    labels, sure = road(confidence)
    free = occupancy_grid(view(labels, sure), size=12.0).data
    assert free[HERE] == (round(50 - 50 * confidence / 255) if confidence else -1)
    labels[: 45 + 1] = CAR
    occupied = occupancy_grid(view(labels, sure), size=12.0).data[60, 102]
    graded = round(50 + 50 * confidence / 255)
    assert occupied == (98 if graded == 99 else graded)


def test_free_cells_hold_the_mean_confidence() -> None:
    labels, sure = road()
    sure[:, ::2] = 155
    assert occupancy_grid(view(labels, sure), size=12.0).data[HERE] == pytest.approx(10, abs=3)
    assert occupancy_grid(view(labels, None), size=12.0).data[HERE] == 0


def test_a_cell_is_free_only_if_all_of_it_is() -> None:
    labels, _ = road()
    labels[59, 58] = VOID  # one pixel, (3.06, 0.03), too small to hide anything
    grid = occupancy_grid(view(labels), size=12.0)
    assert grid.data[HERE] == -1
    assert grid.data[60, 95] == 0


def test_the_surest_obstacle_of_a_cell_counts() -> None:
    labels, sure = road()
    labels[: 45 + 1] = CAR
    sure[: 45 + 1] = 51
    sure[: 45 + 1, 58] = 204
    data = occupancy_grid(view(labels, sure), size=12.0).data
    assert data[60, 102] == 90
    assert data[64, 102] == 60


poses = st.tuples(st.floats(-500.0, 500.0), st.floats(-500.0, 500.0), st.floats(-7.0, 7.0))


@settings(deadline=None)
@given(poses, st.sampled_from([3.0, 12.0, 12.1, 40.0]))
def test_the_grid_moves_by_whole_cells_and_keeps_its_size(
    pose: tuple[float, float, float], size: float
) -> None:
    labels, _ = road()
    labels[: 45 + 1, :60] = CAR
    labels[60:, :20] = VOID
    grid = occupancy_grid(view(labels), size=size, base_in_grid=pose)
    assert grid.data.shape == (round(size * 10),) * 2
    steps = np.array(grid.origin) / 0.1
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-6)
    assert np.abs(np.array(grid.origin) + size / 2 - pose[:2]).max() <= 0.0501
    # The car's cells are where the car is in the grid's frame.
    row, column = np.nonzero(grid.data == 100)
    offset = (np.stack([column, row], axis=-1) + 0.5) * 0.1 + grid.origin - pose[:2]
    yaw = pose[2]
    ahead = offset @ [np.cos(yaw), np.sin(yaw)]
    left = offset @ [-np.sin(yaw), np.cos(yaw)]
    assert (np.abs(ahead - 4.28) < 0.2).all()
    assert (left > -0.1).all()
    assert (size == 3.0) == (len(row) == 0)


def test_a_robot_at_an_angle_leaves_no_holes() -> None:
    labels, _ = road()
    for yaw in np.linspace(0.0, 1.5, 7):
        grid = occupancy_grid(view(labels), size=12.0, base_in_grid=(0.033, 0.071, yaw))
        row, column = np.indices(grid.data.shape).reshape(2, -1)
        offset = (np.stack([column, row], -1) + 0.5) * 0.1 + grid.origin - (0.033, 0.071)
        ahead = offset @ [np.cos(yaw), np.sin(yaw)]
        left = offset @ [-np.sin(yaw), np.cos(yaw)]
        inside = (ahead > 2.4) & (ahead < 4.8) & (np.abs(left) < 0.39 * ahead - 0.15)
        assert inside.sum() > 200
        assert (grid.data.reshape(-1)[inside] == 0).all()


def test_a_grid_without_cells_is_refused() -> None:
    with pytest.raises(ValueError, match='holds no cell'):
        occupancy_grid(view(road()[0]), size=0.01)
