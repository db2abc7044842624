# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from enet_ros.stop_signal import StopSignal


@pytest.fixture
def stop() -> Iterator[StopSignal]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield StopSignal()
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_without_a_signal_it_waits_and_is_not_set(stop: StopSignal) -> None:
    start = time.monotonic()
    assert not stop.wait(0.05)
    assert time.monotonic() - start >= 0.05
    assert not stop.wait(-1.0)
    assert not stop.is_set()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_waiting_and_stays(stop: StopSignal, number: int) -> None:
    timer = threading.Timer(0.1, os.kill, (os.getpid(), number))
    timer.start()
    assert stop.wait(60.0)
    assert stop.is_set()
    assert stop.wait(60.0)
    timer.join()


def test_a_thousand_signals_at_any_moment_do_not_block(stop: StopSignal) -> None:
    def bombard() -> None:
        for _ in range(1000):
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=bombard)
    thread.start()
    while thread.is_alive():
        stop.wait(0.001)
    assert stop.is_set()
