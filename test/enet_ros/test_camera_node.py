# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the camera publishes, and when; test_camera_process.py has how it begins and ends."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from camera_files import write_calibration, write_images
from hypothesis import given
from hypothesis import strategies as st

rclpy = pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')

from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from sensor_msgs.msg import CameraInfo, CompressedImage, Image  # noqa: E402

from enet_ros import camera_node  # noqa: E402
from enet_ros.camera_node import CameraNode, next_due  # noqa: E402
from enet_ros.frame_sources import FrameSource, SourceError  # noqa: E402
from enet_ros.image_fields import Frame  # noqa: E402
from enet_ros.synthetic_street import SyntheticStreet  # noqa: E402

PATIENCE = 60.0  # s, for what takes no time on an idle machine
NAMESPACE = f'/camera_node_test_{os.getpid()}'


class Recorder:
    """Runs a camera node, and keeps what it publishes on the topics that are asked for."""

    def __init__(self, topics: dict[str, type], **parameters: object) -> None:
        arguments = ['--ros-args', '-r', f'__ns:={NAMESPACE}', '-p', 'reliable:=true']
        for name, value in parameters.items():
            arguments += ['-p', f'{name}:={value}']
        rclpy.init(args=arguments)
        self.messages: dict[str, list[Any]] = {topic: [] for topic in topics}
        self.failure: Exception | None = None
        self.node = CameraNode()
        self._listener = rclpy.create_node('listener')
        qos = QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE)
        for topic, kind in topics.items():
            self._listener.create_subscription(kind, topic, self.messages[topic].append, qos)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._listener)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def record(self, count: int) -> list[list[Any]]:
        """Return the first ``count`` messages of each topic, or fewer where the camera ends."""
        publishers = [
            publisher
            for publisher in self.node.publishers
            if publisher.topic_name.removeprefix(f'{NAMESPACE}/') in self.messages
        ]
        self.spin_until(lambda: all(each.get_subscription_count() for each in publishers))
        self._thread.start()
        self.spin_until(lambda: min(map(len, self.messages.values())) >= count)
        return [messages[:count] for messages in self.messages.values()]

    def wait_until_it_ends(self) -> None:
        self.spin_until(lambda: not self._thread.is_alive())

    def spin_until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, f'nothing for {PATIENCE} s: {self.messages.keys()}'
            self._executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)
        self._executor.shutdown()
        self._listener.destroy_node()
        self.node.close()
        self.node.destroy_node()
        rclpy.shutdown()

    def _run(self) -> None:
        try:
            self.node.run(self._stop)
        except SourceError as error:
            self.failure = error


@pytest.fixture
def start() -> Iterator[Any]:
    recorders: list[Recorder] = []

    def start_camera(topics: dict[str, type], **parameters: object) -> Recorder:
        recorders.append(Recorder(topics, **parameters))
        return recorders[-1]

    yield start_camera
    for recorder in recorders:
        recorder.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_images(tmp_path)


def stamp(message: Any) -> float:
    return message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec


def test_publishes_the_street_with_its_camera_info(start: Any) -> None:
    recorder = start(
        {'image_raw': Image, 'camera_info': CameraInfo}, width=96, height=64, seed=2, frame_id='eye'
    )
    images, infos = recorder.record(5)
    street = SyntheticStreet(96, 64, seed=2)
    for index, (image, info) in enumerate(zip(images, infos, strict=True)):
        assert image.header == info.header
        assert image.header.frame_id == 'eye'
        assert (image.width, image.height, image.step) == (96, 64, 3 * 96)
        assert (image.encoding, image.is_bigendian) == ('rgb8', 0)
        pixels = np.frombuffer(image.data, np.uint8).reshape(64, 96, 3)
        np.testing.assert_array_equal(pixels, street.frame(index)[0])
        assert (info.width, info.height) == (96, 64)
        expected = [street.fx, 0, street.cx, 0, street.fy, street.cy, 0, 0, 1]
        np.testing.assert_allclose(info.k, expected)
    stamps = [stamp(image) for image in images]
    assert abs(stamps[-1] - time.time()) < PATIENCE
    assert np.all(np.diff(stamps) > 0)


def test_keeps_the_rate(start: Any, folder: Path) -> None:
    """Frames come no faster than asked for; how much slower, the machine says."""
    recorder = start({'image_raw': Image}, source=folder, rate=40.0)
    (images,) = recorder.record(9)
    assert stamp(images[-1]) - stamp(images[0]) > 8 / 40 * 0.9


@given(due=st.floats(0, 1e6), late=st.floats(0, 100), period=st.floats(1e-3, 10))
def test_missed_frames_are_not_made_up_for(due: float, late: float, period: float) -> None:
    now = due + late
    following = next_due(due, now, period)
    assert following > now
    assert following - now <= period + 1e-9
    if late < period / 2:
        assert following == due + period, 'a frame that is a little late moves the others'


def test_field_of_view_and_size_of_images(start: Any, folder: Path) -> None:
    recorder = start(
        {'image_raw': Image, 'camera_info': CameraInfo},
        source=folder,
        width=16,
        horizontal_fov=np.pi / 2,
        rate=50.0,
    )
    (image, *_), (info, *_) = recorder.record(1)
    assert (image.width, image.height) == (16, 12)
    np.testing.assert_allclose(info.k, [8, 0, 7.5, 0, 8, 5.5, 0, 0, 1])


def test_calibration_file_is_scaled_to_the_image(start: Any, folder: Path) -> None:
    url = write_calibration(folder)
    recorder = start({'camera_info': CameraInfo}, source=folder, camera_info_url=url, rate=50.0)
    ((info,),) = recorder.record(1)
    assert (info.width, info.height) == (32, 24)
    np.testing.assert_allclose(info.k, [30, 0, 15.5, 0, 30, 11.5, 0, 0, 1])
    assert info.d[0] == 0.1


