# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faults that are no single frame's: failures in a row, frames that never came, clock jumps."""

from __future__ import annotations

from dataclasses import dataclass

MAX_FAILURES = 30
"""Failures in a row that end the process: a new one may do better."""
_MAX_GAP = 100_000
"""A larger step of sequence numbers is another publisher's, not a loss."""
_MAX_JUMP = 1.0  # s
_MAX_SIMULATED_JUMP = 60.0  # s; simulated time may run faster than ours


@dataclass
class FailureRun:
    """Failures in a row, of all cameras of a node together."""

    length: int = 0

    def add(self) -> None:
        """Count a failure."""
        self.length += 1

    def end(self) -> None:
        """Begin again: something worked."""
        self.length = 0

    @property
    def is_too_long(self) -> bool:
        """Whether the process had better end."""
        return self.length >= MAX_FAILURES


class SequenceWatch:
    """Frames that were published and never came, from the middleware's sequence numbers."""

    def __init__(self) -> None:
        self._last: int | None = None

    def missed(self, number: int | None) -> int:
        """Return how many are missing before ``number``; None is a middleware without numbers."""
        last, self._last = self._last, number
        if last is None or number is None:
            return 0
        gap = number - last - 1
        return gap if 0 < gap <= _MAX_GAP else 0


class ClockWatch:
    """Jumps of the ROS clock against the steady one."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None

    def jump(self, clock: float, steady: float, is_simulated: bool) -> float:
        """Return by how much ``clock`` has jumped since the last call, 0.0 where it has not; [s].

        Simulated time may stand still or run fast: only backwards and a minute at once count.
        """
        last, self._last = self._last, (clock, steady)
        if last is None:
            return 0.0
        step = clock - last[0]
        if is_simulated:
            return step if step < 0 or step > _MAX_SIMULATED_JUMP else 0.0
        jump = step - (steady - last[1])
        return jump if abs(jump) > _MAX_JUMP else 0.0
