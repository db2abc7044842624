# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from enet_model.label_sets import CAMVID, Role
from enet_model.spec import ModelSpec
from enet_ros import messages, occupancy
from enet_ros.ground_obstacles import POINT_DTYPE
from enet_ros.laser_scan import Scan
from enet_ros.occupancy_grid import Grid

HEADER = Header(frame_id='camera')
HEADER.stamp.sec = 7


@pytest.mark.parametrize(('shape', 'encoding'), [((3, 5), 'mono8'), ((3, 5, 3), 'rgb8')])
def test_an_image_holds_its_pixels(shape: tuple[int, ...], encoding: str) -> None:
    pixels = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    message = messages.image(HEADER, pixels, encoding)
    assert message.header == HEADER
    assert (message.height, message.width, message.encoding) == (3, 5, encoding)
    assert message.step == 5 * ((len(shape) == 3 and 3) or 1)
    assert bytes(message.data) == pixels.tobytes()


def test_an_image_of_a_view_holds_the_pixels_of_the_view() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)[::2, 1::3]
    message = messages.image(HEADER, pixels, 'mono8')
    assert message.step == message.width == 3
    assert bytes(message.data) == pixels.tobytes()


def test_an_image_buffer_keeps_its_memory_as_long_as_the_size_stays() -> None:
    buffer = messages.ImageBuffer('rgb8')
    buffer.pixels((2, 3, 3))[:] = 7
    message = buffer.message(HEADER)
    assert (message.height, message.width, message.step) == (2, 3, 9)
    assert bytes(message.data) == bytes([7] * 18)
    data = message.data
    buffer.pixels((2, 3, 3))[:] = 8
    assert buffer.message(Header()).data is data
    assert bytes(data) == bytes([8] * 18)
    buffer.pixels((1, 4, 3))[:] = 9
    message = buffer.message(HEADER)
    assert (message.height, message.width, message.step) == (1, 4, 12)
    assert bytes(message.data) == bytes([9] * 12)
    assert bytes(data) == bytes([8] * 18)


def test_a_published_image_is_another_ones_no_more() -> None:
    buffer = messages.ImageBuffer('mono8')
    buffer.pixels((2, 2))[:] = 1
    serialized = serialize_message(buffer.message(HEADER))  # as publish() does, before it returns
    buffer.pixels((2, 2))[:] = 2
    assert bytes(deserialize_message(serialized, Image).data) == bytes([1] * 4)


def test_occupancy_names_every_class_with_its_role_and_shares() -> None:
    labels = np.full((4, 6), 3, np.uint8)
    labels[:, 4:] = 255
    measured = occupancy.measure(labels, np.full((4, 6), 204, np.uint8), 11, 2, 3)
    roles = [Role.BACKGROUND] + [Role.OBSTACLE] * 10
    message = messages.occupancy(
        HEADER, measured, CAMVID.classes, roles, [float('nan')] * 10 + [2.5]
    )
    assert message.header == HEADER
    assert (message.rows, message.cols) == (2, 3)
    assert [each.class_name for each in message.classes] == list(CAMVID.names)
    road = message.classes[3]
    assert (road.class_id, road.role) == (3, road.OBSTACLE)
    assert message.classes[0].role == road.BACKGROUND
    assert road.image_fraction == pytest.approx(2 / 3)
    assert road.mean_confidence == pytest.approx(0.8)
    assert list(road.cell_fraction) == [1.0, 1.0, 0.0] * 2
    assert message.unlabeled_fraction == pytest.approx(1 / 3)
    assert np.isnan(road.nearest_distance)
    assert message.classes[10].nearest_distance == 2.5


def test_a_grid_keeps_rows_along_y() -> None:
    data = np.full((2, 3), -1, np.int8)
    data[1, 2] = 100
    message = messages.grid(HEADER, Grid(data, (-1.5, 4.0), 0.5))
    assert (message.info.height, message.info.width) == (2, 3)
    assert message.info.resolution == 0.5
    assert (message.info.origin.position.x, message.info.origin.position.y) == (-1.5, 4.0)
    assert message.info.origin.orientation.w == 1.0
    assert list(message.data) == [-1, -1, -1, -1, -1, 100]


def test_a_scan_keeps_inf_and_nan_apart() -> None:
    ranges = np.array([1.5, np.inf, np.nan], np.float32)
    message = messages.scan(HEADER, Scan(ranges, -0.1, 0.1, 0.1, 0.0, 15.0))
    assert message.header == HEADER
    assert (message.ranges[0], message.ranges[1]) == (1.5, float('inf'))
    assert np.isnan(message.ranges[2])
    assert message.angle_max == pytest.approx(0.1)


def test_obstacles_are_a_cloud_of_their_fields() -> None:
    points = np.array([(1.0, 2.0, 0.25, 8, 0.5), (3.0, -1.0, 0.25, 9, 1.0)], POINT_DTYPE)
    message = messages.obstacles(HEADER, points)
    assert [field.name for field in message.fields] == list(POINT_DTYPE.names or ())
    assert (message.width, message.height, message.point_step) == (2, 1, POINT_DTYPE.itemsize)
    again = np.frombuffer(message.data, POINT_DTYPE)
    np.testing.assert_array_equal(again, points)


def test_label_info_names_the_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    class Message:
        """What the generated messages have in common."""

        def __init__(self, **fields: Any) -> None:
            self.__dict__ = fields

    module = ModuleType('vision_msgs.msg')
    module.LabelInfo = module.VisionClass = Message  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'vision_msgs', ModuleType('vision_msgs'))
    monkeypatch.setitem(sys.modules, 'vision_msgs.msg', module)
    message = messages.label_info(HEADER, ModelSpec(CAMVID.classes), 0.3)
    assert [entry.class_id for entry in message.class_map] == list(range(11))
    assert message.class_map[3].class_name == 'road'
    assert message.threshold == 0.3