def test_stretched_images_have_a_stretched_calibration(start: Any, tmp_path: Path) -> None:
    url = write_calibration(tmp_path)
    info = start({}, camera_info_url=url, width=320, height=180).node._info
    np.testing.assert_allclose(info.k[0] / info.k[4], 320 / 64 / (180 / 48))


def test_compressed_images_show_the_same(start: Any, tmp_path: Path) -> None:
    ramp = np.tile(np.arange(96, dtype=np.uint8)[:, None], (64, 1, 1)) * np.array(
        (2, 1, 0), np.uint8
    )
    cv2.imwrite(str(tmp_path / 'ramp.png'), ramp[..., ::-1])
    recorder = start(
        {'image_raw/compressed': CompressedImage, 'camera_info': CameraInfo},
        source=tmp_path,
        compressed=True,
    )
    images, infos = recorder.record(2)
    for image, info in zip(images, infos, strict=True):
        assert image.format == 'rgb8; jpeg compressed bgr8'
        assert image.header == info.header
        decoded = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        assert np.abs(decoded[..., ::-1].astype(int) - ramp).max() < 8


def test_ends_with_the_images_without_loop(start: Any, folder: Path) -> None:
    recorder = start({'image_raw': Image}, source=folder, loop=False, rate=50.0)
    (images,) = recorder.record(4)
    recorder.wait_until_it_ends()
    assert recorder.failure is None
    assert len(recorder.messages['image_raw']) == len(images) == 4


def test_waits_for_subscribers(start: Any, folder: Path) -> None:
    recorder = start(
        {'image_raw': Image}, source=folder, wait_for_subscribers=2, loop=False, rate=50.0
    )
    assert recorder.record(0) == [[]]
    end = time.monotonic() + 0.5
    recorder.spin_until(lambda: time.monotonic() > end)
    assert recorder.messages['image_raw'] == []
    recorder.node.create_subscription(Image, 'image_raw', lambda image: None, 1)
    recorder.spin_until(lambda: len(recorder.messages['image_raw']) == 4)


class UnpluggedCamera(FrameSource):
    """A device that is lost after two frames."""

    size = (8, 8)
    rate = 200.0
    live = True

    def __init__(self) -> None:
        self._left = 2

    def __next__(self) -> Frame:
        if self._left == 0:
            raise SourceError('the camera gives no more frames')
        self._left -= 1
        return np.full((8, 8, 3), self._left, np.uint8)


def test_a_lost_device_is_opened_again(
    start: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    attempts = iter(range(1000))

    def plug_in_and_out(*_: object) -> FrameSource:
        if next(attempts) % 3:
            raise SourceError('there is no camera')
        return UnpluggedCamera()

    monkeypatch.setattr(camera_node, 'open_source', plug_in_and_out)
    monkeypatch.setattr(camera_node, 'REOPEN_PERIOD', 0.02)
    recorder = start({'camera_info': CameraInfo})
    ((*_, last),) = recorder.record(6)
    assert (last.width, last.height) == (8, 8)
    log = capfd.readouterr().err
    assert log.count('the camera is back') >= 2
    assert log.count('there is no camera') == 0, 'the failed attempts are not logged'
    assert 0 <= log.count('the camera gives no more frames') - log.count('is back') <= 1


class Webcam(FrameSource):
    """A device of 30 Hz, which numbers its frames, in a time of its own."""

    size = (8, 8)
    rate = 30.0
    live = True

    def __init__(self) -> None:
        self.count = 0

    def monotonic(self) -> float:
        return self.count / self.rate + 1e-3 * (self.count % 3)  # it is a little unsteady

    def __next__(self) -> Frame:
        self.count += 1
        return np.full((8, 8, 3), self.count, np.uint8)


@pytest.mark.parametrize(
    ('rate', 'numbers'), [(0.0, [1, 2, 3, 4]), (10.0, [1, 4, 7, 10]), (100.0, [1, 2, 3, 4])]
)
def test_a_device_is_slowed_down_by_leaving_out_frames(
    start: Any, monkeypatch: pytest.MonkeyPatch, rate: float, numbers: list[int]
) -> None:
    webcam = Webcam()
    monkeypatch.setattr(camera_node, 'open_source', lambda *_: webcam)
    monkeypatch.setattr(camera_node, 'time', webcam)
    node = start({}, rate=rate).node
    frames = itertools.islice(node._frames(threading.Event()), len(numbers))
    assert [int(frame[0, 0, 0]) for frame in frames] == numbers


def test_a_device_that_nobody_awaits_gives_no_old_frames(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    webcam = Webcam()
    monkeypatch.setattr(camera_node, 'open_source', lambda *_: webcam)
    node = start({}, wait_for_subscribers=1).node
    awaited = itertools.chain([False] * 5, itertools.repeat(True))
    monkeypatch.setattr(node, '_is_awaited', lambda: next(awaited))
    first = next(node._frames(threading.Event()))
    assert first[0, 0, 0] == 6, 'frames from before are read and thrown away'


def test_parameters_are_described_and_read_only(start: Any) -> None:
    node = start({}, width=16, height=16).node
    names = [name for name, *_ in camera_node._PARAMETERS]
    for descriptor in node.describe_parameters(names):
        assert descriptor.description
        assert descriptor.read_only
    (seed,) = node.describe_parameters(['seed'])
    assert (seed.integer_range[0].from_value, seed.integer_range[0].step) == (0, 1)
    (rate,) = node.describe_parameters(['rate'])
    assert rate.floating_point_range[0].to_value == 1000.0
