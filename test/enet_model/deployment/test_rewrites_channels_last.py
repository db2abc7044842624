# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Transposed convolutions; pooling in this layout is in test_rewrites_pooling.py."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Nodes, before_and_behind, graph_of, kinds

from enet_model.deployment.rewrites_channels_last import (
    transpose_convolution_in_channels_last,
)

RNG = np.random.default_rng(12)
X = RNG.normal(size=(2, 3, 4, 5)).astype(np.float32)
FORMS = {
    2: {'strides': [2, 2]},
    3: {'strides': [2, 2], 'pads': [1, 1, 1, 1], 'output_padding': [1, 1]},
}


@pytest.mark.parametrize('kernel', FORMS)
@pytest.mark.parametrize('inputs', [['x', 'w'], ['x', 'w', 'b']])
@pytest.mark.parametrize('reader', ['', 'Relu', 'Exp'])
def test_transposed_convolutions(kernel: int, inputs: list[str], reader: str) -> None:
    nodes: Nodes = (('ConvTranspose', inputs, ['t' if reader else 'y'], FORMS[kernel]),)
    if reader:
        nodes = (*nodes, (reader, ['t'], ['y'], {}))
    constants = {'w': RNG.normal(size=(3, 4, kernel, kernel)), 'b': RNG.normal(size=4)}
    model = graph_of(nodes, X.shape, constants)
    before, behind = before_and_behind(model, transpose_convolution_in_channels_last, X)
    np.testing.assert_allclose(behind, before, rtol=1e-4, atol=1e-5)
    assert behind.shape == (2, 4, 8, 10)
    assert 'ConvTranspose' not in kinds(model)
    assert kinds(model).count('Relu') == (2 if reader == 'Relu' else 0)


def test_others_stay() -> None:
    nodes: Nodes = (('ConvTranspose', ['x', 'w'], ['y'], {'strides': [3, 3]}),)
    model = graph_of(nodes, X.shape, {'w': RNG.normal(size=(3, 4, 3, 3))})
    transpose_convolution_in_channels_last(model)
    assert kinds(model) == ['ConvTranspose']
