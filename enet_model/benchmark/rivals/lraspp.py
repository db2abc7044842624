# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""LR-ASPP on MobileNetV3-Large (A. Howard et al., arXiv 1905.02244, 2019, table 1, section 6.4).

The last stage stays at 1/16 of the frame, dilated; the head has 128 filters. On Cityscapes the
paper halves the width of the last stage, which is the default here; torchvision does not.
"""

from __future__ import annotations

from torch import Tensor, nn

from enet_model.benchmark.rivals.layers import convolution, resize_like

# Kernel, expanded channels, output channels, squeeze and excite, activation, stride.
ROWS: tuple[tuple[int, int, int, bool, type[nn.Module], int], ...] = (
    (3, 16, 16, False, nn.ReLU, 1),
    (3, 64, 24, False, nn.ReLU, 2),
    (3, 72, 24, False, nn.ReLU, 1),
    (5, 72, 40, True, nn.ReLU, 2),
    (5, 120, 40, True, nn.ReLU, 1),
    (5, 120, 40, True, nn.ReLU, 1),
    (3, 240, 80, False, nn.Hardswish, 2),
    (3, 200, 80, False, nn.Hardswish, 1),
    (3, 184, 80, False, nn.Hardswish, 1),
    (3, 184, 80, False, nn.Hardswish, 1),
    (3, 480, 112, True, nn.Hardswish, 1),
    (3, 672, 112, True, nn.Hardswish, 1),
)
DETAIL_ROWS = 6  # the rows down to 1/8 of the frame; the head takes their features too


class LRASPP(nn.Module):
    """RGB frames, N x 3 x H x W -> logits, N x classes x H x W."""

    def __init__(self, class_count: int, last_width: int = 80) -> None:
        super().__init__()
        channels = [16, *(row[2] for row in ROWS)]
        blocks = [
            InvertedResidual(inputs, *row) for inputs, row in zip(channels, ROWS, strict=False)
        ]
        inner = 6 * last_width
        last = [
            InvertedResidual(inputs, 5, expanded, last_width, True, nn.Hardswish, 1, dilation=2)
            for inputs, expanded in ((112, 672), (last_width, inner), (last_width, inner))
        ]
        self.detail = nn.Sequential(
            convolution(3, 16, stride=2, activation=nn.Hardswish), *blocks[:DETAIL_ROWS]
        )
        self.context = nn.Sequential(
            *blocks[DETAIL_ROWS:],
            *last,
            convolution(last_width, inner, 1, activation=nn.Hardswish),
        )
        self.features = convolution(inner, 128, 1)
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(inner, 128, 1, bias=False), nn.Sigmoid()
        )
        self.detail_classifier = nn.Conv2d(40, class_count, 1)
        self.context_classifier = nn.Conv2d(128, class_count, 1)

    def forward(self, x: Tensor) -> Tensor:
        detail = self.detail(x)
        context = self.context(detail)
        attended = self.features(context) * self.attention(context)
        logits = self.detail_classifier(detail)
        return resize_like(logits + self.context_classifier(resize_like(attended, detail)), x)


class InvertedResidual(nn.Module):
    """MobileNetV3's block: expansion, depthwise convolution, squeeze and excite, projection."""

    def __init__(
        self,
        inputs: int,
        kernel: int,
        expanded: int,
        outputs: int,
        excite: bool,
        activation: type[nn.Module],
        stride: int,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        self.residual = stride == 1 and inputs == outputs
        layers = [
            convolution(expanded, expanded, kernel, stride, expanded, dilation, activation),
            *([SqueezeExcite(expanded)] if excite else []),
            convolution(expanded, outputs, 1, activation=None),
        ]
        if expanded != inputs:
            layers.insert(0, convolution(inputs, expanded, 1, activation=activation))
        self.branch = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x) if self.residual else self.branch(x)


class SqueezeExcite(nn.Module):
    """Channels weighted by what the whole frame shows."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = multiple_of_8(channels // 4)
        self.weights = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeezed, 1),
            nn.ReLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weights(x)


def multiple_of_8(channels: int) -> int:
    """Return the nearest multiple of 8, but no less than nine tenths of ``channels``."""
    rounded = max(8, (channels + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * channels else rounded + 8
