# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_ros.faults import MAX_FAILURES, ClockWatch, FailureRun, SequenceWatch


def test_a_run_of_failures_is_too_long_only_without_a_success_in_it() -> None:
    run = FailureRun()
    for _ in range(MAX_FAILURES - 1):
        run.add()
    assert not run.is_too_long
    run.end()
    for _ in range(MAX_FAILURES - 1):
        run.add()
    assert not run.is_too_long
    run.add()
    assert run.is_too_long


@given(st.lists(st.booleans(), max_size=100), st.integers(1, 2**40))
def test_what_is_left_out_of_a_sequence_is_missed(came: list[bool], first: int) -> None:
    watch = SequenceWatch()
    missed = [watch.missed(first + i) for i, comes in enumerate(came) if comes]
    indexes = [i for i, comes in enumerate(came) if comes]
    expected = indexes[-1] - indexes[0] + 1 - len(indexes) if indexes else 0
    assert sum(missed) == expected


def test_another_publisher_is_no_loss() -> None:
    watch = SequenceWatch()
    assert [watch.missed(n) for n in (500, 1, 2, 10**9, None, 7, 9)] == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize('hours', [1, -1])
def test_a_clock_that_is_set_jumps_and_one_that_is_slewed_does_not(hours: int) -> None:
    watch = ClockWatch()
    clock, steady = 1e9, 50.0
    assert watch.jump(clock, steady, False) == 0.0
    for _ in range(100):
        clock, steady = clock + 1.01, steady + 1.0
        assert watch.jump(clock, steady, False) == 0.0
    assert watch.jump(clock + hours * 3600 + 1, steady + 1, False) == pytest.approx(hours * 3600)
    assert watch.jump(clock + hours * 3600 + 2, steady + 2, False) == 0.0


def test_simulated_time_may_stand_still_or_run_fast() -> None:
    watch = ClockWatch()
    jumps = [
        watch.jump(clock, steady, True)
        for steady, clock in enumerate((0.0, 0.0, 0.0, 10.0, 10.5, 3610.5, 10.5, 11.5))
    ]
    assert jumps == [0, 0, 0, 0, 0, 3600.0, -3600.0, 0]
