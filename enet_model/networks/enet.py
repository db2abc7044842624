# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ENet (A. Paszke et al., arXiv 1606.02147, 2016), as in table 1 and figure 2.

The paper's text and the code that its authors published differ. ``layout='authors'`` follows the
code: ReLU and no dropout in the decoder. ``layout='paper'`` follows the text: PReLU and Spatial
Dropout throughout. In both, the inner width of a bottleneck is a quarter of its output and the last
layer is 2x2 with stride 2, as in the code (the text names neither); no convolution has a bias. With
12 classes the authors' layout has 363,151 parameters, the 0.37 M of the paper's table 3 with the
running statistics.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from enet_model.networks.unpooling import Winners, max_pool, max_unpool

Layout = Literal['authors', 'paper']


class Encoded(NamedTuple):
    """What the encoder hands to the decoder."""

    features: Tensor
    """N x 128 x H/8 x W/8."""
    winners_2: Winners
    """Pooling winners of bottleneck 2.0, for the unpooling of 4.0."""
    winners_1: Winners
    """Pooling winners of bottleneck 1.0, for the unpooling of 5.0."""


class ENet(nn.Module):
    """RGB frames, N x 3 x H x W, normalised -> logits, N x classes x H x W.

    H and W have to divide by 8; ValueError where they do not.
    """

    def __init__(self, class_count: int, layout: Layout = 'authors') -> None:
        super().__init__()
        if layout not in ('authors', 'paper'):
            raise ValueError(f"layout is 'authors' or 'paper', got {layout!r}")
        self.layout = layout
        self.encoder = Encoder()
        self.decoder = Decoder(class_count, layout)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        if height % 8 or width % 8:
            raise ValueError(f'{height} x {width} pixels came; both sides have to divide by 8')
        return self.decoder(self.encoder(x))


class Encoder(nn.Module):
    """The initial block and stages 1 to 3."""

    channels = 128

    def __init__(self) -> None:
        super().__init__()
        self.initial = InitialBlock()
        self.down_1 = DownsamplingBottleneck(16, 64, dropout=0.01)
        self.stage_1 = nn.Sequential(*(Bottleneck(64, dropout=0.01) for _ in range(4)))
        self.down_2 = DownsamplingBottleneck(64, 128, dropout=0.1)
        self.stage_2 = context_stage()
        self.stage_3 = context_stage()

    def forward(self, x: Tensor) -> Encoded:
        x, winners_1 = self.down_1(self.initial(x))
        x, winners_2 = self.down_2(self.stage_1(x))
        return Encoded(self.stage_3(self.stage_2(x)), winners_2, winners_1)


class Decoder(nn.Module):
    """Stages 4 and 5 and the last, bare transposed convolution."""

    def __init__(self, class_count: int, layout: Layout) -> None:
        super().__init__()
        prelu = layout == 'paper'
        dropout = 0.1 if layout == 'paper' else 0.0
        self.up_4 = UpsamplingBottleneck(128, 64, dropout, prelu)
        self.stage_4 = nn.Sequential(*(Bottleneck(64, dropout, prelu=prelu) for _ in range(2)))
        self.up_5 = UpsamplingBottleneck(64, 16, dropout, prelu)
        self.stage_5 = Bottleneck(16, dropout, prelu=prelu)
        self.full_convolution = nn.ConvTranspose2d(16, class_count, 2, stride=2, bias=False)

    def forward(self, encoded: Encoded) -> Tensor:
        x = self.stage_4(self.up_4(encoded.features, encoded.winners_2))
        x = self.stage_5(self.up_5(x, encoded.winners_1))
        return self.full_convolution(x)


