# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Simulated time without a clock, and a clock that jumps by an hour both ways."""

from __future__ import annotations

import time

from builtin_interfaces.msg import Time
from rosgraph_msgs.msg import Clock

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess
from reliability.peer import PATIENCE
from reliability.rows import Outcome, Row

_HOUR = 3600.0
_START = 1_000_000.0


def _run(short: bool) -> Outcome:
    seconds = 2.0 if short else 10.0
    message = street_message()
    told, holds = [], True
    with NodeProcess({'use_sim_time': True}, {'/clock': 'clock'}, small=short) as node:
        results = node.results()
        camera = node.camera()
        clock = node.peer.node.create_publisher(Clock, 'clock', 1)
        node.label(camera, restamp(message), results)

        def count(offset: float | None) -> tuple[int, int, float]:
            """Return results, reports and seconds of a clock at an offset; None is no clock.

            It takes longer than ``seconds`` where nothing comes in that time.
            """
            results.clear()
            before = len(node.statuses())
            start = time.monotonic()

            def reports() -> int:
                return len(node.statuses()) - before

            def publish() -> None:
                camera.publish(restamp(message))
                if offset is not None:
                    now = _START + offset + time.monotonic()
                    stamp = Time(sec=int(now), nanosec=int(now % 1 * 1e9))
                    clock.publish(Clock(clock=stamp))

            def is_over() -> bool:
                return time.monotonic() > start + seconds and bool(results) and reports() > 0

            node.peer.spin_while_publishing(publish, 0.1, is_over, PATIENCE)
            return len(results), reports(), time.monotonic() - start

        for name, offset in (
            ('no clock', None),
            ('a clock', 0.0),
            ('an hour later', _HOUR),
            ('an hour earlier', 0.0),
        ):
            labelled, reports, took = count(offset)
            holds &= labelled > 0 and reports >= int(took) - 1 and took < seconds + 1
            told.append(f'{name}: {labelled} results, {reports} diagnostics in {took:.0f} s')
        status = node.status()
    jumps = int(status['clock jumps'])
    # The clock's first message is a jump from 0.
    told.append(f'{jumps} jumps told (the first message of a clock is one)')
    return Outcome('; '.join(told), holds and jumps == 3)


ROW = Row(
    name='clocks',
    fault='`use_sim_time` without clock, clock jumps of an hour both ways',
    required='diagnostics go on, results go on',
    run=_run,
)
