# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_model.benchmark import timing
from enet_model.benchmark.timing import MOST_RUNS, Timing, measure, turn_length


class Clock:
    """A clock that goes forward when a candidate runs, and notes which one ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.order: list[str] = []
        monkeypatch.setattr(timing.time, 'perf_counter', lambda: self.now)
        monkeypatch.setattr(timing, 'wait_for_idle_threads', lambda: None)

    def candidate(self, name: str, *seconds: float) -> Callable[[], None]:
        durations = iter(seconds)

        def run() -> None:
            self.now += next(durations)
            self.order.append(name)

        return run


def test_candidates_run_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    fast = clock.candidate('f', *[0.25] * 5)
    slow = clock.candidate('s', 3.0, 5.0, 4.0)
    found = measure([fast, slow], budget=1.25, fewest=3)
    assert ''.join(clock.order) == 'fsffsffs'
    assert found[0].seconds == (0.25,) * 5
    assert found[1].seconds == (3.0, 5.0, 4.0)


@given(seconds=st.floats(1e-6, 100.0), budget=st.floats(0.01, 100.0), fewest=st.integers(2, 10))
def test_turns_use_the_budget(seconds: float, budget: float, fewest: int) -> None:
    runs = 1 + (fewest - 1) * turn_length(seconds, budget, fewest)
    assert fewest <= runs <= MOST_RUNS + fewest
    assert runs >= min(budget / seconds, MOST_RUNS)
    assert runs == fewest or (runs - fewest) * seconds <= budget


@pytest.mark.parametrize(('budget', 'fewest'), [(1.0, 1), (0.0, 3), (float('nan'), 3)])
def test_too_little_to_measure(budget: float, fewest: int) -> None:
    with pytest.raises(ValueError, match='2 runs or more and a budget above 0'):
        measure([], budget, fewest)


def test_median_and_spread() -> None:
    found = Timing((0.010, 0.050, 0.020, 0.030, 0.040))
    assert found.median_ms == pytest.approx(30)
    assert found.iqr_ms == pytest.approx(20)


def test_idle_threads_are_not_waited_for_longer_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that never rests: the wait ends all the same."""
    now = 0.0
    monkeypatch.setattr(timing.time, 'perf_counter', lambda: now)
    monkeypatch.setattr(timing.time, 'process_time', lambda: now)

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(timing.time, 'sleep', sleep)
    timing.wait_for_idle_threads(longest=0.5)
    assert now == pytest.approx(0.5, abs=0.011)
