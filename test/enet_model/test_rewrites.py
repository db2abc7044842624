# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.deployment import rewrites  # noqa: E402

FLOAT, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
X = np.random.default_rng(8).normal(size=(2, 3, 4)).astype(np.float32)


def model(opset: int, *nodes: Any, constants: dict[str, list[int]] | None = None) -> Any:
    """Return a graph from x, float 2 x 3 x 4, to y."""
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node(*definition, **attributes) for *definition, attributes in nodes],
        'graph',
        [helper.make_tensor_value_info('x', FLOAT, [2, 3, 4])],
        [helper.make_tensor_value_info('y', FLOAT, None)],
        [
            helper.make_tensor(name, INT64, [len(values)], values)
            for name, values in (constants or {}).items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], ir_version=10)


def run(graph: Any) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=['CPUExecutionProvider']
    )
    return session.run(None, {'x': X})[0]


def opset_and_ir(graph: Any) -> tuple[int, int]:
    return graph.opset_import[0].version, graph.ir_version


REDUCE = ('ReduceMax', ['x', 'axes'], ['y'], {'keepdims': 0})
PAD: Any = ('Pad', ['x', 'pads'], ['y'], {})


@pytest.mark.parametrize(
    ('node', 'constants'),
    [
        (REDUCE, {'axes': [1]}),
        (REDUCE, {'axes': [0, -1]}),
        (('ReduceMax', ['x'], ['y'], {}), {}),
        (PAD, {'pads': [0, 1, 0, 0, 2, 0]}),
        (('Relu', ['x'], ['y'], {}), {}),
    ],
)
def test_opset_17_computes_the_same(node: Any, constants: dict[str, list[int]]) -> None:
    graph = model(18, node, constants=constants)
    before = run(graph)
    rewrites.lower_to_opset_17(graph)
    assert opset_and_ir(graph) == (17, 9)
    np.testing.assert_array_equal(run(graph), before)
    used = {name for node in graph.graph.node for name in node.input}
    assert {constant.name for constant in graph.graph.initializer} <= used


def test_opset_17_stays_as_it_is() -> None:
    graph = model(17, ('ReduceMax', ['x'], ['y'], {'axes': [1], 'keepdims': 0}))
    before = run(graph)
    rewrites.lower_to_opset_17(graph)
    assert opset_and_ir(graph) == (17, 9)
    np.testing.assert_array_equal(run(graph), before)


@pytest.mark.parametrize(
    ('opset', 'node', 'constants', 'text'),
    [
        (19, ('Relu', ['x'], ['y'], {}), {}, 'opset 19 came; wanted 18'),
        (16, ('Relu', ['x'], ['y'], {}), {}, 'opset 16 came; wanted 18'),
        (
            18,
            ('Pad', ['x', 'pads', '', 'axes'], ['y'], {}),
            {'pads': [1, 1], 'axes': [1]},
            'Pad with axes',
        ),
        (18, ('ReduceMean', ['x', 'axes'], ['y'], {}), {'axes': [1]}, 'ReduceMean cannot be'),
        (18, ('Mish', ['x'], ['y'], {}), {}, 'Mish cannot be lowered'),
    ],
)
def test_what_opset_17_cannot_say(
    opset: int, node: Any, constants: dict[str, list[int]], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        rewrites.lower_to_opset_17(model(opset, node, constants=constants))


def test_constants_that_nobody_reads_go() -> None:
    graph = model(18, PAD, constants={'pads': [0] * 6, 'idle': [1]})
    rewrites.drop_unused_constants(graph)
    assert [constant.name for constant in graph.graph.initializer] == ['pads']


def test_a_constant_that_is_an_output_stays() -> None:
    graph = model(18, ('Relu', ['x'], ['y'], {}), constants={'c': [1]})
    graph.graph.output.append(onnx.helper.make_tensor_value_info('c', INT64, [1]))
    rewrites.drop_unused_constants(graph)
    assert [constant.name for constant in graph.graph.initializer] == ['c']


def test_an_exporter_leaves_no_trace() -> None:
    graph = model(18, PAD, constants={'pads': [0] * 6})
    secret = '/home/someone/train.py'
    note = onnx.StringStringEntryProto(key='stack', value=secret)
    for part in (
        *(graph, graph.graph, *graph.graph.node, *graph.graph.initializer),
        *(*graph.graph.input, *graph.graph.output),
    ):
        part.doc_string = secret
        part.metadata_props.append(note)
    graph.graph.value_info.append(onnx.helper.make_tensor_value_info(secret, FLOAT, [1]))
    assert graph.SerializeToString().count(secret.encode()) == 13
    before = run(graph)
    rewrites.drop_provenance(graph)
    assert secret.encode() not in graph.SerializeToString()
    np.testing.assert_array_equal(run(graph), before)


def test_an_output_goes() -> None:
    graph = model(18, ('Relu', ['x'], ['y'], {}), ('Neg', ['y'], ['z'], {}))
    graph.graph.output.append(onnx.helper.make_tensor_value_info('z', FLOAT, None))
    rewrites.drop_output(graph, 'y')
    assert [output.name for output in graph.graph.output] == ['z']
    np.testing.assert_array_equal(run(graph), -np.maximum(X, 0))
