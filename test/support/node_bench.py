# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node under test and a peer that feeds it and hears what it says: real messages, real rclpy."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from enet_ros.msg import ClassOccupancyArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from enet_ros.segmentation_lifecycle import SegmentationNode

SUCCESS = TransitionCallbackReturn.SUCCESS
OUTPUTS = {
    'segmentation': Image,
    'segmentation/camera_info': CameraInfo,
    'segmentation/confidence': Image,
    'segmentation/overlay': Image,
    'segmentation/occupancy': ClassOccupancyArray,
}
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

    def ready(self) -> Any:
        """Activate the node, hear all that it says of pictures, and return a camera for it."""
        self.activate()
        self.hear_all()
        camera = self.camera('image', Image)
        self.wait_for_listeners()
        return camera

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
