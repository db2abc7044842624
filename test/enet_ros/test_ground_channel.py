# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the grid is placed, with TF and without; the geometry itself is tested without ROS."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from nav_msgs.msg import OccupancyGrid
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from enet_model.label_sets import Role
from enet_ros.camera_pose import Pose
from enet_ros.ground_channel import GroundChannel
from enet_ros.parameters import PARAMETERS, Settings
from enet_ros.transforms import TransformError

ROLES = (Role.TRAVERSABLE, Role.OBSTACLE)
SURE = np.full((60, 80), 255, np.uint8)
ROAD = np.zeros((60, 80), np.uint8)
POSE = (0.0, 0.0, 1.0, 0.0, 0.4, 0.0)


class Listener:
    """A publisher that somebody listens to, and what it published."""

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self.sent: list[Any] = []

    def publish(self, message: Any) -> None:
        assert isinstance(message, self.kind)
        self.sent.append(message)

    def get_subscription_count(self) -> int:
        return 1


class Outputs:
    """Makes listeners instead of publishers."""

    def __init__(self) -> None:
        self.made: dict[str, Listener] = {}

    def create(self, kind: Any, topic: str, qos: Any = None) -> Listener:
        return self.made.setdefault(topic, Listener(kind))


class Map:
    """TF that knows what it is told."""

    def __init__(self, **poses: Pose) -> None:
        self.poses = poses
        self.late = False
        self.is_settled = True

    def knows(self, target: str, source: str) -> bool:
        return target in self.poses

    def lookup(self, target: str, source: str, stamp: Any) -> Pose:
        if self.late or target not in self.poses:
            raise TransformError(f'no transform from {source} to {target}')
        return self.poses[target]


def settings(**values: Any) -> Settings:
    defaults: dict[str, Any] = {parameter.name: parameter.default for parameter in PARAMETERS}
    return Settings(**defaults | {'camera_pose': POSE} | values)


def calibration() -> CameraInfo:
    k = [80.0, 0.0, 39.5, 0.0, 80.0, 29.5, 0.0, 0.0, 1.0]
    return CameraInfo(width=80, height=60, distortion_model='plumb_bob', k=k)


def header(seconds: int = 3) -> Header:
    made = Header(frame_id='camera_optical_frame')
    made.stamp.sec = seconds
    return made


def placed(x: float, y: float) -> Pose:
    pose = np.eye(4)
    pose[:2, 3] = x, y
    return pose


def grid_of(
    known: Map, labels: np.ndarray = ROAD, channel: GroundChannel | None = None, **values: Any
) -> OccupancyGrid:
    outputs = Outputs()
    channel = channel or GroundChannel(outputs, known, str)  # type: ignore[arg-type]
    chosen = settings(**values)
    view = channel.look(header(), labels, SURE, ROLES, chosen, calibration())
    channel.publish(header(), view, chosen)
    return channel._grid.sent[-1]


def cells(grid: OccupancyGrid) -> np.ndarray:
    return np.array(grid.data, np.int8).reshape(grid.info.height, grid.info.width)


def test_the_grid_is_in_odom_where_tf_knows_it_and_in_the_base_frame_otherwise() -> None:
    alone = grid_of(Map())
    assert alone.header.frame_id == 'base_link'
    assert alone.header.stamp == header().stamp
    moved = grid_of(Map(odom=placed(100.0, -7.0)))
    assert moved.header.frame_id == 'odom'
    shift = (
        moved.info.origin.position.x - alone.info.origin.position.x,
        moved.info.origin.position.y - alone.info.origin.position.y,
    )
    assert shift == pytest.approx((100.0, -7.0))
    np.testing.assert_array_equal(cells(moved), cells(alone))
    assert (cells(alone) == 0).sum() > 50


def test_a_transform_that_is_late_places_no_grid() -> None:
    late = Map(odom=placed(0.0, 0.0))
    late.late = True
    with pytest.raises(TransformError, match='odom'):
        grid_of(late)


