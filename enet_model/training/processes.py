# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the processes of a training tell each other, on any backend of torch.distributed."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed
from torch import Tensor


def process_count() -> int:
    """Return how many processes train together; 1 where nobody started a group."""
    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return 1
    return torch.distributed.get_world_size()


def sum_over_processes(x: Tensor) -> Tensor:
    """Sum a tensor over the processes; differentiable, the tensor of every process getting its due.

    The gradient is that of the sum of the losses of all processes.
    """
    result: Tensor = _SumOverProcesses.apply(x)
    return result


def share_of_batch(mass: Tensor) -> Tensor:
    """Return this process's part of the whole batch's mass, times the number of processes.

    mass: what a mean is taken over, as the number of labelled pixels; not negative, no gradient.
    Gradients are averaged over the processes: so they are those of the mean over the whole batch if
    each process multiplies the mean over its own part with this.
    """
    return mass * process_count() / sum_over_processes(mass).clamp(min=torch.finfo(mass.dtype).tiny)


class _SumOverProcesses(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        total = x.contiguous().clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        return sum_over_processes(gradients[0])
