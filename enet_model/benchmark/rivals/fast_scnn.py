# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fast-SCNN (R. Poudel, S. Liwicki, R. Cipolla, arXiv 1902.04502, 2019, table 1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from enet_model.benchmark.rivals.layers import convolution, resize_like


class FastSCNN(nn.Module):
    """RGB frames, N x 3 x H x W -> logits, N x classes x H x W; 1.11 M parameters."""

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.downsample = nn.Sequential(
            convolution(3, 32, stride=2), separable(32, 48, stride=2), separable(48, 64, stride=2)
        )
        self.context = nn.Sequential(
            *bottlenecks(64, 64, 3, stride=2),
            *bottlenecks(64, 96, 3, stride=2),
            *bottlenecks(96, 128, 3, stride=1),
            PyramidPooling(128, 128),
        )
        self.fusion = FeatureFusion(64, 128, 128)
        self.classifier = nn.Sequential(
            separable(128, 128),
            separable(128, 128),
            nn.Dropout(0.1),
            nn.Conv2d(128, class_count, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        detail = self.downsample(x)
        return resize_like(self.classifier(self.fusion(detail, self.context(detail))), x)


class Bottleneck(nn.Module):
    """MobileNetV2's inverted residual, expanded 6 times."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        inner = 6 * inputs
        self.residual = stride == 1 and inputs == outputs
        self.branch = nn.Sequential(
            convolution(inputs, inner, 1),
            convolution(inner, inner, stride=stride, groups=inner),
            convolution(inner, outputs, 1, activation=None),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x) if self.residual else self.branch(x)


class PyramidPooling(nn.Module):
    """Averages over 1, 4, 9 and 36 cells beside the features (PSPNet)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.cells = (1, 2, 3, 6)
        self.branches = nn.ModuleList(convolution(inputs, inputs // 4, 1) for _ in self.cells)
        self.out = convolution(2 * inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = [
            resize_like(branch(average_cells(x, cells)), x)
            for cells, branch in zip(self.cells, self.branches, strict=True)
        ]
        return self.out(torch.cat((x, *pooled), dim=1))


class FeatureFusion(nn.Module):
    """Detail at 1/8 and context at 1/32 of the frame, added at 1/8."""

    def __init__(self, detail: int, context: int, outputs: int) -> None:
        super().__init__()
        self.context = nn.Sequential(
            convolution(context, context, groups=context, dilation=4),
            convolution(context, outputs, 1, activation=None),
        )
        self.detail = convolution(detail, outputs, 1, activation=None)

    def forward(self, detail: Tensor, context: Tensor) -> Tensor:
        return functional.relu(self.detail(detail) + self.context(resize_like(context, detail)))


def separable(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return a depthwise and a pointwise convolution."""
    return nn.Sequential(
        convolution(inputs, inputs, stride=stride, groups=inputs), convolution(inputs, outputs, 1)
    )


def bottlenecks(inputs: int, outputs: int, count: int, stride: int) -> list[Bottleneck]:
    """Return a row of bottlenecks, the first of which changes size and channels."""
    rest = (Bottleneck(outputs, outputs, 1) for _ in range(count - 1))
    return [Bottleneck(inputs, outputs, stride), *rest]


def average_cells(x: Tensor, cells: int) -> Tensor:
    """Average over cells x cells parts, as torch's adaptive pooling does.

    Written as two products, since adaptive pooling has no ONNX form where a size does not divide.
    """
    rows, columns = (averaging(size, cells).to(x) for size in x.shape[-2:])
    return rows @ x @ columns.T


def averaging(size: int, cells: int) -> Tensor:
    """Return the matrix, cells x size, that averages a line of pixels over each cell."""
    edges = [(i * size // cells, -(-(i + 1) * size // cells)) for i in range(cells)]
    return torch.tensor([[(a <= pixel < b) / (b - a) for pixel in range(size)] for a, b in edges])
