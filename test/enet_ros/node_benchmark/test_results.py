# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import math
from typing import Any

import numpy as np
import pytest

from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.results import summarize
from enet_ros.node_benchmark.running import Recording

CASE = Case(640, 360, 10.0, cameras=2)


def frame(stamp: float, inference: float) -> dict[str, Any]:
    seconds = {'decode': 0.001, 'resize': 0.002, 'inference': inference, 'mask': 0.003}
    return {
        'stamp': stamp,
        'begun': stamp + 0.004,
        'seconds': {**seconds, 'publish': 0.004, 'other outputs': 1.0},
    }


def recording(**changes: Any) -> Recording:
    values: dict[str, Any] = {
        'start': 100.0,
        'end': 102.0,
        # Two cameras, 4 and 2 images in the window of two seconds; the others do not count.
        'sent': {'a': [99.9, 100.0, 100.5, 101.0, 101.5, 102.0], 'b': [100.2, 101.2]},
        'heard': {
            'a_labels': [(99.9, 9.0), (100.0, 0.010), (101.0, 0.030), (102.0, 9.0)],
            'b_labels': [(100.2, 0.020)],
        },
        'processor': {'node': 1.5, 'cameras': 0.2, 'listener': 0.1},
        'frames': [frame(99.9, 9.0), frame(100.0, 0.05), frame(100.2, 0.07), frame(101.0, 0.06)],
    }
    return Recording(**{**values, **changes})


def test_frames_count_by_their_stamp() -> None:
    result = summarize(CASE, recording())
    assert result.sent_rate == pytest.approx(1.5)
    assert result.heard_share == pytest.approx(3 / 6)
    assert result.age_median == pytest.approx(20.0)
    assert result.age_p99 == pytest.approx(np.percentile([10, 20, 30], 99))
    assert result.processor['node'] == 1.5
    assert result.case == CASE


def test_the_stages_are_medians_and_the_rest_of_the_outputs_is_not_the_labels() -> None:
    result = summarize(CASE, recording())
    assert list(result.stages)[:3] == ['receive', 'decode', 'resize']
    assert result.stages['receive'] == pytest.approx(4.0, abs=1e-3)
    assert result.stages['inference'] == pytest.approx(60.0)
    assert result.own_time == pytest.approx(10.0)
    assert result.age_bound == pytest.approx(3 * 60 + 30)


def test_where_nothing_was_heard_there_is_no_age() -> None:
    result = summarize(CASE, recording(heard={'a': [], 'b': []}, frames=[]))
    assert result.heard_share == 0
    assert math.isnan(result.age_median)
    assert result.stages == {}
    assert math.isnan(result.own_time)
