# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A camera four times as fast as the node."""

from __future__ import annotations

import time

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess, values_of
from reliability.rows import Outcome, Row

_FACTOR = 4
_FLAT = 5 * 2**20  # bytes


def _run(short: bool) -> Outcome:
    seconds = 3.5 if short else 60.0
    message = street_message()
    with NodeProcess(small=short) as node:
        results = node.results()
        camera = node.camera()
        for _ in range(20):
            node.label(camera, restamp(message), results)
        inference = float(node.status()['inference median [ms]'])
        period = inference / 1e3 / _FACTOR
        start = time.monotonic()
        memory = []

        def publish() -> None:
            camera.publish(restamp(message))
            results.clear()
            if time.monotonic() - start > 2.0:
                memory.append(node.memory)

        node.peer.spin_while_publishing(publish, period, lambda: not node.is_alive, seconds)
        statuses = [values_of(status) for when, status in node.statuses() if when > start + 2.0]
    age = max(float(status['age p99 [ms]']) for status in statuses)
    busy = max(float(status['inference median [ms]']) for status in statuses)
    rate_in, rate_out = (float(statuses[-1][f'rate {way} [Hz]']) for way in ('in', 'out'))
    allowed = 3 * busy + 30
    growth = max(memory) - min(memory)
    return Outcome(
        f'{seconds:.0f} s at {1 / period:.0f} Hz: {rate_in:.1f} Hz came, {rate_out:.1f} Hz were '
        f'labelled, {statuses[-1]["frames missed"]} frames missed; age p99 {age:.0f} ms of '
        f'{allowed:.0f} allowed (inference {busy:.0f} ms); memory + {growth / 2**20:.1f} MiB',
        age <= allowed and growth < _FLAT,
    )


ROW = Row(
    name='overload',
    fault='camera 4 times faster than the node for 60 s',
    required='age p99 <= 3 x inference + 30 ms, memory flat (+ < 5 MiB)',
    run=_run,
)
