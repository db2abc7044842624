# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What DDRNet and PIDNet share: their beginning, residual blocks, averages, and their head."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from enet_model.benchmark.rivals.layers import convolution


class Residual(nn.Module):
    """A branch beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(
        self, branch: nn.Sequential, inputs: int, outputs: int, stride: int, activated: bool
    ) -> None:
        super().__init__()
        same = stride == 1 and inputs == outputs
        self.branch = branch
        self.shortcut = (
            nn.Identity() if same else convolution(inputs, outputs, 1, stride, activation=None)
        )
        self.activated = activated

    def forward(self, x: Tensor) -> Tensor:
        out = self.branch(x) + self.shortcut(x)
        return functional.relu(out) if self.activated else out


def basic_block(inputs: int, outputs: int, stride: int = 1, activated: bool = False) -> Residual:
    """Return ResNet's block of two 3x3 convolutions."""
    branch = nn.Sequential(
        convolution(inputs, outputs, stride=stride), convolution(outputs, outputs, activation=None)
    )
    return Residual(branch, inputs, outputs, stride, activated)


def bottleneck(inputs: int, inner: int, stride: int = 1, activated: bool = False) -> Residual:
    """Return ResNet's bottleneck; its output has twice the inner channels."""
    branch = nn.Sequential(
        convolution(inputs, inner, 1),
        convolution(inner, inner, stride=stride),
        convolution(inner, 2 * inner, 1, activation=None),
    )
    return Residual(branch, inputs, 2 * inner, stride, activated)


def stage(inputs: int, outputs: int, count: int, stride: int = 1) -> nn.Sequential:
    """Return a row of basic blocks; the last one is not activated."""
    blocks = [
        basic_block(outputs if i else inputs, outputs, 1 if i else stride, i < count - 1)
        for i in range(count)
    ]
    return nn.Sequential(*blocks)


def stem(width: int) -> nn.Sequential:
    """Return what both begin with: from 3 to 2 x ``width`` channels, at 1/8 of the frame."""
    return nn.Sequential(
        nn.Conv2d(3, width, 3, 2, 1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, 2, 1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        stage(width, width, 2),
        nn.ReLU(),
        stage(width, 2 * width, 2, stride=2),
        nn.ReLU(),
    )


def preactivated(
    inputs: int, outputs: int, kernel: int = 1, groups: int = 1, bias: bool = False
) -> nn.Sequential:
    """Return batch normalisation, ReLU and a convolution, in this order."""
    return nn.Sequential(
        nn.BatchNorm2d(inputs),
        nn.ReLU(),
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=bias),
    )


def head(inputs: int, inner: int, class_count: int) -> nn.Sequential:
    """Return the segmentation head."""
    return nn.Sequential(
        preactivated(inputs, inner, 3), preactivated(inner, class_count, bias=True)
    )


def pyramid_scales(inputs: int, outputs: int) -> nn.ModuleList:
    """Return averages over 5, 9, 17 pixels and the whole frame, each brought to ``outputs``."""
    poolings: Sequence[nn.Module] = (
        nn.AvgPool2d(5, 2, 2),
        nn.AvgPool2d(9, 4, 4),
        nn.AvgPool2d(17, 8, 8),
        nn.AdaptiveAvgPool2d(1),
    )
    return nn.ModuleList(nn.Sequential(pool, preactivated(inputs, outputs)) for pool in poolings)