class InitialBlock(nn.Module):
    """Convolution beside pooling: 3 -> 13 + 3 channels at half the size (figure 2a)."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 13, 3, stride=2, padding=1, bias=False)
        self.out = normalized(16, prelu=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.cat((self.convolution(x), functional.max_pool2d(x, 2)), dim=1))


class Bottleneck(nn.Module):
    """Projection, main convolution, expansion; added to the input (figure 2b)."""

    def __init__(
        self,
        channels: int,
        dropout: float,
        dilation: int = 1,
        asymmetric: bool = False,
        prelu: bool = True,
    ) -> None:
        super().__init__()
        inner = channels // 4
        main: tuple[nn.Module, ...]
        if asymmetric:
            main = (
                nn.Conv2d(inner, inner, (5, 1), padding=(2, 0), bias=False),
                nn.Conv2d(inner, inner, (1, 5), padding=(0, 2), bias=False),
            )
        else:
            main = (nn.Conv2d(inner, inner, 3, padding=dilation, dilation=dilation, bias=False),)
        self.branch = nn.Sequential(
            nn.Conv2d(channels, inner, 1, bias=False),
            normalized(inner, prelu),
            *main,
            normalized(inner, prelu),
            *expansion(inner, channels, dropout),
        )
        self.out = activation(channels, prelu)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(x + self.branch(x))


class DownsamplingBottleneck(nn.Module):
    """A bottleneck to half the size; max pooling, zero-padded in channels, beside it."""

    def __init__(self, in_channels: int, out_channels: int, dropout: float) -> None:
        super().__init__()
        inner = out_channels // 4
        self.extra_channels = out_channels - in_channels
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inner, 2, stride=2, bias=False),
            normalized(inner, prelu=True),
            nn.Conv2d(inner, inner, 3, padding=1, bias=False),
            normalized(inner, prelu=True),
            *expansion(inner, out_channels, dropout),
        )
        self.out = activation(out_channels, prelu=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Winners]:
        pooled, winners = max_pool(x)
        padded = functional.pad(pooled, (0, 0, 0, 0, 0, self.extra_channels))
        return self.out(padded + self.branch(x)), winners


class UpsamplingBottleneck(nn.Module):
    """A bottleneck to twice the size; 1x1 convolution and unpooling beside it."""

    def __init__(self, in_channels: int, out_channels: int, dropout: float, prelu: bool) -> None:
        super().__init__()
        inner = out_channels // 4
        self.main = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels)
        )
        self.branch = nn.Sequential(
            nn.Conv2d(in_channels, inner, 1, bias=False),
            normalized(inner, prelu),
            nn.ConvTranspose2d(inner, inner, 3, stride=2, padding=1, output_padding=1, bias=False),
            normalized(inner, prelu),
            *expansion(inner, out_channels, dropout),
        )
        self.out = activation(out_channels, prelu)

    def forward(self, x: Tensor, winners: Winners) -> Tensor:
        return self.out(max_unpool(self.main(x), winners) + self.branch(x))


def context_stage() -> nn.Sequential:
    """Return bottlenecks 2.1 to 2.8, or 3.1 to 3.8: regular, dilated and asymmetric in turn."""
    return nn.Sequential(
        Bottleneck(128, 0.1),
        Bottleneck(128, 0.1, dilation=2),
        Bottleneck(128, 0.1, asymmetric=True),
        Bottleneck(128, 0.1, dilation=4),
        Bottleneck(128, 0.1),
        Bottleneck(128, 0.1, dilation=8),
        Bottleneck(128, 0.1, asymmetric=True),
        Bottleneck(128, 0.1, dilation=16),
    )


def expansion(inner: int, channels: int, dropout: float) -> tuple[nn.Module, ...]:
    """Return the end of every branch: 1x1 expansion, batch normalisation, Spatial Dropout."""
    layers = (nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels))
    return (*layers, nn.Dropout2d(dropout)) if dropout else layers


def normalized(channels: int, prelu: bool) -> nn.Sequential:
    """Return batch normalisation and the activation after it."""
    return nn.Sequential(nn.BatchNorm2d(channels), activation(channels, prelu))


def activation(channels: int, prelu: bool) -> nn.Module:
    """Return PReLU with a slope for each channel, or ReLU."""
    return nn.PReLU(channels) if prelu else nn.ReLU()
