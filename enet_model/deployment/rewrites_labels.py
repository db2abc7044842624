# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels and confidence out of the last layer, before it lays out its logits."""

from __future__ import annotations

import numpy as np
import onnx

from enet_model.deployment.graph import Graph, Writer
from enet_model.deployment.rewrites_channels_last import TO_CHANNELS_LAST


def classify_in_channels_last(model: onnx.ModelProto) -> None:
    """Make labels and confidence before the last, 2x2 transposed convolution lays out its blocks.

    Its logits are a matrix product with the channels last. Their mean over the classes is taken
    away in the weights, which changes neither label nor probability: so the largest is 0 or more
    and exp needs no maximum before it. Beyond 88, where exp ends, the winner counts as certain.
    """
    graph = Graph(model)
    node = graph.maker('logits')
    if node is None or node.op_type != 'ConvTranspose' or len(node.input) != 2:
        return
    weight = graph.floats(node.input[1])
    inputs, classes, *kernel = weight.shape
    batch, _, height, width = graph.shape(node.input[0])
    if kernel != [2, 2] or graph.shape('logits') != (batch, classes, 2 * height, 2 * width):
        return
    centered = weight - weight.mean(axis=1, keepdims=True)
    for name in ('labels', 'confidence'):
        maker = graph.maker(name)
        assert maker is not None
        graph.replace(maker, ())
    write = Writer(graph, 'classify')
    x = write('Transpose', node.input[0], perm=TO_CHANNELS_LAST)
    rows = []
    for i in (0, 1):
        matrix = centered[:, :, i].transpose(0, 2, 1).reshape(inputs, 2 * classes)
        logits = write('MatMul', x, matrix)
        logits = write('Reshape', logits, [batch, height, 1, 2 * width, classes])
        label = write('ArgMax', logits, axis=4, keepdims=0)
        exp = write('Exp', logits)
        largest, total = (
            write('Min', reduced, np.finfo(np.float32).max)
            for reduced in (
                write('ReduceMax', exp, axes=[4], keepdims=0),
                write('ReduceSum', exp, [4], keepdims=0),
            )
        )
        rows.append((label, write('Div', largest, total)))
    label, probability = (write('Concat', *pair, axis=2) for pair in zip(*rows, strict=True))
    confidence = write('Add', write('Mul', probability, 255.0), 0.5)
    for values, name in ((label, 'labels'), (confidence, 'confidence')):
        image = write('Reshape', values, [batch, 2 * height, 2 * width])
        write('Cast', image, output=name, to=onnx.TensorProto.UINT8)
    model.graph.node.extend(write.nodes)
