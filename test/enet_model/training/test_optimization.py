# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402

from enet_model.training.optimization import build_optimizer, rate_at  # noqa: E402
from enet_model.training.recipe import Optimizer  # noqa: E402


def test_the_rate_rises_and_falls() -> None:
    settings = Optimizer(warm_up=0.1)
    rates = [rate_at(step, 100, settings) for step in range(101)]
    assert rates[:10] == pytest.approx([step / 10 for step in range(1, 11)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.0)


def test_without_warm_up_and_cosine_the_rate_stays() -> None:
    flat = Optimizer(warm_up=0.0, cosine=False)
    assert {rate_at(step, 100, flat) for step in range(101)} == {1.0}


@given(st.integers(1, 500), st.floats(0, 1), st.booleans())
def test_every_step_has_a_rate(total: int, warm_up: float, cosine: bool) -> None:
    settings = Optimizer(warm_up=warm_up, cosine=cosine)
    rates = [rate_at(step, total, settings) for step in range(total)]
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == 1.0


def test_adamw_decays_what_multiplies() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.PReLU(2))
    decayed, spared = build_optimizer(network, Optimizer(weight_decay=0.1)).param_groups
    assert (decayed['weight_decay'], spared['weight_decay']) == (0.1, 0.0)
    assert [p.ndim for p in decayed['params']] == [4]
    assert [p.ndim for p in spared['params']] == [1, 1, 1, 1]


def test_the_adam_of_the_paper_decays_all() -> None:
    (group,) = build_optimizer(
        nn.Conv2d(1, 2, 3), Optimizer('adam', 5e-4, weight_decay=2e-4)
    ).param_groups
    assert (group['lr'], group['weight_decay'], len(group['params'])) == (5e-4, 2e-4, 2)
