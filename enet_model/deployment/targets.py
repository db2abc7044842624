# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which exact rewrites make a traced graph fast on which processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import onnx
from torch import nn

from enet_model.deployment.borders import add_input, add_outputs
from enet_model.deployment.graph import Graph
from enet_model.deployment.rewrites_channels_last import (
    pool_in_channels_last,
    transpose_convolution_in_channels_last,
)
from enet_model.deployment.rewrites_convolution import (
    concatenation_as_sum,
    fold_batch_norm,
    fold_input_scale,
    padding_as_concatenation,
)
from enet_model.deployment.rewrites_labels import classify_in_channels_last
from enet_model.deployment.rewrites_pooling import pool_by_slices
from enet_model.deployment.rewrites_prelu import prelu_as_relu
from enet_model.deployment.tracing import trace
from enet_model.spec import Normalization

Target = Literal['cpu', 'gpu', 'openvino', 'plain']
"""What a graph is for: ONNX Runtime on a CPU; CUDA and TensorRT; OpenVINO; comparisons.

``plain`` is what a public exporter makes, MaxPool with indices and MaxUnpool: no accelerator takes
it, and it is the baseline of every speed that is named.
"""

Rewrite = Callable[[onnx.ModelProto], None]

_FOLDED = (concatenation_as_sum, fold_batch_norm, fold_input_scale)

REWRITES: dict[Target, tuple[Rewrite, ...]] = {
    'plain': (),
    'cpu': (
        *_FOLDED,
        prelu_as_relu,
        classify_in_channels_last,
        pool_in_channels_last,
        padding_as_concatenation,
        transpose_convolution_in_channels_last,
    ),
    'gpu': (*_FOLDED, pool_by_slices),
    'openvino': (*_FOLDED, pool_by_slices),  # its PRelu and transposed convolutions are fast
}
"""The rewrites of each target in the order in which they are done."""


def build(
    network: nn.Module, normalization: Normalization, size: tuple[int, int], target: Target
) -> onnx.ModelProto:
    """Return a network as the graph of the model contract, with ``logits`` as a third output.

    size: width and height. There is no specification in it yet (see ``export``).
    """
    return build_from_trace(trace(network, size), normalization, target)


def build_from_trace(
    traced: onnx.ModelProto, normalization: Normalization, target: Target
) -> onnx.ModelProto:
    """Do the same with a graph of ``trace``, which stays as it is."""
    model = onnx.ModelProto()
    model.CopyFrom(traced)
    add_input(model, normalization)
    add_outputs(model)
    for rewrite in REWRITES[target]:
        rewrite(model)
    Graph(model).prune()
    return model
