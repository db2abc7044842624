# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Forms of the graph that were weighed against the shipped one: `make benchmark`.

Parts of the graph at 640 x 360, one thread: what follows the last matrix product, and a bottleneck
of the second stage. All forms of a part compute the same, which is checked before they are timed.
What is shipped is named 'taken'.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip('onnx', reason="exports need onnx: pip install '.[train]'")

import onnxruntime
from onnx import TensorProto, helper

from enet_model.deployment.graph import Graph, Writer
from enet_model.deployment.opset import IR_VERSION, OPSET
from enet_model.deployment.rewrites_prelu import prelu_as_relu

Build = Callable[[Writer], None]
"""Writes nodes from the input ``x`` to the outputs."""

GENERATOR = np.random.default_rng(0)
ROWS, COLUMNS, CLASSES = 180, 640, 11  # one of two calls: every second row of the frame
LOGITS = GENERATOR.standard_normal((1, ROWS, COLUMNS, CLASSES), np.float32)
# Channels outside and inside of a bottleneck, and its size.
WIDE, NARROW, HEIGHT, WIDTH = 128, 32, 45, 80
FEATURES = GENERATOR.standard_normal((1, WIDE, HEIGHT, WIDTH), np.float32)
SLOPES = GENERATOR.uniform(0.0, 1.0, WIDE)
INTO, THROUGH, OUT = (
    GENERATOR.standard_normal(shape, np.float32) / np.sqrt(np.prod(shape[1:]))
    for shape in ((NARROW, WIDE, 1, 1), (NARROW, NARROW, 3, 3), (WIDE, NARROW, 1, 1))
)


def exponentials(write: Writer) -> None:
    """Write what is shipped: see ``rewrites_labels`` on why nothing overflows."""
    write('ArgMax', 'x', output='labels', axis=3, keepdims=0)
    exp = write('Exp', 'x')
    largest = write('ReduceMax', exp, axes=[3], keepdims=0)
    write('Div', largest, write('ReduceSum', exp, [3], keepdims=0), output='confidence')


def softmax(write: Writer) -> None:
    write('ArgMax', 'x', output='labels', axis=3, keepdims=0)
    write('ReduceMax', write('Softmax', 'x', axis=3), output='confidence', axes=[3], keepdims=0)


def largest_first(write: Writer) -> None:
    """TopK gives the largest and where it is in one call."""
    top, where = write.graph.new_name('top'), write.graph.new_name('where')
    write.nodes.append(
        helper.make_node('TopK', ['x', write.graph.new_constant([1], 'k')], [top, where], axis=3)
    )
    total = write('ReduceSum', write('Exp', write('Sub', 'x', top)), [3], keepdims=0)
    write('Squeeze', where, [3], output='labels')
    write('Div', 1.0, total, output='confidence')


def pooled(write: Writer) -> None:
    """MaxPool with indices over the classes does so, too."""
    flat = write('Reshape', 'x', [1, ROWS, 1, COLUMNS * CLASSES])
    top, where = write.graph.new_name('top'), write.graph.new_name('where')
    window = {'kernel_shape': [1, CLASSES], 'strides': [1, CLASSES]}
    write.nodes.append(helper.make_node('MaxPool', [flat], [top, where], **window))
    shape = [1, ROWS, COLUMNS]
    write('Reshape', write('Mod', where, CLASSES), shape, output='labels')
    total = write('ReduceSum', write('Exp', 'x'), [3], keepdims=0)
    write('Div', write('Exp', write('Reshape', top, shape)), total, output='confidence')


def product_sum(write: Writer) -> None:
    """Sum the exponentials by a matrix product with ones."""
    write('ArgMax', 'x', output='labels', axis=3, keepdims=0)
    exp = write('Exp', 'x')
    largest = write('ReduceMax', exp, axes=[3], keepdims=1)
    total = write('MatMul', exp, np.ones((CLASSES, 1)))
    write('Squeeze', write('Div', largest, total), [3], output='confidence')


