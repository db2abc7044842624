# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from enet_ros import stages
from enet_ros.stages import StageClock


def test_a_stage_lasts_from_the_end_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.5, 12.5, 20.0, 20.25])
    monkeypatch.setattr(stages.time, 'perf_counter', lambda: next(times))
    clock = StageClock()
    clock.begin(7.0)
    clock.lap('decode')
    clock.lap('inference')
    assert clock.seconds == {'decode': 0.5, 'inference': 2.0}
    assert clock.stamp == 7.0
    first = clock.seconds
    clock.begin(8.0)
    clock.lap('decode')
    assert clock.seconds == {'decode': 0.25}
    assert first == {'decode': 0.5, 'inference': 2.0}, 'those of the frame before are left alone'
