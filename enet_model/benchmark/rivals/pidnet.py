# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PIDNet-S (J. Xu, Z. Xiong, S. Bhattacharyya, arXiv 2206.02066, 2023, table 1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from enet_model.benchmark.rivals.layers import convolution, resize_like
from enet_model.benchmark.rivals.residual import (
    basic_block,
    bottleneck,
    head,
    preactivated,
    pyramid_scales,
    stage,
    stem,
)

WIDTH = 32
DETAIL = 2 * WIDTH


class PIDNetS(nn.Module):
    """RGB frames, N x 3 x H x W -> logits, N x classes x H x W; 7.6 M parameters.

    Three branches: P, detail at 1/8 of the frame; I, context down to 1/64; D, boundaries.
    """

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.stem = stem(WIDTH)
        self.context_3 = stage(2 * WIDTH, 4 * WIDTH, 3, stride=2)
        self.context_4 = stage(4 * WIDTH, 8 * WIDTH, 3, stride=2)
        self.context_5 = nn.Sequential(
            bottleneck(8 * WIDTH, 8 * WIDTH, stride=2, activated=True),
            bottleneck(16 * WIDTH, 8 * WIDTH),
        )
        self.pyramid = ParallelAggregationPyramid(16 * WIDTH, 96, 4 * WIDTH)
        self.detail_3 = stage(2 * WIDTH, DETAIL, 2)
        self.detail_4 = stage(DETAIL, DETAIL, 2)
        self.detail_5 = bottleneck(DETAIL, DETAIL)
        self.guide_3 = PixelAttention(4 * WIDTH, DETAIL, WIDTH)
        self.guide_4 = PixelAttention(8 * WIDTH, DETAIL, WIDTH)
        self.boundary_3 = basic_block(2 * WIDTH, WIDTH)
        self.boundary_4 = bottleneck(WIDTH, WIDTH)
        self.boundary_5 = bottleneck(DETAIL, DETAIL)
        self.difference_3 = convolution(4 * WIDTH, WIDTH, activation=None)
        self.difference_4 = convolution(8 * WIDTH, DETAIL, activation=None)
        self.fusion = BoundaryAttention(4 * WIDTH)
        self.head = head(4 * WIDTH, 128, class_count)

    def forward(self, x: Tensor) -> Tensor:
        shared = self.stem(x)
        context = relu(self.context_3(shared))
        detail = self.guide_3(self.detail_3(shared), context)
        boundary = self.boundary_3(shared)
        boundary = boundary + resize_like(self.difference_3(context), boundary)
        context = relu(self.context_4(context))
        detail = self.guide_4(self.detail_4(relu(detail)), context)
        boundary = self.boundary_4(relu(boundary))
        boundary = boundary + resize_like(self.difference_4(context), boundary)
        detail, boundary = self.detail_5(relu(detail)), self.boundary_5(relu(boundary))
        context = resize_like(self.pyramid(self.context_5(context)), detail)
        return resize_like(self.head(self.fusion(detail, context, boundary)), x)


class PixelAttention(nn.Module):
    """Pag: detail takes from the context where both agree."""

    def __init__(self, context: int, detail: int, inner: int) -> None:
        super().__init__()
        self.compress = convolution(context, detail, 1, activation=None)
        self.key = convolution(detail, inner, 1, activation=None)
        self.query = convolution(detail, inner, 1, activation=None)

    def forward(self, detail: Tensor, context: Tensor) -> Tensor:
        context = self.compress(context)
        query = resize_like(self.query(context), detail)
        agreement = (self.key(detail) * query).sum(dim=1, keepdim=True).sigmoid()
        return (1 - agreement) * detail + agreement * resize_like(context, detail)


class BoundaryAttention(nn.Module):
    """Light-Bag: detail at boundaries, context elsewhere."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.detail = convolution(channels, channels, 1, activation=None)
        self.context = convolution(channels, channels, 1, activation=None)

    def forward(self, detail: Tensor, context: Tensor, boundary: Tensor) -> Tensor:
        edge = boundary.sigmoid()
        return self.detail((1 - edge) * context + detail) + self.context(context + edge * detail)


class ParallelAggregationPyramid(nn.Module):
    """PAPPM: averages over larger and larger parts, refined side by side."""

    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        self.scales = pyramid_scales(inputs, inner)
        self.first = preactivated(inputs, inner)
        self.refine = preactivated(4 * inner, 4 * inner, 3, groups=4)
        self.compress = preactivated(5 * inner, outputs)
        self.shortcut = preactivated(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        first = self.first(x)
        scales = [resize_like(scale(x), x) + first for scale in self.scales]
        refined = self.refine(torch.cat(scales, dim=1))
        return self.compress(torch.cat((first, refined), dim=1)) + self.shortcut(x)
