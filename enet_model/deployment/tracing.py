# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network -> the ONNX graph that all targets start from, operator for operator."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings

import onnx
import torch
from torch import nn

from enet_model.deployment.graph import attribute, drop_provenance
from enet_model.deployment.opset import to_opset_17


def trace(network: nn.Module, size: tuple[int, int]) -> onnx.ModelProto:
    """Return the graph from ``pixels``, normalised N x 3 x H x W, to ``logits``, opset 17.

    size: width and height. Batch normalisation behind a convolution is folded by the exporter;
    pooling with winners and unpooling are MaxPool with indices and MaxUnpool.
    """
    width, height = size
    # The exporter talks of its progress and of packages that nobody asked for.
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            network,
            (torch.zeros(1, 3, height, width),),
            dynamo=True,
            opset_version=18,
            input_names=['pixels'],
            output_names=['logits'],
            verbose=False,
        )
    assert program is not None
    model = to_opset_17(program.model_proto)
    drop_provenance(model)
    _name_constants(model)
    return model


def _name_constants(model: onnx.ModelProto) -> None:
    """Turn nodes that hold a constant into initialisers: a rewrite has one place to look."""
    for node in [node for node in model.graph.node if node.op_type == 'Constant']:
        constant = model.graph.initializer.add()
        constant.CopyFrom(attribute(node, 'value'))
        constant.name = node.output[0]
        model.graph.node.remove(node)