def test_without_calibration_or_pose_there_is_no_view() -> None:
    channel = GroundChannel(Outputs(), Map(), str)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='camera_info'):
        channel.look(header(), ROAD, SURE, ROLES, settings(), None)
    with pytest.raises(TransformError, match='camera_optical_frame to base_link'):
        channel.look(header(), ROAD, SURE, ROLES, settings(camera_pose=()), calibration())
    up = settings(camera_pose=(0.0, 0.0, 1.0, 0.0, -1.0, 0.0))
    for _ in range(2):
        with pytest.raises(ValueError, match='sees no ground'):
            channel.look(header(), ROAD, SURE, ROLES, up, calibration())
    # And with a pose that shows some, it works at once.
    assert channel.look(header(), ROAD, SURE, ROLES, settings(), calibration()).free.any()


def test_labels_that_are_hardly_probable_free_nothing_at_any_threshold() -> None:
    channel = GroundChannel(Outputs(), Map(), str)  # type: ignore[arg-type]
    unsure = np.full_like(SURE, 120)
    view = channel.look(
        header(), ROAD, unsure, ROLES, settings(confidence_threshold=0.0), calibration()
    )
    assert not view.free.any()


def test_tables_are_built_once_for_a_camera_that_stands_still() -> None:
    channel = GroundChannel(Outputs(), Map(), str)  # type: ignore[arg-type]
    first = channel.look(header(), ROAD, SURE, ROLES, settings(), calibration()).plane
    again = channel.look(header(4), ROAD, SURE, ROLES, settings(), calibration()).plane
    assert first is again
    moved = settings(camera_pose=(0.0, 0.0, 1.2, 0.0, 0.4, 0.0))
    assert channel.look(header(5), ROAD, SURE, ROLES, moved, calibration()).plane is not first


def test_fusion_keeps_an_obstacle_of_the_frame_before() -> None:
    known = Map(odom=placed(0.0, 0.0))
    channel = GroundChannel(Outputs(), known, str)  # type: ignore[arg-type]
    wall = ROAD.copy()
    wall[:30] = 1
    occupied = cells(grid_of(known, wall, channel, grid_half_life=10.0)) > 50
    assert occupied.any()
    unlabelled = np.full_like(ROAD, 255)
    kept = cells(grid_of(known, unlabelled, channel, grid_half_life=10.0))
    assert (kept[occupied] > 50).all()
    assert (cells(grid_of(known, unlabelled)) == -1).all()


@pytest.mark.parametrize('change', [{'grid_frame': 'map'}, {'grid_half_life': 5.0}])
def test_fusion_begins_anew_where_its_cells_mean_something_else(change: dict[str, Any]) -> None:
    known = Map(odom=placed(0.0, 0.0), map=placed(0.0, 0.0))
    channel = GroundChannel(Outputs(), known, str)  # type: ignore[arg-type]
    values = {'grid_half_life': 10.0}
    assert (cells(grid_of(known, ROAD, channel, **values)) >= 0).any()
    unlabelled = np.full_like(ROAD, 255)
    assert (cells(grid_of(known, unlabelled, channel, **values)) >= 0).any()
    assert (cells(grid_of(known, unlabelled, channel, **values | change)) == -1).all()


def test_a_grid_is_taken_back_once() -> None:
    channel = GroundChannel(Outputs(), Map(), str)  # type: ignore[arg-type]
    channel.retract()
    assert not channel._grid.sent
    shown = grid_of(Map(), channel=channel)
    size = len(shown.data)
    channel.retract(age=60.0)
    assert channel._grid.sent == [shown], 'it is not that old'
    for _ in range(2):
        channel.retract()
    sent = channel._grid.sent
    assert len(sent) == 2
    assert list(sent[-1].data) == [-1] * size
    assert sent[-1].info == shown.info


def test_before_tf_has_spoken_no_grid_is_placed() -> None:
    young = Map()
    young.is_settled = False
    with pytest.raises(TransformError, match='waiting for TF'):
        grid_of(young)
