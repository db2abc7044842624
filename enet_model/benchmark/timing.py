# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Time several candidates in turns, so that a drift of the machine meets all of them alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST_RUNS = 100
FEWEST_RUNS = 2


@dataclass(frozen=True)
class Timing:
    """The times of a candidate's runs, in the order in which they were measured."""

    seconds: tuple[float, ...]

    @property
    def median_ms(self) -> float:
        """The middle time."""
        return statistics.median(self.seconds) * 1e3

    @property
    def iqr_ms(self) -> float:
        """The spread: the middle half of the times lies within this range."""
        lower, _, upper = statistics.quantiles(self.seconds, n=4, method='inclusive')
        return (upper - lower) * 1e3


def measure(candidates: Sequence[Callable[[], object]], budget: float, fewest: int) -> list[Timing]:
    """Time candidates that are warm, each for about ``budget`` seconds.

    Every candidate has ``fewest`` turns (2 or more), one after the other; a turn is one run or
    several in a row. Before a turn the threads of the one before are waited for. ValueError for
    fewer turns, or nothing to spend.
    """
    if fewest < FEWEST_RUNS or not budget > 0:
        raise ValueError(
            f'{fewest} runs in {budget} s came; wanted {FEWEST_RUNS} runs or more and a budget '
            'above 0'
        )
    seconds = [[_turn(run, 1)[0]] for run in candidates]
    lengths = [turn_length(times[0], budget, fewest) for times in seconds]
    for _ in range(fewest - 1):
        for run, length, times in zip(candidates, lengths, seconds, strict=True):
            times += _turn(run, length)
    return [Timing(tuple(times)) for times in seconds]


def turn_length(seconds: float, budget: float, fewest: int) -> int:
    """Return the runs of a turn, after a first run of so many seconds and with ``fewest`` turns."""
    runs = min(math.ceil(budget / max(seconds, 1e-9)), MOST_RUNS)
    return max(math.ceil((runs - 1) / (fewest - 1)), 1)


def wait_for_idle_threads(longest: float = 0.5) -> None:
    """Return when this process computes nothing, or after ``longest`` seconds.

    A thread pool of ONNX Runtime looks for work for some tens of milliseconds after a run before it
    sleeps; on few cores that slows whatever runs next.
    """
    end = time.perf_counter() + longest
    busy = True
    while busy and time.perf_counter() < end:
        before = time.process_time()
        time.sleep(0.01)
        busy = time.process_time() - before > 0.002


def _turn(run: Callable[[], object], length: int) -> list[float]:
    wait_for_idle_threads()
    times = []
    for _ in range(length):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times
