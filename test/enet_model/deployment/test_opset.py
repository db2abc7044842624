# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.deployment.opset import to_opset_17  # noqa: E402

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
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], ir_version=10)
    made.graph.output[0].CopyFrom(onnx.shape_inference.infer_shapes(made).graph.output[0])
    return made


def run(graph: Any) -> np.ndarray:
    session = onnxruntime.InferenceSession(
        graph.SerializeToString(), providers=['CPUExecutionProvider']
    )
    return session.run(None, {'x': X})[0]


AXES = onnx.helper.make_tensor('axes', INT64, [1], [1])
REDUCE = ('ReduceMax', ['x', 'axes'], ['y'], {'keepdims': 0})
RESIZE = {'mode': 'linear', 'antialias': 0, 'keep_aspect_ratio_policy': 'stretch'}


@pytest.mark.parametrize(
    ('opset', 'nodes', 'constants'),
    [
        (18, [REDUCE], {'axes': [1]}),
        (18, [REDUCE], {'axes': [0, -1]}),
        (18, [('Constant', [], ['axes'], {'value': AXES}), REDUCE], {}),
        (18, [('ReduceMean', ['x'], ['y'], {'noop_with_empty_axes': 0})], {}),
        (18, [('ReduceSum', ['x', 'axes'], ['y'], {'noop_with_empty_axes': 0})], {'axes': [1]}),
        (18, [('Pad', ['x', 'pads'], ['y'], {'mode': 'reflect'})], {'pads': [0, 1, 0, 0, 2, 0]}),
        (18, [('Resize', ['x', '', '', 'sizes'], ['y'], RESIZE)], {'sizes': [2, 3, 8]}),
        (18, [('Split', ['x'], ['y', 'z'], {'num_outputs': 2})], {}),
        (20, [('Pad', ['x', 'pads'], ['y'], {})], {'pads': [0, 1, 0, 0, 2, 0]}),
        (17, [('ReduceMax', ['x'], ['y'], {'axes': [1]})], {}),
        (12, [('ReduceSum', ['x'], ['y'], {'axes': [1]})], {}),
    ],
)
def test_it_computes_the_same(opset: int, nodes: Any, constants: dict[str, list[int]]) -> None:
    graph = model(opset, *nodes, constants=constants)
    before = graph.SerializeToString()
    lowered = to_opset_17(graph)
    assert (lowered.opset_import[0].version, lowered.ir_version) == (17, 9)
    np.testing.assert_array_equal(run(lowered), run(graph))
    assert graph.SerializeToString() == before, 'the model that came stays as it is'


@pytest.mark.parametrize(
    ('node', 'constants', 'text'),
    [
        (('Pad', ['x', 'pads', '', 'axes'], ['y'], {}), {'pads': [1, 1], 'axes': [1]}, 'Pad'),
        (('Mish', ['x'], ['y'], {}), {}, 'Mish'),
        (('ReduceMax', ['x'], ['y'], {'noop_with_empty_axes': 1}), {}, 'noop_with_empty_axes'),
        (
            ('Resize', ['x', '', '', 'sizes'], ['y'], RESIZE | {'antialias': 1}),
            {'sizes': [2, 3, 2]},
            'antialias',
        ),
        (('ScatterND', ['x', 'i', 'x'], ['y'], {'reduction': 'max'}), {'i': [0]}, 'larger'),
    ],
)
def test_what_opset_17_cannot_say(node: Any, constants: dict[str, list[int]], text: str) -> None:
    with pytest.raises(ValueError, match=f'opset 18 cannot be taken as opset 17: .*{text}'):
        to_opset_17(model(18, node, constants=constants))


def test_axes_that_are_computed() -> None:
    where = ('Cast', ['x'], ['axes'], {'to': INT64})
    with pytest.raises(ValueError, match='ReduceMax with axes that are computed came'):
        to_opset_17(model(18, where, REDUCE))
