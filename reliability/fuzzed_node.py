# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzzed image messages through the live node; then a good frame has to be labelled."""

from __future__ import annotations

import array
import random

from sensor_msgs.msg import Image

from reliability.frames import stamped, street_message
from reliability.junk import fuzzed_image
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

_PAUSE = 0.0004  # s between two messages


def _message(random_: random.Random) -> Image:
    fields = fuzzed_image(random_)
    header = stamped('camera', random_.choice((-(2**31), -1.0, 0.0, 1e9, 2**31 - 1.0)))
    # A string of DDS ends at a zero, so that rclpy refuses to send one with a zero in it.
    return Image(
        header=header,
        height=fields.height,
        width=fields.width,
        encoding=fields.encoding.replace('\0', ''),
        is_bigendian=fields.is_bigendian,
        step=fields.step,
        data=array.array('B', fields.data),
    )


def _run(short: bool) -> Outcome:
    count = 300 if short else 20_000
    random_ = random.Random(1)
    with NodeProcess(small=True) as node:
        results = node.results()
        camera = node.camera()
        node.label(camera, street_message(), results)

        def received() -> int:
            statuses = node.statuses()
            values = statuses[-1][1].values if statuses else []
            return max((int(v.value) for v in values if v.key == 'frames received'), default=0)

        node.peer.spin_while_publishing(
            lambda: camera.publish(_message(random_)),
            _PAUSE,
            lambda: received() >= count or not node.is_alive,
            seconds=count * 0.02 + 60.0,
        )
        if not node.is_alive:
            return Outcome(f'the node ended: {node.log[-300:]}', False)
        node.label(camera, street_message(), results)
        status = node.status()
        failed, refused = int(status['frames failed']), int(status['frames refused'])
        return Outcome(
            f'{received():,} messages came, {refused:,} refused, {failed} exceptions of other '
            'kinds; 0 deaths; the next good frame was labelled',
            failed == 0 and received() >= count and refused > 0,
        )


ROW = Row(
    name='fuzzed_node',
    fault='20,000 fuzzed image messages through the live node',
    required='0 exceptions of other kinds, 0 deaths',
    run=_run,
)
