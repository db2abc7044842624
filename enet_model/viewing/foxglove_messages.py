# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results -> messages of Foxglove's schemas, the counterparts of those that the node publishes.

Units, frames and values are those of the ROS messages (``enet_ros/messages.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from foxglove import messages as fox
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.spec import ModelSpec
from enet_ros.camera_pose import Pose
from enet_ros.ground_plane import GroundPlane
from enet_ros.laser_scan import Scan
from enet_ros.occupancy_grid import UNKNOWN, Grid

JPEG_QUALITY = 85
SMALLEST_PATCH = 0.004
"""Share of the image from which on a patch of a class gets its name."""

_NUMBERS = fox.PackedElementFieldNumericType
_TYPES = {'<f4': _NUMBERS.Float32, '|u1': _NUMBERS.Uint8, '|i1': _NUMBERS.Int8}
_CELL = np.dtype([('value', 'i1'), *((name, 'u1') for name in ('red', 'green', 'blue', 'alpha'))])
_FONT_SIZE = 14.0  # pixels


@dataclass(frozen=True)
class Header:
    """What std_msgs/Header is to a ROS message."""

    nanoseconds: int
    frame_id: str

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a stamped message."""
        stamp = fox.Timestamp(*divmod(self.nanoseconds, 10**9))
        return {'timestamp': stamp, 'frame_id': self.frame_id}


def picture(header: Header, rgb: NDArray[np.uint8]) -> fox.CompressedImage:
    """Return RGB uint8 H x W x 3 as a JPEG."""
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    done, data = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise UserError(f'a frame of {rgb.shape} cannot be written as a JPEG: show a smaller one')
    return fox.CompressedImage(**header.fields, data=data.tobytes(), format='jpeg')


def mask(header: Header, ids: NDArray[np.uint8]) -> fox.RawImage:
    """Return class ids, uint8 H x W, as an image (mono8)."""
    height, width = ids.shape
    return fox.RawImage(
        **header.fields,
        width=width,
        height=height,
        encoding='mono8',
        step=width,
        data=ids.tobytes(),
    )


def names(header: Header, labels: NDArray[np.uint8], spec: ModelSpec) -> fox.ImageAnnotations:
    """Return the name of each class on its largest patch in ``labels``, uint8 H x W."""
    texts = []
    for class_id in np.unique(labels):
        if class_id >= len(spec.classes):
            continue
        _, _, stats, centroids = cv2.connectedComponentsWithStats(
            (labels == class_id).astype(np.uint8), connectivity=4
        )
        areas = stats[1:, cv2.CC_STAT_AREA]
        largest = int(areas.argmax())
        if areas[largest] < SMALLEST_PATCH * labels.size:
            continue
        x, y = centroids[1 + largest]
        red, green, blue = (value / 255 for value in spec.classes[class_id].color)
        texts.append(
            fox.TextAnnotation(
                position=fox.Point2(x=x, y=y),
                text=spec.names[class_id],
                font_size=_FONT_SIZE,
                text_color=fox.Color(r=1.0, g=1.0, b=1.0, a=1.0),
                background_color=fox.Color(r=red, g=green, b=blue, a=0.8),
            )
        )
    return fox.ImageAnnotations(timestamp=header.fields['timestamp'], texts=texts)


def label_info(spec: ModelSpec) -> dict[str, Any]:
    """Return what the ids mean, as JSON: vision_msgs/LabelInfo has no counterpart."""
    classes = [
        {'class_id': index, 'class_name': c.name, 'color': list(c.color), 'role': c.role.value}
        for index, c in enumerate(spec.classes)
    ]
    return {'class_map': classes}


def calibration(header: Header, plane: GroundPlane) -> fox.CameraCalibration:
    """Return the pinhole camera that ``plane`` is seen with."""
    camera = plane.camera
    k = np.reshape(camera.k, (3, 3))
    return fox.CameraCalibration(
        **header.fields,
        width=camera.width,
        height=camera.height,
        K=k.reshape(-1).tolist(),
        R=np.eye(3).reshape(-1).tolist(),
        P=np.column_stack((k, np.zeros(3))).reshape(-1).tolist(),
    )


def transform(header: Header, child: str, pose: Pose) -> fox.FrameTransform:
    """Return the place of ``child`` in the header's frame; ``pose`` takes points there."""
    turn, _ = cv2.Rodrigues(pose[:3, :3])  # axis times angle [rad]
    angle = float(np.linalg.norm(turn))
    axis = turn.reshape(3) / angle if angle else np.zeros(3)
    x, y, z = (np.sin(angle / 2) * axis).tolist()
    stamped = header.fields
    return fox.FrameTransform(
        timestamp=stamped['timestamp'],
        parent_frame_id=stamped['frame_id'],
        child_frame_id=child,
        translation=fox.Vector3(**dict(zip('xyz', pose[:3, 3].tolist(), strict=True))),
        rotation=fox.Quaternion(x=x, y=y, z=z, w=float(np.cos(angle / 2))),
    )


def grid(header: Header, cells: Grid) -> fox.Grid:
    """Return the ground: white is free, black occupied; unknown is transparent."""
    packed = np.zeros(cells.data.shape, _CELL)
    packed['value'] = cells.data
    brightness = np.rint(255 - cells.data.clip(0).astype(np.float32) * 2.55).astype(np.uint8)
    for color in ('red', 'green', 'blue'):
        packed[color] = brightness
    packed['alpha'] = np.where(cells.data == UNKNOWN, 0, 255)
    x, y = cells.origin
    columns = cells.data.shape[1]
    return fox.Grid(
        **header.fields,
        pose=_place(x, y),
        column_count=columns,
        cell_size=fox.Vector2(x=cells.resolution, y=cells.resolution),
        row_stride=columns * _CELL.itemsize,
        cell_stride=_CELL.itemsize,
        fields=_fields(_CELL),
        data=packed.tobytes(),
    )


def scan(header: Header, bearings: Scan) -> fox.LaserScan:
    """Return the nearest obstacle of each bearing [m]; inf is free, NaN not seen."""
    return fox.LaserScan(
        **header.fields,
        pose=_place(0.0, 0.0),
        start_angle=bearings.angle_min,
        end_angle=bearings.angle_max,
        ranges=bearings.ranges.tolist(),
    )


def obstacles(header: Header, points: NDArray[np.void]) -> fox.PointCloud:
    """Return a structured array of points [N] as a cloud of its fields."""
    return fox.PointCloud(
        **header.fields,
        pose=_place(0.0, 0.0),
        point_stride=points.itemsize,
        fields=_fields(points.dtype),
        data=points.tobytes(),
    )


def _fields(dtype: np.dtype[np.void]) -> list[fox.PackedElementField]:
    return [
        fox.PackedElementField(name=name, offset=offset, type=_TYPES[kind.str])
        for name, (kind, offset, *_) in (dtype.fields or {}).items()
    ]


def _place(x: float, y: float) -> fox.Pose:
    return fox.Pose(
        position=fox.Vector3(x=x, y=y, z=0.0),
        orientation=fox.Quaternion(x=0.0, y=0.0, z=0.0, w=1.0),
    )
