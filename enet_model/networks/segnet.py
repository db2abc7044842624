# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SegNet (V. Badrinarayanan, A. Kendall, R. Cipolla, TPAMI 2017, section 3): ENet's baseline.

The encoders are the 13 convolutions of VGG-16, the decoders mirror them; both begin with fresh
weights after He et al., as in the paper. As in the code that its authors published, every
convolution has a bias, and all but the last one have batch normalisation and ReLU after them. With
12 classes there are 29,449,932 parameters (table 3 of the ENet paper: 29.46 M).
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from enet_model.networks.unpooling import max_pool, max_unpool

# Channels before and after each convolution; a row is an encoder, and mirrored a decoder.
ENCODERS = (
    (3, 64, 64),
    (64, 128, 128),
    (128, 256, 256, 256),
    (256, 512, 512, 512),
    (512, 512, 512, 512),
)
SMALLEST_SIDE = 2 ** len(ENCODERS)


class SegNet(nn.Module):
    """RGB frames, N x 3 x H x W, normalised -> logits, N x classes x H x W.

    H and W are 32 or more; ValueError where they are not. A side that is odd before a pooling loses
    its last pixel there; the unpooling gives it back as zeros.
    """

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(map(convolutions, ENCODERS))
        *deep, (*last, _) = (row[::-1] for row in ENCODERS[::-1])
        self.decoders = nn.ModuleList(map(convolutions, (*deep, tuple(last))))
        self.classifier = nn.Conv2d(last[-1], class_count, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, nonlinearity='relu')
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        if min(height, width) < SMALLEST_SIDE:
            raise ValueError(
                f'{height} x {width} pixels came; both sides have to be {SMALLEST_SIDE} or more'
            )
        poolings = []
        for encoder in self.encoders:
            features = encoder(x)
            x, winners = max_pool(features)
            poolings.append((winners, features.shape[-2:]))
        for decoder, (winners, size) in zip(self.decoders, poolings[::-1], strict=True):
            x = decoder(max_unpool(x, winners, size))
        return self.classifier(x)


def convolutions(channels: tuple[int, ...]) -> nn.Sequential:
    """Return a 3x3 convolution, normalised, with ReLU, from each number of channels to the next."""
    return nn.Sequential(
        *(
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in pairwise(channels)
        )
    )
