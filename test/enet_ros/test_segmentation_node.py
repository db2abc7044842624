# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node as its users meet it: real messages in, real messages out."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from enet_ros.msg import ClassOccupancyArray  # noqa: E402
from nav_msgs.msg import OccupancyGrid  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.lifecycle import TransitionCallbackReturn  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rclpy.qos import ReliabilityPolicy, qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import (  # noqa: E402
    CameraInfo,
    CompressedImage,
    Image,
    LaserScan,
    PointCloud2,
)
from std_msgs.msg import Header  # noqa: E402

from enet_ros import messages  # noqa: E402
from enet_ros.ground_obstacles import POINT_DTYPE  # noqa: E402
from enet_ros.segmentation_node import SegmentationNode  # noqa: E402

SUCCESS = TransitionCallbackReturn.SUCCESS
OUTPUTS = {
    'segmentation': Image,
    'segmentation/camera_info': CameraInfo,
    'segmentation/confidence': Image,
    'segmentation/overlay': Image,
    'segmentation/occupancy': ClassOccupancyArray,
}
GROUND = {
    'segmentation/grid': OccupancyGrid,
    'segmentation/scan': LaserScan,
    'segmentation/obstacles': PointCloud2,
    'segmentation/occupancy': ClassOccupancyArray,
}


