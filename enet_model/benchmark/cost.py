# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a network costs on any machine: operations and parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


@dataclass(frozen=True)
class Cost:
    """The columns of table 3 of the paper, for one frame."""

    gflops: float
    """10^9 operations of the convolutions, a multiplication and an addition counted as two."""
    parameters: int
    """Learnt numbers; running statistics of batch normalisation do not count."""


def count_cost(build: Callable[[], nn.Module], width: int, height: int) -> Cost:
    """Count what the network costs for a frame; neither memory nor time is spent on it."""
    with torch.device('meta'):
        network, frame = build().eval(), torch.empty(1, 3, height, width)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(frame)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Cost(counter.get_total_flops() / 1e9, parameters)
