# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM as a flag: what is in progress ends before all is torn down."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType


class StopSignal:
    """Set by the first SIGINT or SIGTERM; more of them, as Ctrl-C under ros2 launch, do no harm.

    Not a threading.Event: its handler would wait for ever for a lock that the interrupted main
    thread holds, in ``wait`` or in the handler of the signal before.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def is_set(self) -> bool:
        """Tell whether a signal has come."""
        return self._is_set

    def wait(self, timeout: float) -> bool:
        """Wait for a signal, ``timeout`` seconds at most; return whether one has come."""
        if not self._is_set and timeout > 0:
            select.select([self._reader], [], [], timeout)
        return self._is_set

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_set:
            self._is_set = True
            os.write(self._writer, b'.')  # wakes up wait
