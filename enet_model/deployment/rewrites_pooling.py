# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MaxPool with indices and MaxUnpool, exactly, in operators that every runtime has.

TensorRT refuses both, and ONNX Runtime runs MaxUnpool on the CPU alone. In each 2x2 window ``a b /
c d`` three comparisons name the winner: top or bottom row, then left or right in each. Equal values
go to the first in reading order, as in torch: exactly one pixel of a window wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import onnx

from enet_model.deployment.graph import Graph, Writer, ints


class Winners(NamedTuple):
    """Names of three masks over the windows."""

    top: str
    top_left: str
    bottom_left: str


def pool_by_slices(model: onnx.ModelProto) -> None:
    """Write pooling as strided slices and comparisons, unpooling as Where and DepthToSpace."""
    replace_pooling(model, _write_pooling, _write_unpooling)


def replace_pooling(
    model: onnx.ModelProto,
    write_pooling: Callable[[Writer, onnx.NodeProto], Winners],
    write_unpooling: Callable[[Writer, onnx.NodeProto, Winners], None],
) -> None:
    """Write MaxPool with indices and MaxUnpool otherwise; the winners stand for the indices.

    ValueError where one is not over 2x2 windows with stride 2.
    """
    graph = Graph(model)
    winners = {}
    for node in graph.nodes('MaxPool'):
        if len(node.output) == 2:
            _check_window(node)
            write = Writer(graph, 'pooling')
            winners[node.output[1]] = write_pooling(write, node)
            graph.replace(node, write.nodes)
    for node in graph.nodes('MaxUnpool'):
        _check_window(node)
        write = Writer(graph, 'unpooling')
        write_unpooling(write, node, winners[node.input[1]])
        graph.replace(node, write.nodes)


def _check_window(node: onnx.NodeProto) -> None:
    if ints(node, 'kernel_shape', ()) != [2, 2] or ints(node, 'strides', ()) != [2, 2]:
        raise ValueError(f'{node.op_type} with windows other than 2x2 with stride 2')


def _write_pooling(write: Writer, node: onnx.NodeProto) -> Winners:
    shape = write.graph.shape(node.input[0])
    a, b, c, d = (
        write('Slice', node.input[0], [i, j], shape[2:], [2, 3], [2, 2])
        for i in (0, 1)
        for j in (0, 1)
    )
    top, bottom = write('Max', a, b), write('Max', c, d)
    write('Max', top, bottom, output=node.output[0])
    return Winners(*(write('GreaterOrEqual', *pair) for pair in ((top, bottom), (a, b), (c, d))))


def _write_unpooling(write: Writer, node: onnx.NodeProto, winners: Winners) -> None:
    zero = write.graph.new_constant(0.0, 'zero')

    def split(x: str, chosen: str) -> tuple[str, str]:
        return write('Where', chosen, x, zero), write('Where', chosen, zero, x)

    top, bottom = split(node.input[0], winners.top)
    members = (*split(top, winners.top_left), *split(bottom, winners.bottom_left))
    together = write('Concat', *members, axis=1)
    write('DepthToSpace', together, blocksize=2, output=node.output[0])
