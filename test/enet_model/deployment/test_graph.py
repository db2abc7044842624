# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import Nodes, graph_of, kinds, run  # noqa: E402

from enet_model.deployment.graph import (  # noqa: E402
    Graph,
    Writer,
    attribute,
    drop_provenance,
    ints,
)

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


def test_an_output_goes_with_what_it_alone_needs() -> None:
    graph = chain()
    write = Writer(graph, 'other')
    write('Neg', write('Exp', 'r'), output='z')
    graph.model.graph.node.extend(write.nodes)
    graph.model.graph.output.append(onnx.helper.make_tensor_value_info('z', 1, [2, 3]))
    graph.drop_output('z')
    assert [output.name for output in graph.model.graph.output] == ['y']
    assert kinds(graph.model) == ['Relu', 'Mul', 'Add']


def test_an_exporter_leaves_no_trace() -> None:
    model = chain().model
    x = np.ones((2, 3), np.float32)
    before = run(model, x)[0]
    secret = '/home/someone/train.py'
    note = onnx.StringStringEntryProto(key='stack', value=secret)
    parts = (
        *(model, model.graph, *model.graph.node, *model.graph.initializer),
        *(*model.graph.input, *model.graph.output),
    )
    for part in parts:
        part.doc_string = secret
        part.metadata_props.append(note)
    model.graph.value_info.append(onnx.helper.make_tensor_value_info(secret, 1, [1]))
    assert model.SerializeToString().count(secret.encode()) == 2 * len(parts) + 1
    drop_provenance(model)
    assert secret.encode() not in model.SerializeToString()
    np.testing.assert_array_equal(run(model, x)[0], before)


def test_attributes() -> None:
    node = onnx.helper.make_node('MaxPool', ['x'], ['y'], kernel_shape=[2, 3], auto_pad='VALID')
    assert ints(node, 'kernel_shape', ()) == [2, 3]
    assert ints(node, 'strides', (1, 1)) == [1, 1]
    assert attribute(node, 'auto_pad') == b'VALID'
    assert attribute(node, 'ceil_mode', 0) == 0
