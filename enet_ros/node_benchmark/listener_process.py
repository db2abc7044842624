# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The listener of a case: it notes when which image has come, and how old it was."""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

from enet_ros.node_benchmark.cases import READY, Listener, from_file
from enet_ros.stop_signal import StopSignal


def main(path: str) -> int:
    """Listen until a signal comes."""
    stop = StopSignal()
    orders = from_file(Listener, path)
    heard: dict[str, list[tuple[float, float]]] = {topic: [] for topic in orders.topics}

    def note(image: Image, topic: str) -> None:
        stamp = image.header.stamp.sec + image.header.stamp.nanosec * 1e-9
        heard[topic].append((stamp, time.time() - stamp))

    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('listener')
    for topic in orders.topics:
        node.create_subscription(Image, topic, partial(note, topic=topic), qos_profile_sensor_data)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    is_ready = False
    while not stop.is_set():
        executor.spin_once(timeout_sec=0.1)
        if not is_ready and all(heard.values()):
            is_ready = True
            print(READY, flush=True)
    Path(orders.output).write_text(json.dumps(heard))
    executor.shutdown()
    node.destroy_node()
    rclpy.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
