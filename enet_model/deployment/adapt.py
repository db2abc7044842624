# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet adapt``: somebody else's segmentation network in ONNX -> a model file for the node.

The foreign network takes normalised float planes 1 x 3 x H x W and gives scores. It becomes a
graph from ``pixels`` to ``logits`` of the frame's size, as ENet is one, and gets its borders.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.compose
from onnx import TensorProto, helper

from enet_model.deployment.adapt_source import AdaptError, Foreign
from enet_model.deployment.borders import add_input, add_outputs
from enet_model.deployment.graph import Graph, Writer, drop_provenance
from enet_model.deployment.opset import OPSET, to_opset_17
from enet_model.spec import METADATA_KEY, ModelSpec

_PREFIX = 'network/'  # keeps its names out of the way of ours
_SMALLEST = float(np.finfo(np.float32).tiny)


def adapt(foreign: Foreign, spec: ModelSpec, *, bgr: bool = False) -> onnx.ModelProto:
    """Return the foreign network between the borders of the model contract.

    spec: its classes, and the normalisation that it was trained with (red first).
    bgr: the network takes blue first.
    Raises AdaptError where its scores are not those of the classes, or its opset cannot be lowered.
    """
    channels, classes = foreign.shape[0], len(spec.classes)
    if channels != classes and not (channels == 1 and classes == 2):
        raise AdaptError(
            f'{foreign.path}: tells {channels} classes apart, {classes} are named; '
            'name every class that it was trained for, in its order'
        )
    try:
        model = onnx.compose.add_prefix(to_opset_17(foreign.model), _PREFIX)
    except ValueError as error:
        raise AdaptError(
            f'{foreign.path}: {error}; export it with opset_version={OPSET}'
        ) from error
    _read_pixels(model, foreign, bgr)
    _give_logits(model, foreign, classes)
    add_input(model, spec.normalization)
    add_outputs(model)
    Graph(model).drop_output('logits')
    drop_provenance(model)
    model.producer_name = 'enet_ros'
    helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    return model


def write(model: onnx.ModelProto, path: Path) -> None:
    """Write a model file, with all weights in it; AdaptError where it is too large for that."""
    try:
        onnx.checker.check_model(model, full_check=True)
        data = model.SerializeToString()
    except ValueError as error:  # protobuf's limit
        raise AdaptError(
            f'{path}: more than 2 GB in one file came; bring a smaller network'
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _read_pixels(model: onnx.ModelProto, foreign: Foreign, bgr: bool) -> None:
    """Make ``pixels``, float 1 x 3 x H x W, red first, the one input."""
    width, height = foreign.size
    graph = Graph(model)
    write = Writer(graph, 'input')
    if bgr:
        write('Gather', 'pixels', [2, 1, 0], output=_PREFIX + foreign.input, axis=1)
    else:
        write('Identity', 'pixels', output=_PREFIX + foreign.input)
    graph.prepend(write.nodes)
    del model.graph.input[:]
    model.graph.input.append(_value('pixels', (1, 3, height, width)))


def _give_logits(model: onnx.ModelProto, foreign: Foreign, classes: int) -> None:
    """Make ``logits``, float 1 x classes x H x W, the one output: their softmax is the probability.

    Smaller scores are enlarged as torch's interpolate(..., align_corners=False) does it. One score
    for two classes is that of the second against the first.
    """
    (channels, *size), (width, height) = foreign.shape, foreign.size
    write = Writer(Graph(model), 'scores')
    scores = _PREFIX + foreign.scores
    if size != [height, width]:
        scores = write(
            'Resize',
            *(scores, '', '', [1, channels, height, width]),
            mode='linear',
            coordinate_transformation_mode='half_pixel',
        )
    parts = [scores]
    if channels < classes:
        first = write('Sub', 1.0, scores) if foreign.activated else write('Mul', scores, 0.0)
        parts = [first, scores]
    if foreign.activated:  # the softmax of the logarithms gives back the probabilities
        parts = [write('Log', write('Max', part, _SMALLEST)) for part in parts]
    write('Concat', *parts, output='logits', axis=1)
    model.graph.node.extend(write.nodes)
    del model.graph.output[:]
    model.graph.output.append(_value('logits', (1, classes, height, width)))


def _value(name: str, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
