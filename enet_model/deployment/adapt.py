# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet adapt``: somebody else's segmentation network in ONNX -> a model file for the node.

The foreign network takes normalised float frames N x 3 x H x W and gives a score a class. Scaling,
normalisation and the order of colours go before it, enlarging, the choice of a class and its
probability after it, all in one graph that keeps the contract of :mod:`enet_model.segmenter`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.compose
from onnx import TensorProto, helper, numpy_helper

from enet_model.deployment.adapt_opset import OPSET, to_opset_17
from enet_model.deployment.adapt_source import AdaptError, Foreign
from enet_model.spec import METADATA_KEY, ModelSpec

IR_VERSION = 9
"""ONNX Runtime from 1.17 on reads it."""
_PREFIX = 'network/'


@dataclass(frozen=True)
class _Graph:
    """Operators one after another, and the constants that they read."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add an operator; return the name of its output."""
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, values: Any, kind: Any) -> str:
        """Add a constant; return its name."""
        self.constants.append(numpy_helper.from_array(np.array(values, kind), name))
        return name


def adapt(foreign: Foreign, spec: ModelSpec, *, bgr: bool = False) -> onnx.ModelProto:
    """Return the foreign network between the borders of the model contract.

    spec: its classes, and the normalisation that it was trained with (red first).
    bgr: the network takes blue first.
    Raises AdaptError where its scores are not those of the classes, or its opset cannot be lowered.
    """
    width, height = foreign.size
    channels, rows, columns = foreign.shape
    if channels != len(spec.classes) and not (channels == 1 and len(spec.classes) == 2):
        raise AdaptError(
            f'{foreign.path}: tells {channels} classes apart, {len(spec.classes)} are named; '
            'name every class that it was trained for, in its order'
        )
    before, after = _Graph(), _Graph()
    network = _between(foreign, _prepare(before, spec, bgr))
    scores = _PREFIX + foreign.scores
    if (rows, columns) != (height, width):
        scores = _enlarge(after, scores, (channels, height, width))
    _decide(after, scores, channels, foreign.activated)
    nodes = _needed([*before.nodes, *network.node, *after.nodes], ('labels', 'confidence'))
    read = {name for node in nodes for name in _reads(node)}
    constants = [*before.constants, *network.initializer, *after.constants]
    uint8 = TensorProto.UINT8
    graph = helper.make_graph(
        nodes,
        'adapted',
        [helper.make_tensor_value_info('image', uint8, [1, height, width, 3])],
        [
            helper.make_tensor_value_info(name, uint8, [1, height, width])
            for name in ('labels', 'confidence')
        ],
        [constant for constant in constants if constant.name in read],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid('', OPSET)],
        ir_version=IR_VERSION,
        producer_name='enet_ros',
    )
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


def _prepare(graph: _Graph, spec: ModelSpec, bgr: bool) -> str:
    """Turn uint8 frames N x H x W x 3 into what the network takes; TensorRT wants the cast first.

    Returns the name of the result.
    """
    mean = graph.constant(
        'mean', np.reshape(spec.normalization.mean, (1, 3, 1, 1)) * 255, np.float32
    )
    std = graph.constant('std', np.reshape(spec.normalization.std, (1, 3, 1, 1)) * 255, np.float32)
    last = graph.add('Cast', ['image'], 'image/float', to=TensorProto.FLOAT)
    last = graph.add('Transpose', [last], 'image/planes', perm=[0, 3, 1, 2])
    last = graph.add('Sub', [last, mean], 'image/centered')
    last = graph.add('Div', [last, std], 'image/normalized')
    if bgr:
        order = graph.constant('image/order', [2, 1, 0], np.int64)
        last = graph.add('Gather', [last, order], 'image/bgr', axis=1)
    return last


def _enlarge(graph: _Graph, scores: str, shape: tuple[int, int, int]) -> str:
    """Enlarge scores to the frame, as torch's interpolate(..., align_corners=False) does."""
    sizes = graph.constant('scores/shape', [1, *shape], np.int64)
    return graph.add(
        'Resize',
        [scores, '', '', sizes],
        'scores/enlarged',
        mode='linear',
        coordinate_transformation_mode='half_pixel',
    )


def _decide(graph: _Graph, scores: str, channels: int, activated: bool) -> None:
    """Turn scores into labels and confidence, 255 x probability of the winning class, as uint8.

    activated: the scores are probabilities already; otherwise their softmax is. One score for two
    classes is that of the second against the first.
    """
    if channels == 1:
        other = (
            graph.add('Sub', [graph.constant('scores/one', 1, np.float32), scores], 'scores/first')
            if activated
            else graph.add(
                'Mul', [scores, graph.constant('scores/zero', 0, np.float32)], 'scores/first'
            )
        )
        scores = graph.add('Concat', [other, scores], 'scores/both', axis=1)
    winner = graph.add('ArgMax', [scores], 'labels/wide', axis=1, keepdims=0)
    graph.add('Cast', [winner], 'labels', to=TensorProto.UINT8)
    best = graph.add('ReduceMax', [scores], 'scores/best', axes=[1], keepdims=0 if activated else 1)
    full = graph.constant('confidence/full', 255, np.float32)
    if activated:
        share = graph.add('Mul', [best, full], 'confidence/share')
    else:
        # The largest of the softmax is 1 / sum(exp(score - best)).
        axes = graph.constant('scores/axis', [1], np.int64)
        below = graph.add('Sub', [scores, best], 'scores/below')
        powers = graph.add('Exp', [below], 'scores/powers')
        total = graph.add('ReduceSum', [powers, axes], 'scores/total', keepdims=0)
        share = graph.add('Div', [full, total], 'confidence/share')
    half = graph.constant('confidence/half', 0.5, np.float32)
    rounded = graph.add('Add', [share, half], 'confidence/rounded')
    graph.add('Cast', [rounded], 'confidence', to=TensorProto.UINT8)


def _between(foreign: Foreign, pixels: str) -> onnx.GraphProto:
    """Return the network in opset 17, its names out of the way of ours, reading ``pixels``."""
    try:
        model = to_opset_17(foreign.model)
    except ValueError as error:
        raise AdaptError(
            f'{foreign.path}: {error}; export it with opset_version={OPSET}'
        ) from error
    graph = onnx.compose.add_prefix(model, _PREFIX).graph
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name == _PREFIX + foreign.input:
                node.input[index] = pixels
    return graph


def _needed(nodes: list[Any], outputs: tuple[str, ...]) -> list[Any]:
    """Return the operators that lead to the outputs: a network may have other heads."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(_reads(node))
    return kept[::-1]


def _reads(node: Any) -> Iterator[str]:
    """Yield the names that an operator reads, in its branches too."""
    yield from filter(None, node.input)
    for attribute in node.attribute:
        for branch in (attribute.g, *attribute.graphs):
            for inner in branch.node:
                yield from _reads(inner)
            yield from (output.name for output in branch.output)
