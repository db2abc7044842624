# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long each stage of a frame takes."""

from __future__ import annotations

import time


class StageClock:
    """Times the stages of the frame in work, one after another."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        """What the stages of this frame have taken so far, in their order."""
        self.stamp = 0.0
        self._last = 0.0

    def begin(self, stamp: float) -> None:
        """Begin with the frame of a ``stamp`` [s]."""
        self.stamp = stamp
        self.seconds = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End a stage: what has passed since the last one is its time."""
        now = time.perf_counter()
        self.seconds[stage] = now - self._last
        self._last = now
