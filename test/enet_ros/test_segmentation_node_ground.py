# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the node says of the ground, with real messages."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_ros.msg import ClassOccupancyArray
from nav_msgs.msg import OccupancyGrid
from node_bench import HEADER, SUCCESS, Bench, calibration, picture
from sensor_msgs.msg import CameraInfo, Image, LaserScan, PointCloud2

from enet_ros import messages
from enet_ros.ground_obstacles import POINT_DTYPE
from enet_ros.transforms import TransformError

GROUND = {
    'segmentation/grid': OccupancyGrid,
    'segmentation/scan': LaserScan,
    'segmentation/obstacles': PointCloud2,
    'segmentation/occupancy': ClassOccupancyArray,
}


def look_at_a_wall(bench: Bench) -> Any:
    """Hear the ground of a camera in front of a wall; return the first occupancy.

    One metre above the ground and level, a row v shows the ground 100 / (v - 23.5) m ahead: the
    lower edge of the wall, between the rows 41 and 42, stands 100 / 18 = 5.56 m ahead, and the
    picture begins at 100 / 24 = 4.17 m.
    """
    bench.activate()
    bench.hear_all(GROUND)
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.spin(lambda: all(bench.node.count_subscribers(topic) for topic in GROUND))
    calibrated = calibration(64, 48)
    calibrated.k[2], calibrated.k[5] = 31.5, 23.5
    info.publish(calibrated)
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:24] = (150, 255, 0)  # sky
    frame[24:42] = (90, 255, 0)  # wall
    frame[42:] = (10, 255, 0)  # road
    frame[42:, :16] = (10, 100, 0)  # road, but hardly: unlabelled
    return bench.send_until(camera, messages.image(HEADER, frame, 'rgb8'), 'segmentation/occupancy')


LEVEL = {
    'camera_pose': '[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]',
    'confidence_threshold': 0.5,
    'grid_resolution': 0.5,
}


def test_a_wall_stands_on_the_ground_where_it_is_seen(benches: Callable[..., Bench]) -> None:
    bench = benches(**LEVEL)
    look_at_a_wall(bench)
    bench.spin(lambda: all(bench.heard[topic] for topic in GROUND))
    grid, scan, cloud, occupancy = (bench.heard[topic][-1] for topic in GROUND)

    for message in (grid, scan, cloud):
        assert message.header.stamp == HEADER.stamp
        assert message.header.frame_id == 'base_link'
    cells = np.array(grid.data, np.int8).reshape(grid.info.height, grid.info.width)
    assert cells.shape == (40, 40)
    assert (grid.info.origin.position.x, grid.info.origin.position.y) == (-10.0, -10.0)
    ahead = cells[20]  # 0 to 0.5 m to the left; column 29 is 4.5 to 5 m ahead
    assert ahead[29] == 0
    assert 100 in ahead[31:33]
    assert (ahead[:28] == -1).all(), 'nothing nearer than the picture is known'
    assert (ahead[33:] == -1).all(), 'nothing behind the wall is known'
    assert cells[22, 29] == -1, 'unlabelled ground, 1 to 1.5 m to the left, is unknown'
    assert 99 not in cells

    points = np.frombuffer(cloud.data, POINT_DTYPE)
    assert cloud.width == len(points) > 0
    np.testing.assert_allclose(points['x'], 5.56, atol=0.2)
    assert set(points['class_id']) == {1}
    assert [field.name for field in cloud.fields] == list(points.dtype.names or ())
    forward = round(-scan.angle_min / scan.angle_increment)
    # The network's 32 columns are wider than the bearings of the scan: some see no pixel's centre.
    near = scan.ranges[forward - 2 : forward + 3]
    assert np.nanmin(near) == pytest.approx(5.56, abs=0.2)
    distances = [each.nearest_distance for each in occupancy.classes]
    assert distances[1] == pytest.approx(5.56, abs=0.2)
    assert np.isnan(distances[2])


@pytest.mark.parametrize('end', ['trigger_deactivate', 'trigger_shutdown', 'destroy_node'])
def test_a_node_that_no_longer_looks_takes_its_latched_grid_back(
    benches: Callable[..., Bench], end: str
) -> None:
    bench = benches(**LEVEL)
    look_at_a_wall(bench)
    bench.spin(lambda: bool(bench.heard['segmentation/grid']))
    assert set(bench.heard['segmentation/grid'][-1].data) != {-1}
    bench.heard['segmentation/grid'].clear()
    assert getattr(bench.node, end)() in (SUCCESS, None)
    bench.spin(lambda: bool(bench.heard['segmentation/grid']))
    assert set(bench.heard['segmentation/grid'][-1].data) == {-1}


def test_what_needs_no_grid_is_there_where_the_grid_has_no_place(
    benches: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: Any) -> Any:
        raise TransformError('no transform from base_link to odom')

    bench = benches(**LEVEL)
    monkeypatch.setattr(bench.node._transforms, 'knows', lambda *_: True)
    monkeypatch.setattr(bench.node._transforms, 'lookup', late)
    occupancy = look_at_a_wall(bench)
    bench.spin(lambda: bool(bench.heard['segmentation/obstacles']))
    assert occupancy.classes[1].nearest_distance == pytest.approx(5.56, abs=0.2)
    assert not bench.heard['segmentation/grid']
    assert 'odom' in bench.node._channels[0].health.last_error


def test_a_calibration_of_another_shape_places_nothing(benches: Callable[..., Bench]) -> None:
    bench = benches(camera_pose='[0.0, 0.0, 1.0, 0.0, 0.4, 0.0]')
    bench.activate()
    bench.hear_all(GROUND)
    bench.hear('segmentation/camera_info', CameraInfo)
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.spin(lambda: all(bench.node.count_subscribers(topic) for topic in GROUND))
    info.publish(calibration(64, 36))
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    occupancy = bench.send_until(camera, frame, 'segmentation/occupancy')
    bench.spin_for(0.3)
    assert all(np.isnan(each.nearest_distance) for each in occupancy.classes)
    for name in ('grid', 'scan', 'obstacles', 'camera_info'):
        assert not bench.heard[f'segmentation/{name}']
    assert '64x36' in bench.node._channels[0].health.last_error


def test_without_a_pose_the_ground_is_not_guessed(benches: Callable[..., Bench]) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all(GROUND)
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.spin(lambda: all(bench.node.count_subscribers(topic) for topic in GROUND))
    info.publish(calibration(64, 48))
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    occupancy = bench.send_until(camera, frame, 'segmentation/occupancy')
    assert all(np.isnan(each.nearest_distance) for each in occupancy.classes)
    bench.spin_for(0.3)
    assert not any(bench.heard[f'segmentation/{name}'] for name in ('grid', 'scan', 'obstacles'))
    assert bench.node._channels[0].health.unplaced >= 1
