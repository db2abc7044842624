# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM at random moments of the node's life: importing, loading, working."""

from __future__ import annotations

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sensor_msgs.msg import Image

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess
from reliability.peer import Peer
from reliability.rows import Outcome, Row

_LATEST = 4.0  # s after the start: most have results by then
_AT_A_TIME = 2
_LIMIT = 2.0  # s


class _End(NamedTuple):
    status: int
    seconds: float
    log: str


def _end_at(moment: float, number: int, small: bool) -> _End:
    """Start a node and send it a signal a while after its first lines have run."""
    remaps = {'image': '/signals/image', 'segmentation': '/signals/segmentation'}
    with NodeProcess(remaps=remaps, small=small) as node:
        while not node.hears_signals():
            if not node.is_alive:
                return _End(node.wait(), 0.0, node.log)
            time.sleep(0.001)
        time.sleep(moment)
        start = time.monotonic()
        node.send(number)
        status = node.wait()
        return _End(status, time.monotonic() - start, node.log)


def _run(short: bool) -> Outcome:
    count = 2 if short else 100
    random_ = random.Random(4)
    moments = [random_.uniform(0.0, _LATEST) for _ in range(count)]
    numbers = [(signal.SIGINT, signal.SIGTERM)[index % 2] for index in range(count)]
    message = street_message(320, 180)
    with Peer('/signals') as peer, ThreadPoolExecutor(_AT_A_TIME) as pool:
        camera = peer.camera('image', Image)
        results = peer.listen('segmentation', Image)
        futures = [
            pool.submit(_end_at, moment, number, short)
            for moment, number in zip(moments, numbers, strict=True)
        ]
        peer.spin_while_publishing(
            lambda: camera.publish(restamp(message)),
            0.05,
            lambda: all(future.done() for future in futures),
            count * 30.0,
        )
        ends = [future.result() for future in futures]
    bad = [end for end in ends if end.status != 0 or 'Traceback' in end.log]
    longest = max(end.seconds for end in ends)
    told = f': status {bad[0].status}, {bad[0].log[-300:]}' if bad else ''
    return Outcome(
        f'{count} signals, {_AT_A_TIME} nodes at a time, 0 - {_LATEST:.0f} s after the first lines '
        f'of the program; {len(results)} frames labelled meanwhile; {len(bad)} with another status '
        f'than 0 or a traceback{told}; longest end {longest:.2f} s',
        not bad and longest < _LIMIT,
    )


ROW = Row(
    name='signals',
    fault='100 SIGINT / SIGTERM at random moments',
    required='exit 0, under 2 s each, no traceback',
    run=_run,
    mended='a signal during the imports, a second of the start, ended in a traceback; one while '
    'a model was loading waited for that; a second one during the end changed the exit status',
)
