# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pooling with winners, unpooling and transposed convolutions with the channels last.

In that layout a 2x2 window, or the block that a transposed convolution makes of a pixel, consists
of runs of C values: what is a strided walk in N x C x H x W is a copy of runs here. ONNX Runtime
on a CPU goes from its blocked layout to this one and back in one step.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray

from enet_model.deployment.graph import Graph, Writer, attribute, ints
from enet_model.deployment.rewrites_pooling import Winners, replace_pooling

TO_CHANNELS_LAST, TO_CHANNELS_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]


def pool_in_channels_last(model: onnx.ModelProto) -> None:
    """Write MaxPool with indices and MaxUnpool as windows of runs.

    The pooled values come from a MaxPool without indices. The winners are three masks of 0 and 1,
    with which unpooling multiplies: a fast loop, other than that of Where.
    """
    replace_pooling(model, _write_pooling, _write_unpooling)


def _write_pooling(write: Writer, node: onnx.NodeProto) -> Winners:
    x = node.input[0]
    write('MaxPool', x, output=node.output[0], kernel_shape=[2, 2], strides=[2, 2])
    batch, channels, height, width = write.graph.shape(x)
    last = write('Transpose', x, perm=TO_CHANNELS_LAST)
    windows = write('Reshape', last, [batch, height // 2, 2, width // 2, 2 * channels])
    a, b, c, d = (
        write('Slice', windows, [i, j * channels], [i + 1, (j + 1) * channels], [2, 4])
        for i in (0, 1)
        for j in (0, 1)
    )
    top, bottom = write('Max', a, b), write('Max', c, d)
    return Winners(
        *(
            write('Cast', write('GreaterOrEqual', *pair), to=onnx.TensorProto.FLOAT)
            for pair in ((top, bottom), (a, b), (c, d))
        )
    )


def _write_unpooling(write: Writer, node: onnx.NodeProto, winners: Winners) -> None:
    batch, channels, height, width = write.graph.shape(node.input[0])
    last = write('Transpose', node.input[0], perm=TO_CHANNELS_LAST)
    x = write('Reshape', last, [batch, height, 1, width, channels])
    top, bottom = _split(write, x, winners.top)
    rows = [
        write('Concat', *_split(write, row, left), axis=4)
        for row, left in ((top, winners.top_left), (bottom, winners.bottom_left))
    ]
    windows = write('Concat', *rows, axis=2)
    last = write('Reshape', windows, [batch, 2 * height, 2 * width, channels])
    first = write('Transpose', last, perm=TO_CHANNELS_FIRST)
    # Into the blocked layout, where a convolution can take the sum that follows with it.
    write('MaxPool', first, kernel_shape=[1, 1], output=node.output[0])


def _split(write: Writer, x: str, mask: str) -> tuple[str, str]:
    """Write x where the mask is 1, and the rest of x; zeros elsewhere."""
    chosen = write('Mul', x, mask)
    return chosen, write('Sub', x, chosen)


def transpose_convolution_in_channels_last(model: onnx.ModelProto) -> None:
    """Write transposed convolutions of stride 2 as two convolutions, for even and odd rows.

    With the channels last, what a convolution makes of a pixel is the two pixels of a row side by
    side. A ReLU behind goes to the convolutions.
    """
    graph = Graph(model)
    for node in graph.nodes('ConvTranspose'):
        batch, channels, height, width = graph.shape(node.output[0])
        filters = _block_filters(node, graph.floats(node.input[1]))
        if filters is None:
            continue
        bias = [np.tile(graph.floats(node.input[2]), 2)] if len(node.input) == 3 else []
        output = node.output[0]
        readers = graph.users(output)
        has_relu = [reader.op_type for reader in readers] == ['Relu'] and graph.is_inner(output)
        if has_relu:
            output = readers[0].output[0]
            graph.replace(readers[0], ())
        write = Writer(graph, 'transposed')
        rows = []
        for pair in (filters[:2], filters[2:]):
            weight = pair.reshape(2 * channels, *pair.shape[2:])
            if not weight[:, :, 1:].any():
                weight = weight[:, :, :1]
            kernel = weight.shape[2:]
            pads = [0, 0, kernel[0] - 1, kernel[1] - 1]
            row = write('Conv', node.input[0], weight, *bias, kernel_shape=kernel, pads=pads)
            last = write(
                'Transpose', write('Relu', row) if has_relu else row, perm=TO_CHANNELS_LAST
            )
            rows.append(write('Reshape', last, [batch, height // 2, 1, width // 2, 2 * channels]))
        together = write('Concat', *rows, axis=2)
        last = write('Reshape', together, [batch, height, width, channels])
        write('Transpose', last, perm=TO_CHANNELS_FIRST, output=output)
        graph.replace(node, write.nodes)


def _block_filters(node: onnx.NodeProto, weight: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return filters, pixels of the block x outputs x inputs x size x size.

    None where the form is none of ENet's: 2x2 filters side by side, or 3x3 with padding 1 and one
    row and column more at the end.
    """
    inputs, outputs, kernel, _ = weight.shape
    form = (
        kernel,
        ints(node, 'strides', (1, 1)),
        ints(node, 'pads', (0, 0, 0, 0)),
        ints(node, 'output_padding', (0, 0)),
        ints(node, 'dilations', (1, 1)),
        attribute(node, 'group', 1),
    )
    # For each row of the block, pairs of a row of the input and a row of the filter: output row
    # 2 y + i is the sum of input rows y + offset times filter rows i + padding - 2 offset.
    if form == (2, [2, 2], [0, 0, 0, 0], [0, 0], [1, 1], 1):
        taps, size = {0: [(0, 0)], 1: [(0, 1)]}, 1
    elif form == (3, [2, 2], [1, 1, 1, 1], [1, 1], [1, 1], 1):
        taps, size = {0: [(0, 1)], 1: [(0, 2), (1, 0)]}, 2
    else:
        return None
    filters = np.zeros((4, outputs, inputs, size, size))
    for i, rows in taps.items():
        for j, columns in taps.items():
            for y, row in rows:
                for x, column in columns:
                    filters[2 * i + j, :, :, y, x] = weight[:, :, row, column].T
    return filters
