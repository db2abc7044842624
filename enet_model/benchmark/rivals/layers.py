# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Layers that several of the networks have."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


def convolution(
    inputs: int,
    outputs: int,
    kernel: int = 3,
    stride: int = 1,
    groups: int = 1,
    dilation: int = 1,
    activation: type[nn.Module] | None = nn.ReLU,
) -> nn.Sequential:
    """Return a convolution that keeps the size but for its stride, normalised, then activated."""
    padding = kernel // 2 * dilation
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


def resize_like(x: Tensor, other: Tensor) -> Tensor:
    """Interpolate to the height and width of another tensor, bilinear, corners not aligned."""
    return functional.interpolate(x, other.shape[-2:], mode='bilinear', align_corners=False)
