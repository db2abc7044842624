# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Node, Nodes, before_and_behind, graph_of, kinds

from enet_model.deployment.rewrites_convolution import (
    concatenation_as_sum,
    fold_batch_norm,
    fold_input_scale,
    padding_as_concatenation,
)

RNG = np.random.default_rng(11)
X = RNG.normal(size=(1, 3, 8, 6)).astype(np.float32)
POOL: Node = ('MaxPool', ['x'], ['p'], {'kernel_shape': [2, 2], 'strides': [2, 2]})
NORMALIZE: Node = ('BatchNormalization', ['c', 'gamma', 'beta', 'mean', 'variance'], ['y'], {})


def statistics(channels: int) -> dict[str, np.ndarray]:
    values = {name: RNG.normal(size=channels) for name in ('gamma', 'beta', 'mean')}
    return {**values, 'variance': RNG.uniform(0.1, 2.0, channels)}


def check(model: object, rewrite: object, x: np.ndarray = X) -> None:
    before, behind = before_and_behind(model, rewrite, x)  # type: ignore[arg-type]
    np.testing.assert_allclose(behind, before, rtol=1e-4, atol=1e-5)
    assert np.ptp(before) > 0.1


@pytest.mark.parametrize('with_bias', [False, True])
@pytest.mark.parametrize(
    ('kind', 'shape'), [('Conv', (5, 3, 2, 2)), ('ConvTranspose', (3, 5, 2, 2))]
)
def test_batch_norm(kind: str, shape: tuple[int, ...], with_bias: bool) -> None:
    inputs = ['x', 'w', 'b'] if with_bias else ['x', 'w']
    constants = {'w': RNG.normal(size=shape), 'b': RNG.normal(size=5), **statistics(5)}
    model = graph_of(((kind, inputs, ['c'], {}), NORMALIZE), X.shape, constants)
    check(model, fold_batch_norm)
    assert kinds(model) == [kind]


@pytest.mark.parametrize(
    'nodes',
    [
        (('Relu', ['x'], ['c'], {}), NORMALIZE),
        (('Conv', ['x', 'w3'], ['c'], {'group': 3}), NORMALIZE),
        (('Conv', ['x', 'w'], ['c'], {}), NORMALIZE, ('Relu', ['c'], ['z'], {})),
    ],
    ids=['no convolution', 'depthwise', 'read by another'],
)
def test_batch_norm_that_stays(nodes: Nodes) -> None:
    constants = {'w': RNG.normal(size=(3, 3, 1, 1)), 'w3': RNG.normal(size=(3, 1, 1, 1))}
    model = graph_of(nodes, X.shape, {**constants, **statistics(3)})
    check(model, fold_batch_norm)
    assert 'BatchNormalization' in kinds(model)


def test_the_initial_block() -> None:
    """Convolution beside pooling, normalised together: the sum carries the normalisation."""
    strided = {'strides': [2, 2], 'pads': [1, 1, 1, 1]}
    nodes: Nodes = (
        ('Conv', ['x', 'w'], ['left'], strided),
        POOL,
        ('Concat', ['left', 'p'], ['c'], {'axis': 1}),
        NORMALIZE,
    )
    model = graph_of(nodes, X.shape, {'w': RNG.normal(size=(5, 3, 3, 3)), **statistics(8)})
    check(model, concatenation_as_sum)
    assert 'Concat' not in kinds(model)
    check(model, fold_batch_norm)
    assert kinds(model) == ['Conv', 'MaxPool', 'Conv', 'Add']


@pytest.mark.parametrize('axis', [1, 2])
def test_a_concatenation_that_stays(axis: int) -> None:
    nodes: Nodes = (
        ('Relu', ['x'], ['r'], {}),
        ('Conv', ['x', 'w'], ['l'], {}),
        ('Concat', ['r', 'l'] if axis == 1 else ['l', 'r'], ['y'], {'axis': axis}),
    )
    model = graph_of(nodes, X.shape, {'w': RNG.normal(size=(3, 3, 1, 1))})
    check(model, concatenation_as_sum)
    assert 'Concat' in kinds(model)


@pytest.mark.parametrize('order', [['padded', 'c'], ['c', 'padded']])
def test_a_padded_tensor_in_a_sum(order: list[str]) -> None:
    nodes: Nodes = (
        ('Pad', ['x', 'pads'], ['padded'], {}),
        ('Conv', ['x', 'w', 'b'], ['c'], {}),
        ('Add', order, ['y'], {}),
    )
    constants = {
        'pads': np.array([0, 0, 0, 0, 0, 4, 0, 0]),
        'w': RNG.normal(size=(7, 3, 1, 1)),
        'b': RNG.normal(size=7),
    }
    model = graph_of(nodes, X.shape, constants)
    check(model, padding_as_concatenation)
    assert sorted(kinds(model)) == ['Add', 'Concat', 'Conv', 'Conv']


def test_padding_of_rows_stays() -> None:
    nodes: Nodes = (
        ('Pad', ['x', 'pads'], ['padded'], {}),
        ('Conv', ['x', 'w'], ['c'], {'pads': [0, 0, 1, 0]}),
        ('Add', ['padded', 'c'], ['y'], {}),
    )
    constants = {'pads': np.array([0, 0, 0, 0, 0, 0, 1, 0]), 'w': RNG.normal(size=(3, 3, 1, 1))}
    model = graph_of(nodes, X.shape, constants)
    check(model, padding_as_concatenation)
    assert 'Pad' in kinds(model)


SCALED: Nodes = (
    ('Mul', ['x', 'factor'], ['s'], {}),
    ('Conv', ['s', 'w'], ['c'], {'pads': [1, 1, 1, 1]}),
)


def test_the_scale_of_the_input() -> None:
    nodes: Nodes = (
        *SCALED,
        ('MaxPool', ['s'], ['p'], {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]}),
        ('Conv', ['p', 'v'], ['d'], {}),
        ('Add', ['c', 'd'], ['y'], {}),
    )
    constants = {
        'factor': np.array([0.2, 1.0, 3.0]).reshape(1, 3, 1, 1),
        'w': RNG.normal(size=(4, 3, 3, 3)),
        'v': RNG.normal(size=(4, 3, 1, 1)),
    }
    model = graph_of(nodes, X.shape, constants)
    check(model, fold_input_scale)
    assert 'Mul' not in kinds(model)


@pytest.mark.parametrize(
    ('factor', 'reader'), [(2.0, 'Relu'), (-2.0, 'Conv')], ids=['no convolution', 'negative']
)
def test_a_scale_that_stays(factor: float, reader: str) -> None:
    other: Node = (
        ('Relu', ['s'], ['d'], {}) if reader == 'Relu' else ('Conv', ['s', 'w'], ['d'], {})
    )
    nodes: Nodes = (*SCALED[:1], other, ('Add', ['s', 'd'], ['y'], {}))
    constants = {'factor': np.full((1, 3, 1, 1), factor), 'w': RNG.normal(size=(3, 3, 1, 1))}
    model = graph_of(nodes, X.shape, constants)
    check(model, fold_input_scale)
    assert 'Mul' in kinds(model)
