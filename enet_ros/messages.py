# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results -> messages. Every one carries the header that it is given, unchanged."""

from __future__ import annotations

import array
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from nav_msgs.msg import OccupancyGrid
from numpy.typing import NDArray
from sensor_msgs.msg import Image, LaserScan, PointCloud2, PointField
from std_msgs.msg import Header

from enet_model.label_sets import LabelClass, Role
from enet_model.spec import ModelSpec
from enet_ros.laser_scan import Scan
from enet_ros.msg import ClassOccupancy, ClassOccupancyArray
from enet_ros.occupancy import Occupancy
from enet_ros.occupancy_grid import Grid

_ROLES = {
    Role.BACKGROUND: ClassOccupancy.BACKGROUND,
    Role.TRAVERSABLE: ClassOccupancy.TRAVERSABLE,
    Role.OBSTACLE: ClassOccupancy.OBSTACLE,
}
_DATATYPES = {'<f4': PointField.FLOAT32, '|u1': PointField.UINT8}


class ImageBuffer:
    """An image message that is filled again for each frame: its data stays the same memory.

    One thread may do so as soon as publish() has returned, since rclpy has serialised the message
    by then. Until the next frame is written, the message is as good as any other.
    """

    def __init__(self, encoding: str) -> None:
        self._message = Image(encoding=encoding)
        self._pixels: NDArray[np.uint8] = np.empty(0, np.uint8)

    def pixels(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return the data, to be written: uint8 H x W (mono8) or H x W x 3 (rgb8)."""
        if self._pixels.shape != shape:
            self._message.height, self._message.width = shape[:2]
            self._message.step = math.prod(shape[1:])
            # An array.array is the one kind of data that rclpy takes without looking at each byte.
            # NumPy writes into that of the message, which need not be the one given to it.
            self._message.data = array.array('B', bytes(math.prod(shape)))
            self._pixels = np.frombuffer(self._message.data, np.uint8).reshape(shape)
        return self._pixels

    def message(self, header: Header) -> Image:
        """Return the message of what has been written."""
        self._message.header = header
        return self._message


def image(header: Header, pixels: NDArray[np.uint8], encoding: str) -> Image:
    """Return uint8 H x W (mono8) or H x W x 3 (rgb8) as an image message of its own."""
    buffer = ImageBuffer(encoding)
    buffer.pixels(pixels.shape)[:] = pixels
    return buffer.message(header)


def occupancy(
    header: Header,
    measured: Occupancy,
    classes: Sequence[LabelClass],
    roles: Sequence[Role],
    nearest: Sequence[float],
) -> ClassOccupancyArray:
    """Return what a picture holds of each class, at the distances ``nearest`` [m] or NaN."""
    _, rows, cols = measured.cell_fraction.shape
    message = ClassOccupancyArray(
        header=header, rows=rows, cols=cols, unlabeled_fraction=measured.unlabeled_fraction
    )
    for class_id, label_class in enumerate(classes):
        cells = array.array('f')
        cells.frombytes(measured.cell_fraction[class_id].tobytes())
        message.classes.append(
            ClassOccupancy(
                class_id=class_id,
                class_name=label_class.name,
                role=_ROLES[roles[class_id]],
                image_fraction=float(measured.image_fraction[class_id]),
                mean_confidence=float(measured.mean_confidence[class_id]),
                nearest_distance=float(nearest[class_id]),
                cell_fraction=cells,
            )
        )
    return message


def label_info(header: Header, spec: ModelSpec, threshold: float) -> Any:
    """Return the vision_msgs/LabelInfo that names the values of the mask.

    ImportError where vision_msgs is not installed.
    """
    from vision_msgs.msg import LabelInfo, VisionClass

    names = [VisionClass(class_id=i, class_name=name) for i, name in enumerate(spec.names)]
    return LabelInfo(header=header, class_map=names, threshold=threshold)


def grid(header: Header, cells: Grid) -> OccupancyGrid:
    """Return the cells of the ground; the header names the frame that they are aligned with."""
    message = OccupancyGrid(header=header)
    message.info.map_load_time = header.stamp
    message.info.resolution = cells.resolution
    message.info.height, message.info.width = cells.data.shape
    message.info.origin.position.x, message.info.origin.position.y = cells.origin
    data = array.array('b')
    data.frombytes(np.ascontiguousarray(cells.data).data)
    message.data = data
    return message


def scan(header: Header, bearings: Scan) -> LaserScan:
    """Return the nearest obstacle of each bearing about the origin of the header's frame."""
    ranges = array.array('f')
    ranges.frombytes(bearings.ranges.tobytes())
    return LaserScan(
        header=header,
        angle_min=bearings.angle_min,
        angle_max=bearings.angle_max,
        angle_increment=bearings.angle_increment,
        range_min=bearings.range_min,
        range_max=bearings.range_max,
        ranges=ranges,
    )


def obstacles(header: Header, points: NDArray[np.void]) -> PointCloud2:
    """Return a structured array of points [N] as an unordered cloud of its fields."""
    layout: Mapping[str, Any] = points.dtype.fields or {}
    data = array.array('B')
    data.frombytes(points.tobytes())
    return PointCloud2(
        header=header,
        height=1,
        width=len(points),
        fields=[
            PointField(name=name, offset=offset, datatype=_DATATYPES[dtype.str], count=1)
            for name, (dtype, offset, *_) in layout.items()
        ],
        is_bigendian=False,
        point_step=points.itemsize,
        row_step=points.itemsize * len(points),
        data=data,
        is_dense=True,
    )
