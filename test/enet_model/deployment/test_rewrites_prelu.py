# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Nodes, before_and_behind, graph_of, kinds

from enet_model.deployment.rewrites_prelu import prelu_as_relu

X = np.random.default_rng(3).normal(size=(2, 4, 3, 5)).astype(np.float32)
PRELU: Nodes = (('PRelu', ['x', 'slope'], ['y'], {}),)


@settings(max_examples=20)
@given(st.lists(st.floats(-3.0, 3.0, width=32), min_size=4, max_size=4))
def test_any_slopes(slopes: list[float]) -> None:
    model = graph_of(PRELU, X.shape, {'slope': np.reshape(slopes, (4, 1, 1))})
    before, behind = before_and_behind(model, prelu_as_relu, X)
    np.testing.assert_allclose(behind, before, rtol=1e-5, atol=1e-6)
    assert 'PRelu' not in kinds(model)


def test_one_slope_for_all_channels() -> None:
    model = graph_of(PRELU, X.shape, {'slope': np.full((1, 1, 1), 0.25)})
    before, behind = before_and_behind(model, prelu_as_relu, X)
    np.testing.assert_allclose(behind, before, rtol=1e-6)
    assert (before != X).any()


@pytest.mark.parametrize(('steepest', 'convolutions'), [(1.0, 2), (1.5, 3)])
def test_two_passes_where_the_slopes_allow_it(steepest: float, convolutions: int) -> None:
    model = graph_of(PRELU, X.shape, {'slope': np.reshape([0.1, -0.2, 0.3, steepest], (4, 1, 1))})
    prelu_as_relu(model)
    assert kinds(model).count('Conv') == convolutions
