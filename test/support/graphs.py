# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small ONNX graphs for tests of rewrites: made of nodes, run, compared before and behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

Node = tuple[str, Sequence[str], Sequence[str], Mapping[str, Any]]
"""Kind, inputs, outputs and attributes of a node."""

Nodes = Sequence[Node]


def graph_of(
    nodes: Nodes,
    x: tuple[int, ...],
    constants: Mapping[str, NDArray[Any]] | None = None,
    output: str = 'y',
) -> onnx.ModelProto:
    """Return a model, opset 17, from float ``x`` of a shape to ``output``."""
    floats = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node(kind, i, o, **attributes) for kind, i, o, attributes in nodes],
        'graph',
        [helper.make_tensor_value_info('x', floats, x)],
        [helper.make_tensor_value_info(output, floats, None)],
        [
            onnx.numpy_helper.from_array(
                value.astype(np.float32) if value.dtype.kind == 'f' else value, name
            )
            for name, value in (constants or {}).items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=9)
    model.graph.output[0].CopyFrom(onnx.shape_inference.infer_shapes(model).graph.output[0])
    return model


def run(model: onnx.ModelProto, x: NDArray[Any], name: str = 'x') -> list[NDArray[Any]]:
    """Return the outputs of a model for an input, on one core, without optimisations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # a small graph may have constants that it does not use
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=['CPUExecutionProvider']
    )
    return session.run(None, {name: x})


def before_and_behind(
    model: onnx.ModelProto, rewrite: Callable[[onnx.ModelProto], None], x: NDArray[np.float32]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the first output of a model for ``x`` before a rewrite, done in place, and behind."""
    before = run(model, x)[0]
    rewrite(model)
    onnx.checker.check_model(model, full_check=True)
    return before, run(model, x)[0]


def kinds(model: onnx.ModelProto) -> list[str]:
    """Return the kinds of a model's nodes in their order."""
    return [node.op_type for node in model.graph.node]
