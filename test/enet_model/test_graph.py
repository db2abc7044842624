# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Nodes, graph_of, kinds, run  # noqa: E402

from enet_model.deployment.graph import Graph, Writer, attribute, ints  # noqa: E402

CHAIN: Nodes = (
    ('Relu', ['x'], ['r'], {}),
    ('Mul', ['r', 'two'], ['m'], {}),
    ('Add', ['r', 'm'], ['y'], {}),
)


def chain() -> Graph:
    return Graph(graph_of(CHAIN, (2, 3), {'two': np.array(2.0), 'idle': np.array([1])}))


def test_who_makes_and_who_reads() -> None:
    graph = chain()
    assert [node.op_type for node in graph.users('r')] == ['Mul', 'Add']
    maker = graph.maker('m')
    assert maker is not None
    assert maker.op_type == 'Mul'
    assert graph.maker('x') is graph.maker('two') is None
    assert [node.op_type for node in graph.nodes('Add', 'Relu')] == ['Relu', 'Add']
    assert graph.is_inner('m')
    assert not graph.is_inner('r')  # two read it
    assert not graph.is_inner('y')  # an output


def test_shapes_and_constants() -> None:
    graph = chain()
    assert graph.shape('x') == graph.shape('m') == (2, 3)
    assert graph.floats('two') == 2.0
    assert graph.constant('m') is None
    with pytest.raises(ValueError, match='m is not a constant'):
        graph.floats('m')


def test_an_unknown_shape_is_no_shape() -> None:
    with pytest.raises(ValueError, match='the shape of y is not known'):
        Graph(graph_of((('Relu', ['x'], ['y'], {}),), (2, 0))).shape('y')


def test_a_node_for_others() -> None:
    graph = chain()
    write = Writer(graph, 'm')
    three = write('Add', 'r', np.full(3, 1.0))
    write('Sub', three, np.int64(4).astype(np.float32), output='m')
    (old,) = graph.nodes('Mul')
    graph.replace(old, write.nodes)
    assert kinds(graph.model) == ['Relu', 'Add', 'Sub', 'Add']
    np.testing.assert_array_equal(
        run(graph.model, np.ones((2, 3), np.float32))[0], np.full((2, 3), -1)
    )


def test_names_are_new() -> None:
    graph = chain()
    assert [graph.new_name('m'), graph.new_name('m'), graph.new_name('z')] == ['m_1', 'm_2', 'z']
    assert graph.new_constant(1.5, 'two') == 'two_1'
    counts = graph.constant(graph.new_constant([1, 2], 'i'))
    assert counts is not None
    assert counts.dtype == np.int64


def test_what_no_output_needs_goes() -> None:
    graph = chain()
    write = Writer(graph, 'dead')
    write('Neg', write('Exp', 'r'))
    graph.model.graph.node.extend(write.nodes)
    graph.prune()
    assert kinds(graph.model) == ['Relu', 'Mul', 'Add']
    assert [constant.name for constant in graph.model.graph.initializer] == ['two']


def test_attributes() -> None:
    node = onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[2, 3], auto_pad='VALID')
    assert ints(node, 'kernel_shape', ()) == [2, 3]
    assert ints(node, 'strides', (1, 1)) == [1, 1]
    assert attribute(node, 'auto_pad') == b'VALID'
    assert attribute(node, 'ceil_mode', 0) == 0
