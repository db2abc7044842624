# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from enet_ros.stop_signal import StopSignal


@pytest.fixture
def stop() -> Iterator[StopSignal]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield StopSignal()
    signal.set_wakeup_fd(-1)
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
    assert stop.wait(60.0)


def end(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has a StopSignal and sends itself signals."""
    begin = 'import os, signal, sys, time; from enet_ros import stop_signal; '
    return subprocess.run(
        [sys.executable, '-c', begin + code],
        capture_output=True,
        text=True,
        timeout=60.0,
        cwd=Path(__file__).parents[2],
        check=False,
    )


@pytest.mark.parametrize('number', ['SIGINT', 'SIGTERM'])
def test_a_call_that_nothing_interrupts_is_left_after_the_grace(number: str) -> None:
    """Threads are held up by locks that are never freed, the main thread too."""
    done = end(
        'stop_signal.StopSignal(grace=0.1); import threading; '
        f'threading.Timer(0.1, os.kill, (os.getpid(), signal.{number})).start(); '
        'lock = threading.Lock(); lock.acquire(); lock.acquire(); sys.exit(3)'
    )
    assert (done.returncode, done.stderr) == (0, '')


def test_signals_at_the_very_end_change_nothing() -> None:
    done = end(
        'stop = stop_signal.StopSignal(grace=30.0); os.kill(os.getpid(), signal.SIGTERM); '
        'stop.wait(10.0); stop_signal.ignore(); os.kill(os.getpid(), signal.SIGTERM); '
        'os.kill(os.getpid(), signal.SIGINT); sys.exit(5 if stop.is_set() else 6)'
    )
    assert (done.returncode, done.stderr) == (5, '')
