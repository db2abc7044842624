# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Both forms of pooling and unpooling, bit for bit; windows have ties nearly everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Nodes, before_and_behind, graph_of, kinds  # noqa: E402

from enet_model.deployment.rewrites_channels_last import pool_in_channels_last  # noqa: E402
from enet_model.deployment.rewrites_pooling import pool_by_slices  # noqa: E402

WINDOW = {'kernel_shape': [2, 2], 'strides': [2, 2]}
# Other values than the pooled ones are put back, as in a decoder.
NODES: Nodes = (
    ('MaxPool', ['x'], ['p', 'winners'], WINDOW),
    ('Exp', ['p'], ['e'], {}),
    ('Sub', ['p', 'e'], ['d'], {}),
    ('MaxUnpool', ['d', 'winners'], ['y'], WINDOW),
)
SHAPES = st.tuples(st.integers(1, 2), st.integers(1, 3), *(st.sampled_from([2, 4, 6]),) * 2)
TIES = hnp.arrays(np.float32, SHAPES, elements=st.sampled_from([-1.0, -0.0, 0.0, 2.0]))
REWRITES = pytest.mark.parametrize('rewrite', [pool_by_slices, pool_in_channels_last])


@REWRITES
@settings(max_examples=25)
@given(x=TIES)
def test_values_return_to_the_winners(rewrite: Callable[[Any], None], x: np.ndarray) -> None:
    model = graph_of(NODES, x.shape)
    before, behind = before_and_behind(model, rewrite, x)
    np.testing.assert_array_equal(behind, before)
    assert 'MaxUnpool' not in kinds(model)
    assert all(len(node.output) == 1 for node in model.graph.node)


@REWRITES
def test_the_pooled_values_are_the_same(rewrite: Callable[[Any], None]) -> None:
    x = np.random.default_rng(1).normal(size=(1, 8, 12, 20)).astype(np.float32)
    model = graph_of(NODES, x.shape, output='p')
    before, behind = before_and_behind(model, rewrite, x)
    np.testing.assert_array_equal(behind, before)


@REWRITES
def test_other_windows_are_refused(rewrite: Callable[[Any], None]) -> None:
    wide = (('MaxPool', ['x'], ['y', 'winners'], {'kernel_shape': [3, 3], 'strides': [2, 2]}),)
    with pytest.raises(ValueError, match='MaxPool with windows other than 2x2'):
        rewrite(graph_of(wide, (1, 1, 5, 5)))


@REWRITES
def test_pooling_without_winners_stays(rewrite: Callable[[Any], None]) -> None:
    model = graph_of((('MaxPool', ['x'], ['y'], {'kernel_shape': [3, 3]}),), (1, 1, 5, 5))
    rewrite(model)
    assert kinds(model) == ['MaxPool']