class Bench:
    """A node under test, a camera that feeds it and a listener to everything that it says."""

    def __init__(self, model: Path, prefix: str = '', **values: Any) -> None:
        arguments = ['--ros-args', '-p', f'model:={model}', '-p', 'device:=cpu']
        for name, value in values.items():
            arguments += ['-p', f'{name}:={value}']
        rclpy.init(args=arguments)
        self.node = SegmentationNode()
        self.peer = Node('peer', use_global_arguments=False)
        self.prefix = prefix
        self.heard: dict[str, list[Any]] = {}
        self.executor = SingleThreadedExecutor()
        for node in (self.node, self.peer):
            self.executor.add_node(node)
        self.hear('/diagnostics', DiagnosticArray)

    def activate(self) -> None:
        assert self.node.trigger_configure() == SUCCESS
        assert self.node.trigger_activate() == SUCCESS

    def hear(self, topic: str, kind: Any) -> None:
        heard = self.heard.setdefault(topic, [])
        self.peer.create_subscription(kind, topic, heard.append, 10)

    def hear_all(self, outputs: dict[str, Any] = OUTPUTS) -> None:
        for topic, kind in outputs.items():
            self.hear(self.prefix + topic, kind)

    def camera(self, topic: str, kind: Any) -> Any:
        publisher = self.peer.create_publisher(kind, topic, qos_profile_sensor_data)
        self.spin(lambda: publisher.get_subscription_count() > 0)
        return publisher

    def spin(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        """Spin until done; fail where that takes too long."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, f'nothing came; heard {self.heard.keys()}'
            self.executor.spin_once(timeout_sec=0.05)

    def spin_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.05)

    def wait_for_listeners(self) -> None:
        self.spin(
            lambda: all(self.node.count_subscribers(self.prefix + topic) for topic in OUTPUTS)
        )

    def send_until(self, publisher: Any, message: Any, topic: str) -> Any:
        """Publish again and again (best effort loses frames) until a result is heard."""
        heard = self.heard[topic]
        before = len(heard)
        end = time.monotonic() + 20.0
        while len(heard) == before:
            assert time.monotonic() < end, f'nothing on {topic}'
            publisher.publish(message)
            self.spin_for(0.1)
        return heard[-1]

    def status(self) -> Any:
        self.heard['/diagnostics'].clear()
        self.spin(lambda: bool(self.heard['/diagnostics']))
        return self.heard['/diagnostics'][-1].status

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.peer.destroy_node()
        rclpy.shutdown()


@pytest.fixture
def benches(color_model: Path) -> Iterator[Callable[..., Bench]]:
    """Make benches, and close them whatever happens."""
    opened = []

    def make(**values: Any) -> Bench:
        opened.append(Bench(values.pop('model', color_model), **values))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()


HEADER = Header(frame_id='camera_optical_frame')
HEADER.stamp.sec, HEADER.stamp.nanosec = 1234, 567_890_123


def picture(width: int, height: int) -> np.ndarray:
    """Return four upright stripes of the model's four classes, less and less sure to the right."""
    frame = np.zeros((height, width, 3), np.uint8)
    for stripe in range(4):
        columns = slice(stripe * width // 4, (stripe + 1) * width // 4)
        frame[:, columns] = (stripe * 64 + 32, 250 - 60 * stripe, 17)
    return frame


def calibration(width: int, height: int) -> CameraInfo:
    info = CameraInfo(width=width, height=height, distortion_model='plumb_bob')
    info.k = [100.0, 0.0, width / 2, 0.0, 100.0, height / 2, 0.0, 0.0, 1.0]
    info.p = [100.0, 0.0, width / 2, 0.0, 0.0, 100.0, height / 2, 0.0, 0.0, 0.0, 1.0, 0.0]
    info.header.frame_id = 'camera_optical_frame'
    return info


def pixels(message: Image) -> np.ndarray:
    channels = message.step // message.width
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, channels)


def values(status: Any) -> dict[str, str]:
    return {value.key: value.value for value in status.values}


def test_every_output_of_a_frame_has_its_pixels_and_its_header(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.wait_for_listeners()
    info.publish(calibration(64, 48))
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    frame = picture(64, 48)
    bench.send_until(camera, messages.image(HEADER, frame, 'rgb8'), 'segmentation/overlay')
    bench.spin(lambda: all(bench.heard[topic] for topic in OUTPUTS))
    result = {topic: bench.heard[topic][-1] for topic in OUTPUTS}

    for topic, message in result.items():
        assert message.header == HEADER, topic

    labels = pixels(result['segmentation'])[..., 0]
    assert result['segmentation'].encoding == 'mono8'
    np.testing.assert_array_equal(labels, np.tile(np.repeat(np.arange(4), 16), (48, 1)))

    confidence = pixels(result['segmentation/confidence'])[..., 0]
    np.testing.assert_array_equal(confidence, np.tile(np.repeat([250, 190, 130, 70], 16), (48, 1)))

    assert result['segmentation/overlay'].encoding == 'rgb8'
    expected = np.add(frame[0, 0], (128.0, 64.0, 128.0)) / 2
    np.testing.assert_allclose(pixels(result['segmentation/overlay'])[0, 0], expected, atol=0.5)

    mask_info = result['segmentation/camera_info']
    assert (mask_info.width, mask_info.height) == (64, 48)
    assert list(mask_info.k) == list(calibration(64, 48).k)

    occupancy = result['segmentation/occupancy']
    assert [each.class_name for each in occupancy.classes] == ['road', 'wall', 'sky', 'car']
    assert [each.role for each in occupancy.classes] == [1, 2, 0, 2]
    assert [each.image_fraction for each in occupancy.classes] == [0.25] * 4
    assert occupancy.unlabeled_fraction == 0.0
    assert (occupancy.rows, occupancy.cols) == (6, 8)
    cells = np.array(occupancy.classes[1].cell_fraction).reshape(6, 8)
    np.testing.assert_array_equal(cells, np.tile([0, 0, 1, 1, 0, 0, 0, 0], (6, 1)))
    confidences = [each.mean_confidence for each in occupancy.classes]
    np.testing.assert_allclose(confidences, np.array([250, 190, 130, 70]) / 255, atol=1e-6)


def test_a_decimated_mask_has_its_own_camera_info(benches: Callable[..., Bench]) -> None:
    bench = benches(mask_width=32)
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.wait_for_listeners()
    info.publish(calibration(96, 48))
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    bench.send_until(
        camera, messages.image(HEADER, picture(96, 48), 'rgb8'), 'segmentation/overlay'
    )
    mask, mask_info = (bench.heard[t][-1] for t in ('segmentation', 'segmentation/camera_info'))
    assert (mask.width, mask.height) == (mask_info.width, mask_info.height) == (32, 16)
    np.testing.assert_array_equal(
        pixels(mask)[..., 0], np.tile(np.repeat(np.arange(4), 8), (16, 1))
    )
    assert mask_info.k[0] == pytest.approx(100.0 / 3)
    overlay = bench.heard['segmentation/overlay'][-1]
    assert (overlay.width, overlay.height) == (96, 48)


def test_parameters_change_while_running_and_wrong_ones_are_refused(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    for name, value in (
        ('confidence_threshold', 0.6),
        ('occupancy_rows', 2),
        ('occupancy_cols', 4),
        ('overlay_opacity', 1.0),
        ('obstacle', ['road']),
    ):
        (answer,) = bench.node.set_parameters([Parameter(name, value=value)])
        assert answer.successful, answer.reason
    refused: tuple[tuple[str, Any], ...] = (
        ('confidence_threshold', 1.5),
        ('occupancy_rows', 0),
        ('overlay_opacity', 'much'),
        ('obstacle', ['lawn']),
        ('model', 'other.onnx'),
        ('device', 'cuda'),
        ('camera_pose', [1.0, 2.0]),
    )
    for name, value in refused:
        (answer,) = bench.node.set_parameters([Parameter(name, value=value)])
        assert not answer.successful
        assert answer.reason, name
    bench.send_until(
        camera, messages.image(HEADER, picture(64, 48), 'rgb8'), 'segmentation/overlay'
    )
    bench.spin(lambda: bool(bench.heard['segmentation/occupancy']))

    # Confidences are 250, 190, 130 and 70 of 255: the last two are under 0.6.
    labels = pixels(bench.heard['segmentation'][-1])[0, ::16, 0]
    assert labels.tolist() == [0, 1, 255, 255]
    overlay = pixels(bench.heard['segmentation/overlay'][-1])[0, ::16]
    assert overlay[0].tolist() == [128, 64, 128]
    assert overlay[3].tolist() == picture(64, 48)[0, -1].tolist()
    occupancy = bench.heard['segmentation/occupancy'][-1]
    assert (occupancy.rows, occupancy.cols) == (2, 4)
    assert occupancy.unlabeled_fraction == 0.5
    assert sum(each.image_fraction for each in occupancy.classes) == 0.5
    assert occupancy.classes[0].role == 2


@pytest.mark.parametrize(
    ('reason', 'fields'),
    [
        ('step', {'step': 0}),
        ('step', {'step': 193}),
        ('data', {'data': bytes(100)}),
        ('encoding', {'encoding': 'rgb9'}),
        ('size', {'width': 65535, 'height': 65535}),
    ],
)
def test_a_bad_frame_is_counted_and_the_next_good_one_labelled(
    benches: Callable[..., Bench], reason: str, fields: dict[str, Any]
) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    bad = messages.image(HEADER, picture(64, 48), 'rgb8')
    for name, value in fields.items():
        setattr(bad, name, value)
    health = bench.node._channels[0].health
    while not health.refused:
        camera.publish(bad)
        bench.spin_for(0.1)
    assert not bench.heard['segmentation']
    assert set(health.refused) == {reason}
    assert int(values(bench.status()[0])[f'frames refused ({reason})']) >= 1
    bench.send_until(camera, messages.image(HEADER, picture(64, 48), 'rgb8'), 'segmentation')


def test_compressed_images_of_the_remapped_camera(benches: Callable[..., Bench]) -> None:
    bench = benches(transport='compressed')
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image/compressed', CompressedImage)
    bench.wait_for_listeners()
    _, png = cv2.imencode('.png', cv2.cvtColor(picture(64, 48), cv2.COLOR_RGB2BGR))
    health = bench.node._channels[0].health
    broken = CompressedImage(header=HEADER, format='png', data=png.tobytes()[:-20])
    while not health.refused:
        camera.publish(broken)
        bench.spin_for(0.1)
    assert not bench.heard['segmentation']
    message = CompressedImage(header=HEADER, format='png', data=png.tobytes())
    labels = bench.send_until(camera, message, 'segmentation')
    assert labels.header == HEADER
    assert pixels(labels)[0, ::16, 0].tolist() == [0, 1, 2, 3]


def test_a_wall_stands_on_the_ground_where_it_is_seen(benches: Callable[..., Bench]) -> None:
    # One metre above the ground and level, a row v shows the ground 100 / (v - 23.5) m ahead: the
    # lower edge of the wall, between the rows 41 and 42, stands 100 / 18 = 5.56 m ahead, and the
    # picture begins at 100 / 24 = 4.17 m.
    bench = benches(
        camera_pose='[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]',
        confidence_threshold=0.5,
        grid_resolution=0.5,
    )
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
    bench.send_until(camera, messages.image(HEADER, frame, 'rgb8'), 'segmentation/occupancy')
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

    # A node that no longer looks takes its latched grid back.
    bench.heard['segmentation/grid'].clear()
    assert bench.node.trigger_deactivate() == SUCCESS
    bench.spin(lambda: bool(bench.heard['segmentation/grid']))
    assert set(bench.heard['segmentation/grid'][-1].data) == {-1}


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


def test_a_stamp_before_all_time_does_not_end_the_node(benches: Callable[..., Bench]) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    early = Header(frame_id='camera')
    early.stamp.sec = -1
    message = messages.image(early, picture(64, 48), 'rgb8')
    assert bench.send_until(camera, message, 'segmentation').header == early


def test_a_quality_of_service_that_is_overridden_stays_that_of_its_topic(
    benches: Callable[..., Bench],
) -> None:
    name = 'qos_overrides./segmentation.publisher.reliability'
    bench = benches(**{name: 'best_effort'})
    bench.activate()
    reliability = {
        topic: bench.node.get_publishers_info_by_topic(f'/{topic}')[0].qos_profile.reliability
        for topic in OUTPUTS
    }
    assert reliability.pop('segmentation') == ReliabilityPolicy.BEST_EFFORT
    assert set(reliability.values()) == {ReliabilityPolicy.RELIABLE}


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


def test_several_cameras_share_the_model(benches: Callable[..., Bench]) -> None:
    bench = benches(cameras='[front, rear]', prefix='rear/')
    bench.activate()
    bench.hear_all()
    bench.hear('front/segmentation', Image)
    rear = bench.camera('rear/image', Image)
    bench.wait_for_listeners()
    labels = bench.send_until(
        rear, messages.image(HEADER, picture(64, 48), 'rgb8'), 'rear/segmentation'
    )
    assert pixels(labels)[0, ::16, 0].tolist() == [0, 1, 2, 3]
    assert not bench.heard['front/segmentation']
    first, second = bench.node._channels
    assert first._engine.segmenter is second._engine.segmenter
    assert [status.name for status in bench.status()] == [
        '/segmentation_node: front',
        '/segmentation_node: rear',
    ]


def test_nothing_is_computed_that_nobody_hears(benches: Callable[..., Bench]) -> None:
    bench = benches()
    bench.activate()
    camera = bench.camera('image', Image)
    health = bench.node._channels[0].health
    while not health.unwanted:
        camera.publish(messages.image(HEADER, picture(64, 48), 'rgb8'))
        bench.spin_for(0.1)
    assert health.published == 0


def test_deactivation_stops_and_cleanup_frees(benches: Callable[..., Bench]) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    bench.send_until(camera, frame, 'segmentation')
    assert bench.node.trigger_deactivate() == SUCCESS
    bench.spin_for(0.3)
    bench.heard['segmentation'].clear()
    camera.publish(frame)
    bench.spin_for(0.5)
    assert not bench.heard['segmentation']
    assert bench.node.trigger_cleanup() == SUCCESS
    assert bench.node._engine is None
    # And again from the start.
    bench.activate()
    bench.spin(lambda: camera.get_subscription_count() > 0)
    bench.wait_for_listeners()
    bench.send_until(camera, frame, 'segmentation')


def test_a_missing_model_fails_to_configure(benches: Callable[..., Bench], tmp_path: Path) -> None:
    bench = benches(model=tmp_path / 'none.onnx')
    assert bench.node.trigger_configure() == TransitionCallbackReturn.FAILURE
    assert bench.node._engine is None


def test_diagnostics_tell_state_provider_and_model(
    benches: Callable[..., Bench], color_model: Path
) -> None:
    bench = benches(stale_after=0.5)
    bench.activate()
    (status,) = bench.status()
    assert status.message == 'waiting for frames'
    assert values(status)['provider'] == 'cpu'
    assert values(status)['model'] == str(color_model)
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    bench.heard['/diagnostics'].clear()
    while not bench.heard['/diagnostics']:
        bench.send_until(camera, frame, 'segmentation')
    (status,) = bench.heard['/diagnostics'][-1].status
    assert (status.level, status.message) == (b'\x00', 'ok')
    assert int(values(status)['frames labelled']) >= 1
    bench.spin_for(1.0)
    (status,) = bench.status()
    assert status.message == 'stale: no frames come'
