# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A subscriber that asks for reliable delivery and is slow: the node must not wait for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

_PERIOD = 0.1  # s
_MAX_GROWTH = 0.1
_SLOW = """
import sys, time, rclpy
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('slow', namespace=sys.argv[1])
for topic in ('segmentation', 'segmentation/overlay'):
    node.create_subscription(Image, topic, lambda message: time.sleep(0.5), 10)
rclpy.spin(node)
"""


def _run(short: bool) -> Outcome:
    seconds, rounds = (1.0, 1) if short else (12.0, 3)
    message = street_message()
    alone, beside = [], []
    with NodeProcess(small=short) as node:
        results = [node.results(topic) for topic in ('segmentation', 'segmentation/overlay')]
        camera = node.camera()
        node.label(camera, restamp(message), results[0])

        def p99() -> float:
            """Work for a while and return the latency of the last ten seconds [ms]."""
            node.peer.spin_while_publishing(
                lambda: camera.publish(restamp(message)), _PERIOD, lambda: False, seconds
            )
            for heard in results:
                heard.clear()
            return float(node.status()['latency p99 [ms]'])

        def listeners() -> int:
            return node.peer.node.count_subscribers(f'{node.namespace}/segmentation')

        for _ in range(rounds):
            alone.append(p99())
            slow = subprocess.Popen(
                [sys.executable, '-c', _SLOW, node.namespace], cwd=Path(__file__).parents[1]
            )
            try:
                node.peer.spin_until(lambda: listeners() == 2)
                beside.append(p99())
            finally:
                slow.kill()
                slow.wait()
            node.peer.spin_until(lambda: listeners() == 1)
    # What else the machine does only adds: the best round of each is the comparison.
    growth = min(beside) / min(alone) - 1
    return Outcome(
        f'latency p99 {min(alone):.1f} ms without it, {min(beside):.1f} ms with it: '
        f'{growth:+.1%} (best of {rounds} rounds of {seconds:.0f} s each)',
        growth < _MAX_GROWTH,
    )


ROW = Row(
    name='slow_subscriber',
    fault='slow reliable subscriber of the mask and the overlay (0.5 s a message)',
    required="node's p99 grows < 10 %",
    run=_run,
)
