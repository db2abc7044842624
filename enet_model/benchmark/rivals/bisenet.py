# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""BiSeNetV2 (C. Yu et al., arXiv 2004.02147, 2020, table 1 and figures 4 - 6)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from enet_model.benchmark.rivals.layers import convolution, resize_like

HEAD_CHANNELS = 1024  # the paper does not tell; this is what public implementations take


class BiSeNetV2(nn.Module):
    """RGB frames, N x 3 x H x W -> logits, N x classes x H x W.

    A wide, shallow branch of detail at 1/8 of the frame beside a narrow, deep one of context at
    1/32, each of which guides the other where both are joined.
    """

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.detail = nn.Sequential(
            convolution(3, 64, stride=2),
            convolution(64, 64),
            convolution(64, 64, stride=2),
            convolution(64, 64),
            convolution(64, 64),
            convolution(64, 128, stride=2),
            convolution(128, 128),
            convolution(128, 128),
        )
        self.context = nn.Sequential(
            Stem(16),
            GatherExpandDown(16, 32),
            GatherExpand(32),
            GatherExpandDown(32, 64),
            GatherExpand(64),
            GatherExpandDown(64, 128),
            GatherExpand(128),
            GatherExpand(128),
            GatherExpand(128),
            ContextEmbedding(128),
        )
        self.aggregate = GuidedAggregation(128)
        self.head = nn.Sequential(
            convolution(128, HEAD_CHANNELS),
            nn.Dropout(0.1),
            nn.Conv2d(HEAD_CHANNELS, class_count, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return resize_like(self.head(self.aggregate(self.detail(x), self.context(x))), x)


class Stem(nn.Module):
    """To 1/4 of the frame, by convolution and by pooling."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(3, channels, stride=2)
        self.left = nn.Sequential(
            convolution(channels, channels // 2, 1), convolution(channels // 2, channels, stride=2)
        )
        self.right = nn.MaxPool2d(3, 2, 1)
        self.fuse = convolution(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        return self.fuse(torch.cat((self.left(x), self.right(x)), dim=1))


class GatherExpand(nn.Module):
    """3x3 convolution, depthwise expansion to 6 times the channels, projection."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            convolution(channels, channels),
            convolution(channels, 6 * channels, groups=channels, activation=None),
            convolution(6 * channels, channels, 1, activation=None),
        )

    def forward(self, x: Tensor) -> Tensor:
        return relu(x + self.branch(x))


class GatherExpandDown(nn.Module):
    """The same to half the size, with a separable convolution beside it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        inner = 6 * inputs
        self.branch = nn.Sequential(
            convolution(inputs, inputs),
            convolution(inputs, inner, stride=2, groups=inputs, activation=None),
            convolution(inner, inner, groups=inner, activation=None),
            convolution(inner, outputs, 1, activation=None),
        )
        self.shortcut = nn.Sequential(
            convolution(inputs, inputs, stride=2, groups=inputs, activation=None),
            convolution(inputs, outputs, 1, activation=None),
        )

    def forward(self, x: Tensor) -> Tensor:
        return relu(self.shortcut(x) + self.branch(x))


class ContextEmbedding(nn.Module):
    """What the whole frame shows, added everywhere."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.embed = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(channels), convolution(channels, channels, 1)
        )
        self.out = convolution(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(x + self.embed(x))


class GuidedAggregation(nn.Module):
    """Each branch weighted by the other one at both sizes, then added at 1/8 of the frame."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.detail = separable(channels)
        self.detail_small = nn.Sequential(
            convolution(channels, channels, stride=2, activation=None), nn.AvgPool2d(3, 2, 1)
        )
        self.context_large = convolution(channels, channels, activation=None)
        self.context = separable(channels)
        self.out = convolution(channels, channels, activation=None)

    def forward(self, detail: Tensor, context: Tensor) -> Tensor:
        guided_detail = (
            self.detail(detail) * resize_like(self.context_large(context), detail).sigmoid()
        )
        guided_context = self.detail_small(detail) * self.context(context).sigmoid()
        return self.out(guided_detail + resize_like(guided_context, detail))


def separable(channels: int) -> nn.Sequential:
    """Return a depthwise convolution, normalised, and a pointwise one."""
    return nn.Sequential(
        convolution(channels, channels, groups=channels, activation=None),
        nn.Conv2d(channels, channels, 1, bias=False),
    )
