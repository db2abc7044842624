# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet view``: the node's topics without the node, into a recording or to whoever connects."""

from __future__ import annotations

import functools
from typing import Any

import foxglove
from foxglove import channels

from enet_model import overlay
from enet_model.predict import segment
from enet_model.segmenter import Segmenter
from enet_model.viewing import foxglove_messages as messages
from enet_model.viewing.foxglove_messages import Header
from enet_ros.free_space import look
from enet_ros.ground_obstacles import obstacle_points
from enet_ros.ground_picture import Viewpoint
from enet_ros.ground_plane import GroundPlane
from enet_ros.image_fields import Frame
from enet_ros.laser_scan import ScanBins, laser_scan
from enet_ros.occupancy_grid import occupancy_grid

CAMERA, BASE = 'camera_optical_frame', 'base_link'

TOPICS: dict[str, Any] = {
    '/camera/image_raw': channels.CompressedImageChannel,
    '/segmentation': channels.RawImageChannel,
    '/segmentation/overlay': channels.CompressedImageChannel,
    '/segmentation/names': channels.ImageAnnotationsChannel,
    '/segmentation/label_info': functools.partial(
        foxglove.Channel, schema={'title': 'LabelInfo', 'type': 'object'}
    ),
}
"""What every frame gives; the names of the classes are there for people."""
GROUND_TOPICS: dict[str, Any] = {
    '/tf': channels.FrameTransformChannel,
    '/camera/camera_info': channels.CameraCalibrationChannel,
    '/segmentation/grid': channels.GridChannel,
    '/segmentation/scan': channels.LaserScanChannel,
    '/segmentation/obstacles': channels.PointCloudChannel,
}
"""What a frame gives where the camera's place is known."""


class Viewer:
    """Shows frames to everything that listens to a context of Foxglove.

    viewpoint: where the camera is; without it nothing is said of the ground.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        context: foxglove.Context,
        viewpoint: Viewpoint | None = None,
        opacity: float = 0.5,
    ) -> None:
        self._segmenter, self._opacity = segmenter, opacity
        self._viewpoint = viewpoint
        topics = TOPICS | (GROUND_TOPICS if viewpoint else {})
        self._channels = {topic: kind(topic, context=context) for topic, kind in topics.items()}
        self._tables = functools.lru_cache(maxsize=1)(_tables)

    def show(self, frame: Frame, nanoseconds: int) -> None:
        """Label an RGB frame, uint8 H x W x 3 and taken at this time, and show what is in it.

        ValueError where the viewpoint shows no ground.
        """
        spec, header = self._segmenter.spec, Header(nanoseconds, CAMERA)
        seen = segment(self._segmenter, frame)
        colored = overlay.draw(frame, seen.labels, spec.colors, self._opacity)
        shown = {
            '/camera/image_raw': messages.picture(header, frame),
            '/segmentation': messages.mask(header, seen.labels),
            '/segmentation/overlay': messages.picture(header, colored),
            '/segmentation/names': messages.names(header, seen.labels, spec),
            '/segmentation/label_info': messages.label_info(spec),
        }
        if self._viewpoint is not None:
            plane, bins = self._tables(self._viewpoint, frame.shape[1], frame.shape[0])
            roles = tuple(label_class.role for label_class in spec.classes)
            view = look(plane, seen.labels, seen.confidence, roles)
            base = Header(nanoseconds, BASE)
            cells = occupancy_grid(view, size=2 * plane.range_max)
            shown |= {
                '/tf': messages.transform(base, CAMERA, plane.pose),
                '/camera/camera_info': messages.calibration(header, plane),
                '/segmentation/grid': messages.grid(base, cells),
                '/segmentation/scan': messages.scan(base, laser_scan(view, bins)),
                '/segmentation/obstacles': messages.obstacles(base, obstacle_points(view)),
            }
        for topic, message in shown.items():
            self._channels[topic].log(message, log_time=nanoseconds)


def _tables(viewpoint: Viewpoint, width: int, height: int) -> tuple[GroundPlane, ScanBins]:
    plane = viewpoint.ground_plane(width, height)
    return plane, ScanBins.of(plane)
