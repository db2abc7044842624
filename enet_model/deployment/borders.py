# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The borders of the model contract around a graph from normalised pixels to logits.

TensorRT takes uint8 at the borders alone: the cast to float is the first operator on the image and
the cast to uint8 the last before an output.
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto

from enet_model.deployment.graph import Graph, Writer
from enet_model.spec import Normalization


def add_input(model: onnx.ModelProto, normalization: Normalization) -> None:
    """Put ``image``, uint8 N x H x W x 3, in the place of the input ``pixels``.

    A mean of zero is not subtracted, so that the scale, which is all there is, can be folded.
    """
    graph = Graph(model)
    batch, _, height, width = graph.shape('pixels')
    mean, std = (
        255.0 * np.reshape(v, (1, 3, 1, 1)) for v in (normalization.mean, normalization.std)
    )
    write = Writer(graph, 'image')
    values = write('Transpose', write('Cast', 'image', to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
    if mean.any():
        values = write('Sub', values, mean)
    write('Mul', values, 1.0 / std, output='pixels')
    image = onnx.helper.make_tensor_value_info(
        'image', TensorProto.UINT8, (batch, height, width, 3)
    )
    model.graph.input[0].CopyFrom(image)
    graph.prepend(write.nodes)


def add_outputs(model: onnx.ModelProto) -> None:
    """Add ``labels`` and ``confidence``, uint8 N x H x W, in front of the output ``logits``."""
    graph = Graph(model)
    batch, _, height, width = graph.shape('logits')
    write = Writer(graph, 'output')
    best = write('ReduceMax', 'logits', axes=[1])
    # The largest of the softmax is 1 / sum(exp(logit - best)).
    total = write('ReduceSum', write('Exp', write('Sub', 'logits', best)), [1], keepdims=0)
    confidence = write('Add', write('Div', 255.0, total), 0.5)
    winner = write('ArgMax', 'logits', axis=1, keepdims=0)
    write('Cast', winner, output='labels', to=TensorProto.UINT8)
    write('Cast', confidence, output='confidence', to=TensorProto.UINT8)
    model.graph.node.extend(write.nodes)
    for name in ('labels', 'confidence'):
        value = onnx.helper.make_tensor_value_info(name, TensorProto.UINT8, (batch, height, width))
        model.graph.output.insert(len(model.graph.output) - 1, value)
