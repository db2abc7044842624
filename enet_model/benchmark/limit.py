# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the machine can do at most: large products and convolutions in ONNX Runtime, on the CPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from enet_model.benchmark.timing import measure
from enet_model.deployment.opset import IR_VERSION, OPSET

# Sides of square matrices; channels, height and width of 3x3 convolutions that keep the size.
PRODUCTS = (1024, 2048)
CONVOLUTIONS = ((64, 90, 160), (128, 90, 160), (256, 45, 80))
CONVOLUTIONS_IN_A_ROW = 4


@dataclass(frozen=True)
class Limit:
    """The best speeds, 10^9 operations a second in fp32."""

    threads: int
    product: float
    """Of a matrix product."""
    convolution: float
    """Of a convolution."""

    @property
    def best(self) -> float:
        """The better of both: what a network of convolutions cannot exceed."""
        return max(self.product, self.convolution)


def measure_limit(threads: int, budget: float, fewest: int) -> Limit:
    """Measure the limit of so many threads; the best run of each probe counts."""
    probes = [
        *(_product(side) for side in PRODUCTS),
        *(_convolution(channels, height, width) for channels, height, width in CONVOLUTIONS),
    ]
    runs = [_runner(model, threads) for model, _ in probes]
    for run in runs:
        run()
    timings = measure(runs, budget, fewest)
    speeds = [
        operations / min(timing.seconds) / 1e9
        for (_, operations), timing in zip(probes, timings, strict=True)
    ]
    return Limit(threads, max(speeds[: len(PRODUCTS)]), max(speeds[len(PRODUCTS) :]))


def _product(side: int) -> tuple[onnx.ModelProto, float]:
    """Return the product of an input and a constant matrix, and its operations."""
    nodes = [helper.make_node('MatMul', ['x', 'w'], ['y'])]
    return _model(nodes, [side, side], _weights(side, side)), 2.0 * side**3


def _convolution(channels: int, height: int, width: int) -> tuple[onnx.ModelProto, float]:
    """Return 3x3 convolutions in a row, and their operations.

    In a row, since ONNX Runtime changes the layout before the first and after the last one.
    """
    names = ['x', *(f'x{i}' for i in range(1, CONVOLUTIONS_IN_A_ROW)), 'y']
    nodes = [helper.make_node('Conv', [x, 'w'], [y], pads=[1, 1, 1, 1]) for x, y in pairwise(names)]
    model = _model(nodes, [1, channels, height, width], _weights(channels, channels, 3, 3))
    # Products with the padded border count, as they do in the operations of the networks.
    return model, 2.0 * 9 * channels**2 * height * width * CONVOLUTIONS_IN_A_ROW


def _weights(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def _model(
    nodes: list[onnx.NodeProto], shape: list[int], weights: NDArray[np.float32]
) -> onnx.ModelProto:
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in 'xy')
    graph = helper.make_graph(nodes, 'probe', [x], [y], [numpy_helper.from_array(weights, 'w')])
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid('', OPSET)], ir_version=IR_VERSION
    )


def _runner(model: onnx.ModelProto, threads: int) -> Callable[[], object]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=['CPUExecutionProvider']
    )
    x = _weights(*session.get_inputs()[0].shape)
    return lambda: session.run(None, {'x': x})