LABELS: dict[str, Build] = {
    'exponentials of centred logits: taken': exponentials,
    'Softmax': softmax,
    'TopK': largest_first,
    'MaxPool with indices': pooled,
    'sum as a matrix product': product_sum,
}


def prelu(write: Writer, y: str, channels: int, output: str = '') -> str:
    return write('PRelu', y, SLOPES[:channels].reshape(-1, 1, 1), output=output)


def maximum(write: Writer, y: str, channels: int, output: str = '') -> str:
    """The larger of y and a y, for slopes of at most 1."""
    return write('Max', y, write('Mul', y, SLOPES[:channels].reshape(-1, 1, 1)), output=output)


def bottleneck(activate: Callable[[Writer, str, int, str], str]) -> Build:
    def build(write: Writer) -> None:
        x = activate(write, write('Conv', 'x', INTO), NARROW, '')
        x = activate(write, write('Conv', x, THROUGH, pads=[1, 1, 1, 1]), NARROW, '')
        activate(write, write('Add', 'x', write('Conv', x, OUT)), WIDE, 'y')

    return build


def twice_the_channels(write: Writer) -> None:
    """Let convolutions make y and -y, both with ReLU, and the next take relu(y) - a relu(-y)."""
    slopes = SLOPES[:NARROW].reshape(1, -1, 1, 1)
    x = write('Relu', write('Conv', 'x', np.concatenate((INTO, -INTO))))
    through = np.concatenate((THROUGH, -slopes * THROUGH), axis=1)
    through = np.concatenate((through, -through))
    x = write('Relu', write('Conv', x, through, pads=[1, 1, 1, 1]))
    x = write('Conv', x, np.concatenate((OUT, -slopes * OUT), axis=1))
    prelu(write, write('Add', 'x', x), WIDE, 'y')  # the residual needs the sum itself


BOTTLENECKS: dict[str, Build] = {
    'two convolutions of a channel each: taken': bottleneck(prelu),
    'twice the channels inside': twice_the_channels,
    'PRelu': bottleneck(prelu),
    'the larger of y and a y': bottleneck(maximum),
}
REWRITTEN = ('two convolutions of a channel each: taken', 'twice the channels inside')


def open_session(
    build: Build, x: np.ndarray, outputs: dict[str, int], rewrite: bool = False
) -> onnxruntime.InferenceSession:
    """Return a session of what ``build`` writes; outputs: names and types.

    rewrite: with PReLU in the shipped form. In front of a bottleneck and behind it the layout is
    changed, which the network does not do: all forms pay for it alike.
    """
    graph = helper.make_graph(
        [],
        'part',
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=IR_VERSION
    )
    write = Writer(Graph(model), 'part')
    build(write)
    model.graph.node.extend(write.nodes)
    if rewrite:
        prelu_as_relu(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=['CPUExecutionProvider']
    )


@pytest.mark.benchmark(group='labels and confidence of half a frame')
@pytest.mark.parametrize('form', LABELS)
def test_labels(benchmark: Any, form: str) -> None:
    outputs = {'labels': TensorProto.INT64, 'confidence': TensorProto.FLOAT}
    session = open_session(LABELS[form], LOGITS, outputs)
    labels, confidence = session.run(None, {'x': LOGITS})
    exp = np.exp(LOGITS)
    np.testing.assert_array_equal(labels, LOGITS.argmax(axis=3))
    np.testing.assert_allclose(confidence, exp.max(axis=3) / exp.sum(axis=3), rtol=1e-5)
    benchmark(session.run, None, {'x': LOGITS})


@pytest.mark.benchmark(group='a bottleneck of the second stage')
@pytest.mark.parametrize('form', BOTTLENECKS)
def test_prelu(benchmark: Any, form: str) -> None:
    outputs = {'y': TensorProto.FLOAT}
    reference = open_session(bottleneck(prelu), FEATURES, outputs)
    session = open_session(BOTTLENECKS[form], FEATURES, outputs, rewrite=form in REWRITTEN)
    (wanted,), (found,) = (each.run(None, {'x': FEATURES}) for each in (reference, session))
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    benchmark(session.run, None, {'x': FEATURES})
