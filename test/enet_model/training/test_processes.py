# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from two_processes import run_in_two_processes, tell_each_other  # noqa: E402

from enet_model.training.processes import process_count  # noqa: E402


def test_alone() -> None:
    assert process_count() == 1


def test_two_processes() -> None:
    results = run_in_two_processes(tell_each_other, [30.0, 10.0])
    for result in results:
        assert result['count'] == 2
        assert result['total'].tolist() == [3.0, 10.0]
        # Of 1 * total_0 + total_1 in the first process and 10 * total_0 + total_1 in the second.
        assert result['gradient'].tolist() == [11.0, 2.0]
    assert [result['share'].item() for result in results] == [1.5, 0.5]
    assert [result['nothing'].item() for result in results] == [0.0, 0.0]
