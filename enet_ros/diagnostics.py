# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a camera's segmentation fares: counters and times, and the status message made of them."""

from __future__ import annotations

import math
import os
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

WINDOW = 10.0
"""Rates and times are those of the last so many seconds."""


class _Result(NamedTuple):
    """When a frame was done, and what it took [s]."""

    time: float
    inference: float
    latency: float
    age: float


@dataclass
class Health:
    """What one camera sent and what became of it. Times are seconds of a steady clock."""

    name: str
    received: int = 0
    missed: int = 0
    """Frames that were published and did not come, or that a newer one replaced."""
    published: int = 0
    unwanted: int = 0
    """Frames that nobody subscribed to, and that were not computed."""
    refused: Counter[str] = field(default_factory=Counter)
    """Frames that are no pictures, by reason."""
    failed: int = 0
    """Frames on which the computation failed."""
    unplaced: int = 0
    """Frames whose place on the ground was asked for and not known."""
    out_of_order: int = 0
    """Frames whose stamp is before that of the frame before."""
    clock_jumps: int = 0
    mismatch: str = ''
    """Policy of a publisher's quality of service that does not suit the subscription."""
    last_error: str = ''
    _last_arrival: float = 0.0
    _last_stamp: float = -math.inf
    _arrivals: deque[float] = field(default_factory=deque)
    _results: deque[_Result] = field(default_factory=deque)
    _problems: deque[tuple[float, str]] = field(default_factory=deque)

    def add_arrival(self, now: float, stamp: float | None = None, missed: int = 0) -> None:
        """Count a frame that came, with its ``stamp`` [s], after ``missed`` that did not come."""
        self.received += 1
        self.missed += missed
        self._last_arrival = now
        self._arrivals.append(now)
        if stamp is not None:
            if stamp < self._last_stamp:
                self.out_of_order += 1
                self._problems.append((now, 'frames out of order'))
            self._last_stamp = stamp

    def add_result(self, now: float, inference: float, latency: float, age: float) -> None:
        """Count a result: ``latency`` since the frame came in, ``age`` since its stamp."""
        self.published += 1
        self._results.append(_Result(now, inference, latency, age))

    def add_refusal(self, reason: str, text: str) -> None:
        """Count a frame that was no picture."""
        self.refused[reason] += 1
        self._add_problem('frames refused', text)

    def add_failure(self, text: str) -> None:
        """Count a frame on which the computation failed."""
        self.failed += 1
        self._add_problem('frames failed', text)

    def add_unplaced(self, text: str) -> None:
        """Count a frame that has labels but no place on the ground."""
        self.unplaced += 1
        self._add_problem('frames not placed on the ground', text)

    def add_clock_jump(self, now: float, seconds: float) -> None:
        """Count a jump of the clock; ages from before it mean nothing any more."""
        self.clock_jumps += 1
        self._problems.append((now, 'clock jumps'))
        self.last_error = f'the clock jumped by {seconds:+.1f} s'
        self._results = deque(result._replace(age=math.nan) for result in self._results)

    def is_stale(self, now: float, stale_after: float) -> bool:
        """Tell whether frames came once and come no more."""
        return self.received > 0 and now - self._last_arrival > stale_after

    def status(
        self,
        now: float,
        stale_after: float,
        hardware: str,
        engine: Mapping[str, str],
        resting: str = '',
        degraded: str = '',
    ) -> DiagnosticStatus:
        """Return the state.

        engine: what is to be said of model and device.
        resting: why no frames are listened to, such as 'inactive'; empty where they are.
        degraded: what is wrong with the engine; empty where nothing is.
        """
        self._forget(now - WINDOW)
        level, state, detail = (
            (DiagnosticStatus.OK, resting, '')
            if resting
            else self._judge(now, stale_after, degraded)
        )
        inference, latency, age = (
            np.array([getattr(result, name) for result in self._results])
            for name in ('inference', 'latency', 'age')
        )
        values = {
            'state': state,
            **engine,
            'frames received': self.received,
            'frames missed': self.missed,
            'frames labelled': self.published,
            'frames nobody wanted': self.unwanted,
            'frames refused': sum(self.refused.values()),
            **{f'frames refused ({reason})': n for reason, n in sorted(self.refused.items())},
            'frames failed': self.failed,
            'frames not placed on the ground': self.unplaced,
            'frames out of order': self.out_of_order,
            'clock jumps': self.clock_jumps,
            'QoS mismatch': self.mismatch,
            'rate in [Hz]': f'{_rate(list(self._arrivals), now):.1f}',
            'rate out [Hz]': f'{_rate([result.time for result in self._results], now):.1f}',
            'inference median [ms]': _milliseconds(inference, 50),
            'inference p99 [ms]': _milliseconds(inference, 99),
            'latency median [ms]': _milliseconds(latency, 50),
            'latency p99 [ms]': _milliseconds(latency, 99),
            'age median [ms]': _milliseconds(age, 50),
            'age p99 [ms]': _milliseconds(age, 99),
            'memory [MiB]': f'{resident_memory() / 2**20:.1f}',
            'last error': self.last_error,
        }
        return DiagnosticStatus(
            level=level,
            name=self.name,
            message=f'{state}: {detail}' if detail else state,
            hardware_id=hardware,
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )

    def _judge(self, now: float, stale_after: float, degraded: str) -> tuple[bytes, str, str]:
        """Return level, state and detail."""
        if not self.received:
            mismatch = f'a publisher offers another {self.mismatch}' if self.mismatch else ''
            return DiagnosticStatus.WARN, 'waiting for frames', mismatch
        if self.is_stale(now, stale_after):
            return DiagnosticStatus.STALE, 'stale', 'no frames come'
        kinds = Counter(kind for _, kind in self._problems)
        counted = [f'{count} {kind}' for kind, count in kinds.items()]
        if (kinds['frames refused'] or kinds['frames failed']) and not self._results:
            return DiagnosticStatus.ERROR, 'failed', f'no frame is labelled: {", ".join(counted)}'
        problems = [*([degraded] if degraded else ()), *counted]
        if problems:
            return DiagnosticStatus.WARN, 'degraded', ', '.join(problems)
        return DiagnosticStatus.OK, 'ok', ''

    def _add_problem(self, kind: str, text: str) -> None:
        self._problems.append((self._last_arrival, kind))
        self.last_error = text

    def _forget(self, before: float) -> None:
        """Drop what is older than the window."""
        while self._arrivals and self._arrivals[0] < before:
            self._arrivals.popleft()
        while self._results and self._results[0].time < before:
            self._results.popleft()
        while self._problems and self._problems[0][0] < before:
            self._problems.popleft()


def resident_memory(pid: int | str = 'self') -> int:
    """Return the bytes of memory that a process holds."""
    with open(f'/proc/{pid}/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def _rate(times: list[float], now: float) -> float:
    """Return events a second, from the first in the window on."""
    return len(times) / max(now - times[0], 1.0) if times else 0.0


def _milliseconds(times: np.ndarray, percentile: float) -> str:
    """Return a percentile of the times that are known."""
    known = times[~np.isnan(times)]
    return f'{np.percentile(known, percentile) * 1e3:.1f}' if known.size else ''
