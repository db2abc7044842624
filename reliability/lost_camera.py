# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A camera that is lost for some seconds and comes back."""

from __future__ import annotations

import time

from reliability.frames import restamp, street_message
from reliability.node_process import NodeProcess, values_of
from reliability.rows import Outcome, Row

_PERIOD = 0.1  # s
_LOST = 3.0  # s


def _run(short: bool) -> Outcome:
    message = street_message()
    with NodeProcess(small=short) as node:
        results = node.results()
        camera = node.camera()
        node.peer.spin_while_publishing(
            lambda: camera.publish(restamp(message)), _PERIOD, lambda: False, 1.0 if short else 5.0
        )
        node.label(camera, restamp(message), results)
        inference = float(node.status()['inference median [ms]']) / 1e3
        camera.publish(restamp(message))
        lost = time.monotonic()
        node.peer.spin_for(_LOST)
        stale = [
            when - lost
            for when, status in node.statuses()
            if when > lost and values_of(status)['state'] == 'stale'
        ]
        results.clear()
        back = time.monotonic()
        node.peer.spin_while_publishing(
            lambda: camera.publish(restamp(message)), _PERIOD, lambda: bool(results), 10.0
        )
        first = results[0][0] - back if results else float('inf')
        state = node.status()['state']
    allowed = 2 * inference + 0.5
    said = f'stale after {stale[0]:.1f} s' if stale else 'never stale'
    return Outcome(
        f'{said}; first result {first:.2f} s after the first frame ({allowed:.2f} s allowed); '
        f'state {state} again',
        bool(stale) and stale[0] <= 2.0 and first <= allowed and state != 'stale',
    )


ROW = Row(
    name='lost_camera',
    fault='camera lost for 3 s and back',
    required='stale within 2 s, first result within 2 x inference + 0.5 s of the first frame',
    run=_run,
    mended='a lost camera was told at the next second only: just too late now and then',
)
