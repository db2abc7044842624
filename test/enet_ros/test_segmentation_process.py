# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node as a process: how it ends, and what it says when it cannot begin."""

import os
import signal
import subprocess

import pytest
from node_processes import start_process

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from rclpy.executors import SingleThreadedExecutor


def start(*parameters: str, namespace: str = '/') -> subprocess.Popen[str]:
    return start_process('enet_ros.segmentation_node', *parameters, namespace=namespace)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_node_with_status_0(number: int) -> None:
    import rclpy
    from lifecycle_msgs.srv import GetState

    # A namespace of its own: the middleware still lists services of nodes that were killed before.
    namespace = f'/signal_{number}_{os.getpid()}'
    process = start(namespace=namespace)
    rclpy.init()
    peer = rclpy.create_node('peer')
    executor = SingleThreadedExecutor()
    executor.add_node(peer)
    client = peer.create_client(GetState, f'{namespace}/segmentation_node/get_state')
    try:
        assert client.wait_for_service(30.0), 'the node did not start'
        process.send_signal(number)
        _, errors = process.communicate(timeout=20.0)
    finally:
        process.kill()
        executor.shutdown()
        peer.destroy_node()
        rclpy.shutdown()
    assert process.returncode == 0
    assert 'Traceback' not in errors
    assert f'ros2 lifecycle set {namespace}/segmentation_node configure, then activate' in errors


@pytest.mark.parametrize(
    ('parameter', 'said'),
    [
        ('device:=tpu', 'device'),
        ('confidence_threshold:=2.0', 'confidence_threshold'),
        ('camera_pose:=[1.0, 2.0]', 'camera_pose'),
        ('occupancy_rows:=many', 'occupancy_rows'),
    ],
)
def test_a_wrong_parameter_ends_the_start_with_one_line(parameter: str, said: str) -> None:
    process = start(parameter)
    _, errors = process.communicate(timeout=60.0)
    assert process.returncode == 1
    assert 'Traceback' not in errors
    (line,) = [line for line in errors.splitlines() if '[FATAL]' in line]
    assert said in line
