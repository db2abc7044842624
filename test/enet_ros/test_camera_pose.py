# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enet_ros.camera_pose import check_pose, planar, pose_from_body, pose_from_transform

QUARTER = np.pi / 2


def test_a_level_camera_looks_along_x() -> None:
    pose = pose_from_body(1.0, 2.0, 3.0, 0.0, 0.0, 0.0)
    np.testing.assert_allclose(pose @ [0, 0, 5, 1], [6, 2, 3, 1])  # 5 m ahead
    np.testing.assert_allclose(pose @ [5, 0, 0, 1], [1, -3, 3, 1])  # 5 m to the right
    np.testing.assert_allclose(pose @ [0, 5, 0, 1], [1, 2, -2, 1])  # 5 m below


def test_the_signs_of_the_angles() -> None:
    ahead, right = [0, 0, 1, 1], [1, 0, 0, 1]
    down = pose_from_body(0, 0, 0, 0, QUARTER, 0) @ ahead
    left = pose_from_body(0, 0, 0, 0, 0, QUARTER) @ ahead
    rolled = pose_from_body(0, 0, 0, QUARTER, 0, 0) @ right
    np.testing.assert_allclose(down, [0, 0, -1, 1], atol=1e-12)
    np.testing.assert_allclose(left, [0, 1, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rolled, [0, 0, -1, 1], atol=1e-12)


angles = st.floats(-3.0, 3.0)


@settings(deadline=None)
@given(angles, angles, angles)
def test_angles_turn_about_fixed_axes_in_order(roll: float, pitch: float, yaw: float) -> None:
    turn = np.eye(3)
    for axis, angle in zip(np.eye(3), (roll, pitch, yaw), strict=True):
        turn = np.asarray(cv2.Rodrigues(axis * angle)[0]) @ turn
    pose = pose_from_body(0, 0, 1, roll, pitch, yaw)
    level = pose_from_body(0, 0, 1, 0, 0, 0)
    np.testing.assert_allclose(pose[:3, :3], turn @ level[:3, :3], atol=1e-12)
    np.testing.assert_allclose(check_pose(pose), pose)


@settings(deadline=None)
@given(angles, angles, angles)
def test_a_quaternion_is_its_rotation_vector(x: float, y: float, z: float) -> None:
    vector = np.array([x, y, z])
    angle = np.linalg.norm(vector)
    part = vector * (np.sin(angle / 2) / angle if angle else 0.5)
    pose = pose_from_transform((4, 5, 6), (*part, np.cos(angle / 2)))
    np.testing.assert_allclose(pose[:3, :3], cv2.Rodrigues(vector)[0], atol=1e-9)
    np.testing.assert_allclose(pose[:3, 3], (4, 5, 6))


def test_what_remains_in_the_plane() -> None:
    half = np.radians(40) / 2
    pose = pose_from_transform((3.0, -2.0, 0.1), (0, 0, np.sin(half), np.cos(half)))
    np.testing.assert_allclose(planar(pose), (3.0, -2.0, np.radians(40)))


@pytest.mark.parametrize(
    ('pose', 'message'),
    [
        (np.eye(3), 'finite 4 x 4'),
        (np.full((4, 4), np.nan), 'finite 4 x 4'),
        (np.diag([1.0, 1.0, -1.0, 1.0]), 'rotation'),
        (np.diag([2.0, 1.0, 1.0, 1.0]), 'rotation'),
        (np.eye(4), 'above z = 0'),
    ],
)
def test_what_is_no_pose_is_refused(pose: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_pose(pose)
