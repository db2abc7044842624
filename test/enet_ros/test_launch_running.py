# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The launch files as a user runs them: with the real `ros2 launch`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NEEDS_LAUNCH = 'needs ROS 2 launch: apt install ros-<distro>-launch-ros ros-<distro>-ros2launch'
for module in ('rclpy', 'launch_ros', 'ros2launch'):
    pytest.importorskip(module, reason=NEEDS_LAUNCH)

import rclpy  # noqa: E402
from ament_index_python.packages import get_package_prefix  # noqa: E402
from lifecycle_msgs.msg import State  # noqa: E402
from lifecycle_msgs.srv import GetState  # noqa: E402
from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.qos import qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import Image  # noqa: E402

LAUNCH = Path(__file__).parents[2] / 'launch'
NODE_ARGUMENTS = {
    'image',
    'cameras',
    'camera_info',
    'namespace',
    'params_file',
    'model',
    'device',
    'camera_pose',
}
START_ARGUMENTS = {'autostart', 'use_sim_time', 'log_level', 'rviz', 'respawn'}
SEGMENT_ARGUMENTS = NODE_ARGUMENTS | START_ARGUMENTS
CAMERA_ARGUMENTS = {'source', 'rate', 'width', 'height', 'loop', 'frame_id'}
TIMEOUT = 60.0
"""Longer than anything here takes on a busy machine [s]."""


@pytest.mark.parametrize(
    ('file', 'names'),
    [
        ('segment.launch.py', SEGMENT_ARGUMENTS),
        ('demo.launch.py', SEGMENT_ARGUMENTS | CAMERA_ARGUMENTS),
    ],
)
def test_every_argument_is_described_and_has_a_default(file: str, names: set[str]) -> None:
    shown = _ros2_launch(file, '--show-args')

    described = re.findall(r"^    '(\w+)':\n        (.+)\n        \(default: '.*'\)$", shown, re.M)
    assert {name for name, _ in described} == names
    assert all(len(text) > 10 for _, text in described)


@pytest.fixture
def node() -> Iterator[rclpy.node.Node]:
    """Yield a node with a context of its own."""
    context = rclpy.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('test_launch', context=context)
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Callable[..., Launched]]:
    """Yield a function that runs `ros2 launch` in the background until the test has ended."""
    running: list[Launched] = []
    if not (Path(get_package_prefix('enet_ros')) / 'lib/enet_ros/segmentation_node').exists():
        pytest.skip('needs the package to be built: colcon build, then source install/setup.bash')

    def run(file: str, *arguments: str) -> Launched:
        running.append(Launched(file, arguments, tmp_path / 'log'))
        return running[-1]

    yield run
    for launch in running:
        launch.kill()


def test_the_demo_segments_its_camera_also_after_a_crash(
    node: rclpy.node.Node, launched: Callable[..., Launched]
) -> None:
    frames: list[Image] = []
    masks: list[Image] = []
    node.create_subscription(
        Image, '/robot/camera/image_raw', frames.append, qos_profile_sensor_data
    )
    node.create_subscription(Image, '/robot/segmentation', masks.append, 1)
    demo = launched('demo.launch.py', 'namespace:=robot', 'width:=320', 'rviz:=false')

    _spin_until(
        node, lambda: any(mask.header == frame.header for mask in masks for frame in frames)
    )
    assert (masks[0].encoding, masks[0].width) == ('mono8', 320)

    crashed = demo.pid_of('segmentation_node')
    os.kill(crashed, signal.SIGKILL)
    _spin_until(node, lambda: demo.pid_of('segmentation_node') != crashed)
    masks.clear()
    _spin_until(node, lambda: bool(masks))

    os.kill(demo.pid_of('camera_node'), signal.SIGINT)
    assert demo.process.wait(TIMEOUT) == 0, demo.log.read_text()
    assert re.search(r'camera_node-\d+\] was required', demo.log.read_text())


def test_without_autostart_the_node_waits_to_be_configured(
    node: rclpy.node.Node, launched: Callable[..., Launched]
) -> None:
    launched('segment.launch.py', 'autostart:=false')
    client = node.create_client(GetState, '/segmentation_node/get_state')
    assert client.wait_for_service(TIMEOUT)
    asked = []

    def answered() -> bool:  # an answer that comes before the client is known is lost
        asked.append(client.call_async(GetState.Request()))
        return any(future.done() for future in asked)

    _spin_until(node, answered)

    (state,) = {future.result().current_state.id for future in asked if future.done()}
    assert state == State.PRIMARY_STATE_UNCONFIGURED


class Launched:
    """A running `ros2 launch`, and what it has written."""

    def __init__(self, file: str, arguments: tuple[str, ...], log: Path) -> None:
        self.log = log
        with log.open('w') as output:
            self.process = subprocess.Popen(
                _command(file, *arguments),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def pid_of(self, executable: str) -> int:
        """Return the process of an executable that was started last."""
        pattern = rf'{executable}-\d+\]: process started with pid \[(\d+)\]'
        return int(re.findall(pattern, self.log.read_text())[-1])

    def kill(self) -> None:
        """End launch and whatever it has started: SIGTERM to launch would leave the nodes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(TIMEOUT)


def _command(file: str, *arguments: str) -> list[str]:
    return ['ros2', 'launch', str(LAUNCH / file), *arguments]


def _ros2_launch(file: str, *arguments: str) -> str:
    """Return what `ros2 launch` writes on the terminal until it ends well."""
    done = subprocess.run(
        _command(file, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _spin_until(node: rclpy.node.Node, condition: Callable[[], bool]) -> None:
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, 'waited in vain'
        executor.spin_once(0.1)
    executor.remove_node(node)
