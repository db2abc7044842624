# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The cameras of a case: they send prepared images, so that little is spent on anything else."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from enet_ros import messages
from enet_ros.camera_node import next_due
from enet_ros.node_benchmark.cases import Cameras, from_file
from enet_ros.node_benchmark.frames import encoded
from enet_ros.stop_signal import StopSignal

_POLLING_PERIOD = 0.05  # s


def main(path: str) -> int:
    """Send images from when every topic has a subscriber until a signal comes."""
    stop = StopSignal()
    orders = from_file(Cameras, path)
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('cameras')
    publishers = [node.create_publisher(Image, t, qos_profile_sensor_data) for t in orders.topics]
    images = _images(orders)
    while not all(each.get_subscription_count() for each in publishers):
        if stop.wait(_POLLING_PERIOD):
            break
    sent: dict[str, list[float]] = {topic: [] for topic in orders.topics}
    period, due, index = 1.0 / orders.rate / len(publishers), time.monotonic(), 0
    while not stop.wait(due - time.monotonic()):
        due = next_due(due, time.monotonic(), period)
        topic, publisher = (
            orders.topics[index % len(publishers)],
            publishers[index % len(publishers)],
        )
        image = images[index // len(publishers) % len(images)]
        index += 1
        image.header.stamp = node.get_clock().now().to_msg()
        sent[topic].append(image.header.stamp.sec + image.header.stamp.nanosec * 1e-9)
        publisher.publish(image)
    Path(orders.output).write_text(json.dumps(sent))
    node.destroy_node()
    rclpy.shutdown()
    return 0


def _images(orders: Cameras) -> list[Image]:
    header = Header(frame_id='camera')
    return [
        messages.image(header, encoded(frame, orders.encoding), orders.encoding)
        for frame in np.load(orders.frames)
    ]


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
