# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ground as a picture for people: a bird's-eye view of a grid, beside its frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model import overlay
from enet_model.segmenter import Segmentation
from enet_model.spec import ModelSpec
from enet_ros.camera_model import CameraCalibration, pinhole_matrix
from enet_ros.camera_pose import pose_from_body
from enet_ros.free_space import look
from enet_ros.ground_plane import GroundPlane
from enet_ros.image_fields import Frame
from enet_ros.occupancy_grid import UNKNOWN, Grid, occupancy_grid

_UNKNOWN_COLOR = (160, 160, 160)
_INK = (40, 40, 40)
_RING = 5.0  # m between two rings of distance


@dataclass(frozen=True)
class Viewpoint:
    """Where a camera is whose calibration nobody knows: enough for a picture, not for a robot."""

    height: float = 1.5
    """m above the ground."""
    pitch: float = 0.0
    """rad, positive looks down."""
    horizontal_fov: float = math.radians(50)
    """rad."""

    def ground_plane(self, width: int, height: int) -> GroundPlane:
        """Return the ground that frames of this size show; ValueError where they show none."""
        k = pinhole_matrix(width, height, self.horizontal_fov)
        pose = pose_from_body(0.0, 0.0, self.height, 0.0, self.pitch, 0.0)
        return GroundPlane(CameraCalibration(width, height, k), pose, (height, width))


def draw_ground(
    frame: Frame, seen: Segmentation, spec: ModelSpec, plane: GroundPlane, opacity: float = 0.5
) -> Frame:
    """Return frame, frame with colours, and the ground from above, side by side.

    ``frame`` is RGB, uint8 H x W x 3; labels, confidence and the plane's mask have its size. Above
    is ahead: white is free, black occupied, grey unknown; a ring every 5 m.
    """
    roles = tuple(label_class.role for label_class in spec.classes)
    view = look(plane, seen.labels, seen.confidence, roles)
    grid = occupancy_grid(view, size=2 * plane.range_max)
    colored = overlay.draw(frame, seen.labels, spec.colors, opacity)
    return np.hstack((frame, colored, draw_grid(grid, frame.shape[0])))


def draw_grid(grid: Grid, height: int) -> Frame:
    """Return the half of a grid ahead of its middle, x upwards, as a picture of that height."""
    side = grid.data.shape[0]
    # Rows run along y and columns along x: x upwards and y to the left is the transpose, turned.
    ahead = grid.data.T[: side // 2 - 1 : -1, ::-1]
    picture = np.empty((*ahead.shape, 3), np.uint8)
    picture[:] = np.rint(255 - ahead[..., None].astype(np.float32) * 2.55)
    picture[ahead == UNKNOWN] = _UNKNOWN_COLOR
    scale = height / ahead.shape[0]
    width = round(ahead.shape[1] * scale)
    picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST)
    _draw_rings(picture, scale / grid.resolution)
    return picture


def _draw_rings(picture: NDArray[np.uint8], pixels_per_metre: float) -> None:
    height, width = picture.shape[:2]
    robot = (width // 2, height - 1)
    distance = _RING
    while distance * pixels_per_metre < height:
        radius = round(distance * pixels_per_metre)
        cv2.circle(picture, robot, radius, _INK, 1, cv2.LINE_AA)
        place = (robot[0] + 3, robot[1] - radius - 3)
        text = f'{distance:g} m'
        cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, _INK, 1, cv2.LINE_AA)
        distance += _RING
    triangle = np.array([[-6, 0], [6, 0], [0, -14]]) + robot
    cv2.fillPoly(picture, [triangle.astype(np.int32)], (200, 0, 0), cv2.LINE_AA)
