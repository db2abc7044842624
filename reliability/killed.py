# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kill -9, and started again as launch does."""

from __future__ import annotations

import signal
import time

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess, load_time
from reliability.peer import PATIENCE
from reliability.rows import Outcome, Row

RESPAWN_DELAY = 0.2
"""That of launch/segment.launch.py [s]."""


def _run(short: bool) -> Outcome:
    times = 1 if short else 5
    message = street_message()
    gaps = []
    with NodeProcess(small=short) as node:
        allowed = 2.0 + load_time(node.model)
        results = node.results()
        camera = node.camera()
        for _ in range(times):
            node.label(camera, restamp(message), results)
            node.send(signal.SIGKILL)
            killed = time.monotonic()
            node.wait()
            results.clear()
            node.peer.spin_while_publishing(
                lambda: camera.publish(restamp(message)), 0.05, lambda: False, RESPAWN_DELAY
            )
            node.restart()
            node.peer.spin_while_publishing(
                lambda: camera.publish(restamp(message)), 0.05, lambda: bool(results), PATIENCE
            )
            gaps.append(results[0][0] - killed if results else float('inf'))
    return Outcome(
        f'{times} times: results again after {max(gaps):.2f} s at most, {min(gaps):.2f} s at '
        f'least, of which {RESPAWN_DELAY:.1f} s are the delay of launch ({allowed:.2f} s allowed)',
        max(gaps) <= allowed,
    )


ROW = Row(
    name='killed',
    fault='`kill -9` and respawn',
    required='results again within 2 s + model load',
    run=_run,
    mended='launch waited 2 s and asked every half second before it configured the node: '
    'now it waits 0.2 s, and the node configures itself; the camera took up to 3 s to find the new '
    'node and 2 s to forget the memory of the old one: config/fastdds.xml makes both shorter',
)
