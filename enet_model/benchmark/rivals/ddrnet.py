# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""DDRNet-23-slim (Y. Hong, H. Pan, W. Sun, Y. Jia, arXiv 2101.06085, 2021, table 1)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from enet_model.benchmark.rivals.layers import convolution, resize_like
from enet_model.benchmark.rivals.residual import (
    bottleneck,
    head,
    preactivated,
    pyramid_scales,
    stage,
    stem,
)

WIDTH = 32
DETAIL = 2 * WIDTH


class DDRNet23Slim(nn.Module):
    """RGB frames, N x 3 x H x W -> logits, N x classes x H x W; 5.7 M parameters.

    A branch of detail at 1/8 of the frame beside one of context down to 1/64; both exchange what
    they see twice.
    """

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.stem = stem(WIDTH)
        self.context_3 = stage(2 * WIDTH, 4 * WIDTH, 2, stride=2)
        self.context_4 = stage(4 * WIDTH, 8 * WIDTH, 2, stride=2)
        self.context_5 = bottleneck(8 * WIDTH, 8 * WIDTH, stride=2)
        self.detail_3 = stage(2 * WIDTH, DETAIL, 2)
        self.detail_4 = stage(DETAIL, DETAIL, 2)
        self.detail_5 = bottleneck(DETAIL, DETAIL)
        self.up_3 = convolution(4 * WIDTH, DETAIL, 1, activation=None)
        self.up_4 = convolution(8 * WIDTH, DETAIL, 1, activation=None)
        self.down_3 = convolution(DETAIL, 4 * WIDTH, stride=2, activation=None)
        self.down_4 = nn.Sequential(
            convolution(DETAIL, 4 * WIDTH, stride=2),
            convolution(4 * WIDTH, 8 * WIDTH, stride=2, activation=None),
        )
        self.pyramid = DeepAggregationPyramid(16 * WIDTH, 128, 4 * WIDTH)
        self.head = head(4 * WIDTH, 64, class_count)

    def forward(self, x: Tensor) -> Tensor:
        shared = self.stem(x)
        context, detail = self.context_3(shared), self.detail_3(shared)
        context, detail = self.exchange(context, detail, self.down_3, self.up_3)
        context, detail = self.context_4(context), self.detail_4(detail)
        context, detail = self.exchange(context, detail, self.down_4, self.up_4)
        context, detail = self.pyramid(relu(self.context_5(context))), self.detail_5(detail)
        return resize_like(self.head(detail + resize_like(context, detail)), x)

    def exchange(
        self, context: Tensor, detail: Tensor, down: nn.Module, up: nn.Module
    ) -> tuple[Tensor, Tensor]:
        """Add to each branch what the other one sees."""
        return (
            relu(context + down(relu(detail))),
            relu(detail + resize_like(up(relu(context)), detail)),
        )


class DeepAggregationPyramid(nn.Module):
    """DAPPM: averages over larger and larger parts, each refined with the one before."""

    def __init__(self, inputs: int, inner: int, outputs: int) -> None:
        super().__init__()
        self.scales = pyramid_scales(inputs, inner)
        self.first = preactivated(inputs, inner)
        self.refine = nn.ModuleList(preactivated(inner, inner, 3) for _ in self.scales)
        self.compress = preactivated(5 * inner, outputs)
        self.shortcut = preactivated(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        seen = [self.first(x)]
        for scale, refine in zip(self.scales, self.refine, strict=True):
            seen.append(refine(resize_like(scale(x), x) + seen[-1]))
        return self.compress(torch.cat(seen, dim=1)) + self.shortcut(x)
