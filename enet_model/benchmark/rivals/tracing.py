# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A rival -> an ONNX graph, in the form in which ONNX Runtime is fastest with it."""

from __future__ import annotations

import tempfile
import warnings

import onnx
import torch
from torch import nn

from enet_model.deployment.opset import OPSET


def trace_rival(network: nn.Module, size: tuple[int, int]) -> onnx.ModelProto:
    """Return the graph from ``pixels``, N x 3 x H x W, to ``logits``, opset 17.

    size: width and height. Batch normalisation behind a convolution is folded. The exporter is the
    older one of torch's two: it writes the average over a frame as GlobalAveragePool, for which
    ONNX Runtime stays in its fast layout; and opset 17, which the newer one cannot write for
    interpolation.
    """
    width, height = size
    with tempfile.NamedTemporaryFile(suffix='.onnx') as file, warnings.catch_warnings():
        warnings.simplefilter('ignore')  # that there is a newer one
        torch.onnx.export(
            network,
            (torch.zeros(1, 3, height, width),),
            file.name,
            dynamo=False,
            opset_version=OPSET,
            input_names=['pixels'],
            output_names=['logits'],
        )
        return onnx.load(file.name)
