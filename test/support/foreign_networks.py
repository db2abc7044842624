# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks as others have them, small, and their way into an ONNX file."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper
from torch import Tensor, nn
from torch.nn import functional

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WIDTH, HEIGHT = 64, 48


class LiteReducedAspp(nn.Module):
    """In the form of LR-ASPP (MobileNetV3): two scales, one gated; scores at half the size."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.low = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.Hardswish())
        self.high = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.Hardswish())
        self.project = nn.Sequential(nn.Conv2d(16, 8, 1), nn.ReLU())
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 8, 1), nn.Sigmoid())
        self.low_scores, self.high_scores = nn.Conv2d(8, classes, 1), nn.Conv2d(8, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        low = self.low(x)
        high = self.high(low)
        gated = self.project(high) * self.gate(high)
        gated = functional.interpolate(gated, size=low.shape[-2:], mode='bilinear')
        scores: Tensor = self.low_scores(low) + self.high_scores(gated)
        return scores * 8  # as sure as a trained network is


class SmallUNet(nn.Module):
    """In the form of U-Net: a skip over a pooled level; scores at full size, a second head."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.top = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.GroupNorm(2, 8), nn.LeakyReLU())
        self.down = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, 1, 1), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.scores, self.edges = nn.Conv2d(16, classes, 1), nn.Conv2d(8, 40, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        top = self.top(x)
        return self.scores(torch.cat([top, self.up(self.down(top))], 1)) * 8, self.edges(top)


class Then(nn.Module):
    """A network and what is done to its scores."""

    def __init__(self, network: nn.Module, last: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.last = network, last

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.network(x))


def export(
    network: nn.Module, path: Path, dynamo: bool = False, dynamic: bool = False, opset: int = 18
) -> Path:
    """Export a network; the size in the file is fixed unless ``dynamic``."""
    names: dict[str, Any] = {'input_names': ['x'], 'output_names': ['scores', 'edges']}
    if not isinstance(network, SmallUNet):
        names['output_names'] = ['scores']
    if dynamic and dynamo:
        names['dynamic_shapes'] = ({0: 'n', 2: 'h', 3: 'w'},)
    elif dynamic:
        names['dynamic_axes'] = {'x': {0: 'n', 2: 'h', 3: 'w'}}
    sample = torch.zeros(2 if dynamic else 1, 3, HEIGHT, WIDTH)
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter('ignore')
        torch.onnx.export(
            network.eval(), (sample,), path, dynamo=dynamo, opset_version=opset, **names
        )
    return path


def write_graph(
    path: Path, *nodes: onnx.NodeProto, inputs: Any = None, opset: int = 17, **values: Any
) -> Path:
    """Write a graph by hand; ``image``, its shape and type are those of the input."""
    shape, kind = values.get('shape', [1, 3, 8, 8]), values.get('kind', TensorProto.FLOAT)
    inputs = inputs or [helper.make_tensor_value_info('image', kind, shape)]
    outputs = [helper.make_tensor_value_info('out', values.get('gives', TensorProto.FLOAT), None)]
    domains = [helper.make_opsetid('', opset), helper.make_opsetid('com.microsoft', 1)]
    graph = helper.make_graph(
        nodes,
        'small',
        inputs,
        outputs,
        values.get('constants', []),
        value_info=values.get('between', []),
    )
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=9), path)
    return path


def run_torch(
    network: nn.Module, pixels: NDArray[np.uint8], *, bgr: bool = False
) -> NDArray[np.float32]:
    """Return the scores, C x H x W, at the frame's size."""
    planes = ((pixels / 255 - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)
    with torch.inference_mode():
        scores = network(torch.from_numpy(planes[::-1].copy() if bgr else planes.copy())[None])
        scores = scores[0] if isinstance(scores, tuple) else scores
        scores = functional.interpolate(scores, size=pixels.shape[:2], mode='bilinear')
    result: NDArray[np.float32] = scores[0].numpy()
    return result


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=0))
    result: NDArray[np.float32] = powers / powers.sum(axis=0)
    return result
