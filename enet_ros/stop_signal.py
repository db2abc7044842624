# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SIGINT and SIGTERM as a flag: what is in progress ends before all is torn down."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """Set by the first SIGINT or SIGTERM; more of them, as Ctrl-C under ros2 launch, do no harm.

    grace: time from the signal [s] after which the process ends with status 0 wherever it is, for
        the sake of calls that nothing interrupts, such as loading a model; None waits for ever.
    To be made in the main thread, before the imports that take a second.
    """

    def __init__(self, grace: float | None = None) -> None:
        self._event = threading.Event()
        self._grace = grace
        # Python runs a handler between two instructions of the main thread, which a call into C
        # holds up. The interpreter writes to this pipe at once, and a thread of its own reads it:
        # nothing here takes a lock that the interrupted thread may hold.
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=self._listen, name='stop_signal', daemon=True).start()
        for number in _NUMBERS:
            signal.signal(number, _ignore)

    def is_set(self) -> bool:
        """Tell whether a signal has come."""
        return self._event.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait for a signal, ``timeout`` seconds at most; return whether one has come."""
        return self._event.wait(max(timeout, 0.0))

    def _listen(self) -> None:
        while not any(number in _NUMBERS for number in os.read(self._reader, 1)):
            pass
        self._event.set()
        if self._grace is not None:
            time.sleep(self._grace)
            os._exit(0)


def ignore() -> None:
    """Let no further signal disturb the end of the process."""
    for number in _NUMBERS:
        signal.signal(number, signal.SIG_IGN)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing: a handler has to be there for the interpreter to write to the pipe."""
