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
from enet_model.deployment.rewrites_pooling import pool_by_slices
from enet_model.deployment.tracing import trace
from enet_model.spec import Normalization

Target = Literal['cpu', 'gpu', 'openvino', 'plain']
"""What a graph is for: ONNX Runtime on a CPU; CUDA and TensorRT; OpenVINO; comparisons.

``plain`` is what a public exporter makes, MaxPool with indices and MaxUnpool: no accelerator takes
it, and it is the baseline of every speed that is named.
"""

Rewrite = Callable[[onnx.ModelProto], None]

REWRITES: dict[Target, tuple[Rewrite, ...]] = {
    'plain': (),
    'cpu': (pool_by_slices,),
    'gpu': (pool_by_slices,),
    'openvino': (pool_by_slices,),
}


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
