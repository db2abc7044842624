# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What all tests share: peace from other test runs, and a model file to compare pixels with."""

import os
from pathlib import Path

import hypothesis
import pytest

from enet_model.label_sets import LabelClass, Role
from enet_model.spec import METADATA_KEY, ModelSpec

# The nodes of a test run keep to themselves: off the robot's network and off another run's.
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['ROS_DOMAIN_ID'] = str(os.getpid() % 100 + 1)

# No test is timed: the machine may be busy.
hypothesis.settings.register_profile('untimed', deadline=None)
hypothesis.settings.load_profile('untimed')

COLOR_SPEC = ModelSpec(
    (
        LabelClass('road', (128, 64, 128), Role.TRAVERSABLE),
        LabelClass('wall', (70, 70, 70), Role.OBSTACLE),
        LabelClass('sky', (70, 130, 180), Role.BACKGROUND),
        LabelClass('car', (0, 0, 142), Role.OBSTACLE),
    ),
    data_set='test',
)


@pytest.fixture(scope='session')
def color_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of 32 x 24 pixels: class = red / 64, confidence = green."""
    onnx = pytest.importorskip('onnx', reason='the model is made with onnx: pip install onnx')
    helper, kinds = onnx.helper, onnx.TensorProto
    borders = [
        helper.make_tensor_value_info(name, kinds.UINT8, shape)
        for name, shape in (
            ('image', ['N', 24, 32, 3]),
            ('labels', ['N', 24, 32]),
            ('confidence', ['N', 24, 32]),
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
    helper.set_model_props(model, {METADATA_KEY: COLOR_SPEC.to_json()})
    path = tmp_path_factory.mktemp('model') / 'color.onnx'
    onnx.save(model, path)
    return path
