# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PReLU in operators that stay in ONNX Runtime's blocked layout.

Its PRelu is a slow loop outside that layout: before and behind each of them a tensor is reordered.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from enet_model.deployment.graph import Graph, Writer


def prelu_as_relu(model: onnx.ModelProto) -> None:
    """Write PReLU(y) as a y + relu((1 - a) y) where the slope a of a channel is at most 1.

    That is two depthwise 1x1 convolutions, the first with the ReLU fused and the second with the
    sum. Above 1 it is y - relu((1 - a) y): a third convolution changes the sign of those channels.
    """
    graph = Graph(model)
    for node in graph.nodes('PRelu'):
        y = node.input[0]
        slopes = np.broadcast_to(graph.floats(node.input[1]).ravel(), graph.shape(y)[1])
        steep = slopes > 1.0
        write = Writer(graph, 'prelu')
        bent = write('Relu', _scale_channels(write, y, 1.0 - slopes))
        if steep.any():
            bent = _scale_channels(write, bent, np.where(steep, -1.0, 1.0))
        straight = _scale_channels(write, y, np.where(steep, 1.0, slopes))
        write('Add', straight, bent, output=node.output[0])
        graph.replace(node, write.nodes)


def _scale_channels(write: Writer, x: str, factors: NDArray[np.float64]) -> str:
    return write('Conv', x, factors.reshape(-1, 1, 1, 1), group=len(factors), kernel_shape=[1, 1])
