# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a camera's segmentation fares: counters and times, and the status message made of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

WINDOW = 10.0
"""Rates and times are those of the last so many seconds."""


@dataclass
class Health:
    """What one camera sent and what became of it. Times are seconds of a steady clock."""

    name: str
    received: int = 0
    published: int = 0
    unwanted: int = 0
    """Frames that nobody subscribed to, and that were not computed."""
    refused: Counter[str] = field(default_factory=Counter)
    """Frames that are no pictures, by reason."""
    failed: int = 0
    """Frames on which the computation failed."""
    unplaced: int = 0
    """Frames whose place on the ground was asked for and not known."""
    last_error: str = ''
    _last_arrival: float = 0.0
    _arrivals: deque[float] = field(default_factory=deque)
    _results: deque[tuple[float, float, float]] = field(default_factory=deque)
    _problems: deque[tuple[float, str]] = field(default_factory=deque)

    def add_arrival(self, now: float) -> None:
        """Count a frame that came."""
        self.received += 1
        self._last_arrival = now
        self._arrivals.append(now)

    def add_result(self, now: float, latency: float, age: float) -> None:
        """Count a result: ``latency`` since the frame came in, ``age`` since its stamp."""
        self.published += 1
        self._results.append((now, latency, age))

    def add_refusal(self, reason: str, text: str) -> None:
        """Count a frame that was no picture."""
        self.refused[reason] += 1
        self._problems.append((self._last_arrival, 'refused'))
        self.last_error = text

    def add_failure(self, text: str) -> None:
        """Count a frame on which the computation failed."""
        self.failed += 1
        self._problems.append((self._last_arrival, 'failed'))
        self.last_error = text

    def add_unplaced(self, text: str) -> None:
        """Count a frame that has labels but no place on the ground."""
        self.unplaced += 1
        self._problems.append((self._last_arrival, 'not placed on the ground'))
        self.last_error = text

    def is_stale(self, now: float, stale_after: float) -> bool:
        """Tell whether frames came once and come no more."""
        return self.received > 0 and now - self._last_arrival > stale_after

    def status(
        self,
        now: float,
        stale_after: float,
        hardware: str,
        engine: Mapping[str, str],
        active: bool = True,
    ) -> DiagnosticStatus:
        """Return the state; ``engine`` is what is to be said of model and device."""
        self._forget(now - WINDOW)
        level, text = self._judge(now, stale_after, active)
        latency, age = (np.array([r[i] for r in self._results]) for i in (1, 2))
        values = {
            'state': text,
            **engine,
            'frames received': self.received,
            'frames labelled': self.published,
            'frames nobody wanted': self.unwanted,
            'frames refused': sum(self.refused.values()),
            **{f'frames refused ({reason})': n for reason, n in sorted(self.refused.items())},
            'frames failed': self.failed,
            'frames not placed on the ground': self.unplaced,
            'rate in [Hz]': f'{_rate(list(self._arrivals), now):.1f}',
            'rate out [Hz]': f'{_rate([t[0] for t in self._results], now):.1f}',
            'latency median [ms]': _milliseconds(latency, 50),
            'latency p99 [ms]': _milliseconds(latency, 99),
            'age median [ms]': _milliseconds(age, 50),
            'age p99 [ms]': _milliseconds(age, 99),
            'last error': self.last_error,
        }
        return DiagnosticStatus(
            level=level,
            name=self.name,
            message=text,
            hardware_id=hardware,
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()],
        )

    def _judge(self, now: float, stale_after: float, active: bool) -> tuple[bytes, str]:
        if not active:
            return DiagnosticStatus.OK, 'inactive'
        if not self.received:
            return DiagnosticStatus.WARN, 'waiting for frames'
        if self.is_stale(now, stale_after):
            return DiagnosticStatus.STALE, 'stale: no frames come'
        if not self._problems:
            return DiagnosticStatus.OK, 'ok'
        kinds = Counter(kind for _, kind in self._problems)
        text = ', '.join(f'{count} frames {kind}' for kind, count in kinds.items())
        if not self._results:
            return DiagnosticStatus.ERROR, f'no frame is labelled: {text}'
        return DiagnosticStatus.WARN, f'degraded: {text}'

    def _forget(self, before: float) -> None:
        """Drop what is older than the window."""
        while self._arrivals and self._arrivals[0] < before:
            self._arrivals.popleft()
        while self._results and self._results[0][0] < before:
            self._results.popleft()
        while self._problems and self._problems[0][0] < before:
            self._problems.popleft()


def _rate(times: list[float], now: float) -> float:
    """Return events a second, from the first in the window on."""
    return len(times) / max(now - times[0], 1.0) if times else 0.0


def _milliseconds(times: np.ndarray, percentile: float) -> str:
    return f'{np.percentile(times, percentile) * 1e3:.1f}' if times.size else ''
