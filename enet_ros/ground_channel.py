# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a camera's labels say of the ground: grid, scan, obstacle points and nearest distances."""

from __future__ import annotations

import array
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from nav_msgs.msg import OccupancyGrid
from numpy.typing import NDArray
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, LaserScan, PointCloud2
from std_msgs.msg import Header

from enet_model.label_sets import Role
from enet_ros import messages
from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import Pose, planar, pose_from_body
from enet_ros.free_space import View, look
from enet_ros.grid_fusion import GridFusion
from enet_ros.ground_obstacles import obstacle_points
from enet_ros.ground_plane import GroundPlane
from enet_ros.laser_scan import ScanBins, laser_scan
from enet_ros.occupancy_grid import UNKNOWN, occupancy_grid
from enet_ros.outputs import LATCHED, Outputs, wanted
from enet_ros.parameters import Settings
from enet_ros.transforms import TransformError, Transforms

_STILL = 1e-3
"""A camera that moved less than this in its base frame [m, rad] has not moved."""
SURE = 0.5
"""Labels that are less probable say nothing of the ground, whatever the node's threshold."""


@dataclass(frozen=True)
class _Place:
    """A calibrated camera, its pose in the base frame, and the shape of its masks."""

    calibration: CameraCalibration
    pose: Pose
    mask_shape: tuple[int, int]
    min_range: float
    max_range: float
    resolution: float

    def is_that_of(self, other: _Place) -> bool:
        """Tell whether the tables of one serve the other."""
        return self._fixed == other._fixed and np.allclose(self.pose, other.pose, atol=_STILL)

    @property
    def _fixed(self) -> tuple[object, ...]:
        return self.calibration, self.mask_shape, self.min_range, self.max_range, self.resolution


class _Tables(NamedTuple):
    """What is built once for a place."""

    plane: GroundPlane
    bins: ScanBins


class GroundChannel:
    """The outputs on the ground of one camera.

    Labels may have any size; the camera's calibration and its pose (parameter ``camera_pose``, or
    TF at the stamp of the frame) place them. Scan and points are given in the base frame; the grid
    in ``grid_frame`` where TF connects it with the base frame, in the base frame otherwise.
    """

    def __init__(
        self, outputs: Outputs, transforms: Transforms, say: Callable[[str], object]
    ) -> None:
        self._transforms = transforms
        self._say = say
        self._last_grid: OccupancyGrid | None = None
        self._grid_time = 0.0
        self._place: _Place | None = None
        self._fusion: GridFusion | None = None
        self._fused: tuple[str, float] | None = None  # the frame that it is of, and its half-life
        self._tables: _Tables | str = 'no frame has come'
        self._grid = outputs.create(OccupancyGrid, 'segmentation/grid', LATCHED)
        self._scan = outputs.create(LaserScan, 'segmentation/scan')
        self._obstacles = outputs.create(PointCloud2, 'segmentation/obstacles')

    @property
    def wanted(self) -> bool:
        """Whether somebody listens to an output of this channel."""
        return any(wanted(each) for each in (self._grid, self._scan, self._obstacles))

    def look(
        self,
        header: Header,
        labels: NDArray[np.uint8],
        confidence: NDArray[np.uint8],
        roles: tuple[Role, ...],
        settings: Settings,
        info: CameraInfo | None,
    ) -> View:
        """Return what a frame shows of the ground.

        TransformError where the camera's pose is not known; ValueError where there is no
        calibration, or it shows no ground from there.
        """
        if info is None:
            raise ValueError('no camera_info has come: grid, scan and obstacles need a calibration')
        place = _Place(
            CameraCalibration.from_message(info, rectified=settings.rectified),
            self._camera_pose(header, settings),
            (labels.shape[0], labels.shape[1]),
            settings.min_range,
            settings.max_range,
            settings.grid_resolution,
        )
        if self._place is None or not self._place.is_that_of(place):
            # Remembered also where it fails, so that not every frame pays for the attempt.
            self._place, self._tables = place, _build(place)
            if isinstance(self._tables, _Tables):
                bins = self._tables.bins
                # What Nav2 wants to know as raytrace_min_range and raytrace_max_range.
                self._say(f'sees ground from {bins.blind_range:.2f} to {bins.range_max:.2f} m')
        if isinstance(self._tables, str):
            raise ValueError(self._tables)
        sure = max(settings.confidence_threshold, SURE)
        return look(self._tables.plane, labels, confidence, roles, min_confidence=sure)

    def publish(self, header: Header, view: View, settings: Settings) -> None:
        """Publish what somebody listens to; TransformError where the grid has no place yet."""
        in_base = Header(stamp=header.stamp, frame_id=settings.base_frame)
        if wanted(self._scan):
            assert isinstance(self._tables, _Tables)
            self._scan.publish(messages.scan(in_base, laser_scan(view, self._tables.bins)))
        if wanted(self._obstacles):
            self._obstacles.publish(messages.obstacles(in_base, obstacle_points(view)))
        if wanted(self._grid):
            self._last_grid = self._place_grid(header, view, settings)
            self._grid_time = time.monotonic()
            self._grid.publish(self._last_grid)

    def retract(self, age: float = 0.0) -> None:
        """Publish once that nothing is known any more, if the last grid is older than ``age`` [s].

        A latched grid would stay in force, and those who take it do not look at its stamp.
        """
        if time.monotonic() - self._grid_time < age:
            return
        if self._last_grid is not None:
            self._last_grid.data = array.array('b', [UNKNOWN]) * len(self._last_grid.data)
            self._grid.publish(self._last_grid)
            self._last_grid = None
        self._fusion = None

    def _place_grid(self, header: Header, view: View, settings: Settings) -> OccupancyGrid:
        frame, base = settings.grid_frame, settings.base_frame
        if not self._transforms.knows(frame, base):
            if not self._transforms.is_settled:
                raise TransformError(f'waiting for TF to tell of {frame}')
            grid = occupancy_grid(view, size=settings.grid_size)
            return messages.grid(Header(stamp=header.stamp, frame_id=base), grid)
        base_in_grid = planar(self._transforms.lookup(frame, base, header.stamp))
        grid = occupancy_grid(view, size=settings.grid_size, base_in_grid=base_in_grid)
        if settings.grid_half_life:
            # What was free in one frame is somewhere else in another.
            if self._fusion is None or self._fused != (frame, settings.grid_half_life):
                self._fused = frame, settings.grid_half_life
                self._fusion = GridFusion(half_life=settings.grid_half_life)
            grid = self._fusion.add(grid, Time.from_msg(header.stamp).nanoseconds * 1e-9)
        return messages.grid(Header(stamp=header.stamp, frame_id=frame), grid)

    def _camera_pose(self, header: Header, settings: Settings) -> Pose:
        if settings.camera_pose:
            x, y, z, roll, pitch, yaw = (float(value) for value in settings.camera_pose)
            return pose_from_body(x, y, z, roll, pitch, yaw)
        return self._transforms.lookup(settings.base_frame, header.frame_id, header.stamp)


def _build(place: _Place) -> _Tables | str:
    """Build the tables of a place, or say why it has none."""
    try:
        plane = GroundPlane(
            place.calibration,
            place.pose,
            place.mask_shape,
            min_range=place.min_range,
            max_range=place.max_range,
            resolution=place.resolution,
        )
    except ValueError as error:
        return str(error)
    return _Tables(plane, ScanBins.of(plane))
