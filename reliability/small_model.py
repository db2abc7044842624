# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A model of 32 x 24 pixels whose answers can be told from the pixels, in a millisecond."""

from __future__ import annotations

from pathlib import Path

import onnx

from enet_model.label_sets import LabelClass, Role
from enet_model.spec import METADATA_KEY, ModelSpec

WIDTH, HEIGHT = 32, 24
SPEC = ModelSpec(
    (
        LabelClass('road', (128, 64, 128), Role.TRAVERSABLE),
        LabelClass('wall', (70, 70, 70), Role.OBSTACLE),
        LabelClass('sky', (70, 130, 180), Role.BACKGROUND),
        LabelClass('car', (0, 0, 142), Role.OBSTACLE),
    ),
    data_set='test',
)


def small_model() -> onnx.ModelProto:
    """Return the model: class = red / 64, confidence = green."""
    helper, kinds = onnx.helper, onnx.TensorProto
    borders = [
        helper.make_tensor_value_info(name, kinds.UINT8, shape)
        for name, shape in (
            ('image', ['N', HEIGHT, WIDTH, 3]),
            ('labels', ['N', HEIGHT, WIDTH]),
            ('confidence', ['N', HEIGHT, WIDTH]),
        )
    ]
    constants = [
        helper.make_tensor('red', kinds.INT64, [], [0]),
        helper.make_tensor('green', kinds.INT64, [], [1]),
        helper.make_tensor('step', kinds.FLOAT, [], [64.0]),
    ]
    nodes = [
        helper.make_node('Cast', ['image'], ['pixels'], to=kinds.FLOAT),
        helper.make_node('Gather', ['pixels', 'red'], ['reds'], axis=3),
        helper.make_node('Div', ['reds', 'step'], ['classes']),
        helper.make_node('Floor', ['classes'], ['ids']),
        helper.make_node('Cast', ['ids'], ['labels'], to=kinds.UINT8),
        helper.make_node('Gather', ['pixels', 'green'], ['greens'], axis=3),
        helper.make_node('Cast', ['greens'], ['confidence'], to=kinds.UINT8),
    ]
    graph = helper.make_graph(nodes, 'color', borders[:1], borders[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    helper.set_model_props(model, {METADATA_KEY: SPEC.to_json()})
    return model


def write_small_model(path: Path) -> Path:
    """Write the model to a file and return its path."""
    onnx.save(small_model(), path)
    return path
