# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Neighbours of convolutions folded into them."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
from numpy.typing import NDArray

from enet_model.deployment.graph import Graph, Writer, attribute

Array = NDArray[np.float64]


def concatenation_as_sum(model: onnx.ModelProto) -> None:
    """Write a Concat of a convolution's channels and others as a sum.

    The convolution gets filters of zeros for the others' channels, and the others are put into
    these by a 1x1 convolution. Both can then carry a batch normalisation, and a convolution takes a
    sum with it.
    """
    graph = Graph(model)
    for node in graph.nodes('Concat'):
        made = graph.maker(node.input[0])
        if len(node.input) != 2 or made is None or made.op_type != 'Conv':
            continue
        if attribute(node, 'axis') != 1 or not graph.is_inner(node.input[0]):
            continue
        weight, bias = _parameters(graph, made)
        others = graph.shape(node.input[1])[1]
        write = Writer(graph, 'sum')
        _set_parameters(
            graph,
            made,
            np.concatenate((weight, np.zeros((others, *weight.shape[1:])))),
            np.concatenate((bias, np.zeros(others))),
        )
        placing = np.eye(len(weight) + others)[:, len(weight) :, None, None]
        placed = write('Conv', node.input[1], placing, kernel_shape=[1, 1])
        write('Add', placed, node.input[0], output=node.output[0])
        graph.replace(node, write.nodes)


def padding_as_concatenation(model: onnx.ModelProto) -> None:
    """Write the sum of a convolution and a tensor padded with channels of zeros as a Concat.

    The convolution is cut in two, and the tensor is added to the first part alone.
    """
    graph = Graph(model)
    for node in graph.nodes('Pad'):
        pads = graph.floats(node.input[1])
        adds = graph.users(node.output[0])
        if pads[:5].any() or pads[6:].any() or [add.op_type for add in adds] != ['Add']:
            continue
        (other,) = (name for name in adds[0].input if name != node.output[0])
        made = graph.maker(other)
        if made is None or made.op_type != 'Conv' or not graph.is_inner(other):
            continue
        weight, bias = _parameters(graph, made)
        count = graph.shape(node.input[0])[1]
        write = Writer(graph, 'padded')
        first = onnx.NodeProto()
        first.CopyFrom(made)
        first.name, first.output[0] = '', graph.new_name('padded_Conv')
        _set_parameters(graph, first, weight[:count], bias[:count])
        _set_parameters(graph, made, weight[count:], bias[count:])
        write.nodes.append(first)
        changed = write('Add', first.output[0], node.input[0])
        write('Concat', changed, other, axis=1, output=adds[0].output[0])
        graph.replace(node, ())
        graph.replace(adds[0], write.nodes)


def fold_batch_norm(model: onnx.ModelProto) -> None:
    """Fold batch normalisation into the convolution, or the sum of convolutions, before it."""
    graph = Graph(model)
    for node in graph.nodes('BatchNormalization'):
        makers = _convolutions_of(graph, node.input[0])
        if not makers:
            continue
        gamma, beta, mean, variance = (graph.floats(name) for name in node.input[1:])
        scale = gamma / np.sqrt(variance + attribute(node, 'epsilon', 1e-5))
        for index, maker in enumerate(makers):
            weight, bias = _parameters(graph, maker)
            shape = (-1, 1, 1, 1) if maker.op_type == 'Conv' else (1, -1, 1, 1)
            shift = beta - mean * scale if index == 0 else 0.0
            _set_parameters(graph, maker, weight * scale.reshape(shape), bias * scale + shift)
        last = graph.maker(node.input[0])
        assert last is not None
        last.output[0] = node.output[0]
        graph.replace(node, ())


def _convolutions_of(graph: Graph, tensor: str) -> list[onnx.NodeProto]:
    """Return the convolutions whose sum a tensor is; none where something else has a part in it."""
    maker = graph.maker(tensor)
    if maker is None or not graph.is_inner(tensor):
        return []
    if maker.op_type == 'Add':
        parts = [_convolutions_of(graph, name) for name in maker.input]
        return list(itertools.chain(*parts)) if all(parts) else []
    grouped = attribute(maker, 'group', 1) != 1
    return [maker] if maker.op_type in ('Conv', 'ConvTranspose') and not grouped else []


def fold_input_scale(model: onnx.ModelProto) -> None:
    """Fold a factor for each channel of the input into the convolutions behind it.

    It passes max pooling, since it is above 0. Zero padding stays what it is: an offset could not
    be folded.
    """
    graph = Graph(model)
    for node in graph.nodes('Mul'):
        factor = graph.constant(node.input[1])
        if factor is None or factor.size != graph.shape(node.output[0])[1] or factor.min() <= 0:
            continue
        readers = graph.users(node.output[0])
        pooled = [reader for reader in readers if reader.op_type == 'MaxPool']
        readers = [reader for reader in readers if reader.op_type != 'MaxPool']
        readers += [reader for pool in pooled for reader in graph.users(pool.output[0])]
        if any(
            reader.op_type != 'Conv' or attribute(reader, 'group', 1) != 1 for reader in readers
        ):
            continue
        for reader in readers:
            weight, bias = _parameters(graph, reader)
            _set_parameters(graph, reader, weight * factor.reshape(1, -1, 1, 1), bias)
        for reader in graph.users(node.output[0]):
            reader.input[0] = node.input[0]
        graph.replace(node, ())


def _parameters(graph: Graph, node: onnx.NodeProto) -> tuple[Array, Array]:
    """Return weight and bias of a convolution; a bias that is not there is zeros."""
    weight = graph.floats(node.input[1])
    outputs = weight.shape[0 if node.op_type == 'Conv' else 1]
    return weight, graph.floats(node.input[2]) if len(node.input) == 3 else np.zeros(outputs)


def _set_parameters(graph: Graph, node: onnx.NodeProto, weight: Array, bias: Array) -> None:
    del node.input[1:]
    node.input.append(graph.new_constant(weight, 'weight'))
    if bias.any():
        node.input.append(graph.new_constant(bias, 'bias'))
