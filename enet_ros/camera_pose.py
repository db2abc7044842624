# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a camera is: 4 x 4 matrices that take points from its optical frame to the base frame.

Optical frames have x right, y down, z forward; all others x forward, y left, z up (REP-103).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Pose: TypeAlias = NDArray[np.float64]
"""4 x 4, a rotation and a translation in metres."""

_OPTICAL_IN_BODY = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


def pose_from_body(x: float, y: float, z: float, roll: float, pitch: float, yaw: float) -> Pose:
    """Return the pose of a camera's optical frame from that of its body-aligned frame (x forward).

    ``x``, ``y``, ``z`` [m] is the place in the base frame, z the height above the ground; ``roll``,
    ``pitch``, ``yaw`` [rad] turn it about the base frame's x, y, z in this order, as in URDF.
    Positive roll lowers the right side, positive pitch looks down, positive yaw looks left.
    """
    (cr, cp, cy), (sr, sp, sy) = np.cos([roll, pitch, yaw]), np.sin([roll, pitch, yaw])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
    about_y = np.array([[cp, 0.0, sp], [0.0, 1.0, 0.0], [-sp, 0.0, cp]])
    about_z = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
    return _joined(about_z @ about_y @ about_x @ _OPTICAL_IN_BODY, (x, y, z))


def pose_from_transform(translation: ArrayLike, quaternion: ArrayLike) -> Pose:
    """Return the pose in a transform of TF: x, y, z [m] and x, y, z, w.

    For the pose of a camera it is the transform from ``image.header.frame_id`` to the base frame.
    """
    x, y, z, w = np.asarray(quaternion, np.float64) / np.linalg.norm(np.asarray(quaternion))
    rotation = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return _joined(np.array(rotation), translation)


def planar(pose: Pose) -> tuple[float, float, float]:
    """Return x, y [m] and yaw [rad] of a frame on the ground: what remains of its pose in 2D."""
    return float(pose[0, 3]), float(pose[1, 3]), math.atan2(pose[1, 0], pose[0, 0])


def check_pose(pose: ArrayLike) -> Pose:
    """Return the pose of a camera above the ground; ValueError where it is none."""
    checked = np.array(pose, np.float64)
    if checked.shape != (4, 4) or not np.isfinite(checked).all():
        raise ValueError(f'a pose is a finite 4 x 4 matrix, got {checked.tolist()}')
    rotation = checked[:3, :3]
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6) or np.linalg.det(rotation) < 0:
        raise ValueError(f'the upper left 3 x 3 of a pose is a rotation, got {rotation.tolist()}')
    if checked[2, 3] <= 0:
        raise ValueError(
            f'the camera is {checked[2, 3]} m above z = 0 of the base frame, where the ground is '
            'taken to be, wanted more than 0: give the pose in a frame on the ground'
        )
    return checked


def _joined(rotation: NDArray[np.float64], translation: ArrayLike) -> Pose:
    pose = np.eye(4)
    pose[:3, :3] = rotation
    pose[:3, 3] = translation
    return pose
