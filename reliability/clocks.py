# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Simulated time without a clock, and a clock that jumps by an hour both ways."""

from __future__ import annotations

import time

from builtin_interfaces.msg import Time
from rosgraph_msgs.msg import Clock

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

_HOUR = 3600.0
_START = 1_000_000.0


def _run(short: bool) -> Outcome:
    seconds = 2.5 if short else 10.0
    message = street_message()
    told, holds = [], True
    with NodeProcess({'use_sim_time': True}, {'/clock': 'clock'}) as node:
        results = node.results()
        camera = node.camera()
        clock = node.peer.node.create_publisher(Clock, 'clock', 1)
        node.label(camera, restamp(message), results)

        def count(offset: float | None) -> tuple[int, int]:
            """Return results and statuses while the clock is at an offset; None is no clock."""
            results.clear()
            reports = len(node.statuses())

            def publish() -> None:
                camera.publish(restamp(message))
                if offset is not None:
                    now = _START + offset + time.monotonic()
                    stamp = Time(sec=int(now), nanosec=int(now % 1 * 1e9))
                    clock.publish(Clock(clock=stamp))

            node.peer.spin_while_publishing(publish, 0.1, lambda: False, seconds)
            return len(results), len(node.statuses()) - reports

        for name, offset in (
            ('no clock', None),
            ('a clock', 0.0),
            ('an hour later', _HOUR),
            ('an hour earlier', 0.0),
        ):
            labelled, reports = count(offset)
            holds &= labelled > 0 and reports >= int(seconds) - 1
            told.append(f'{name}: {labelled} results, {reports} diagnostics in {seconds:.0f} s')
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
