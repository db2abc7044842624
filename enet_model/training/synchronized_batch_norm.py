# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation over the samples of all processes.

torch.nn.SyncBatchNorm does the same, but on GPUs alone; this one runs on every backend. What it
computes, and so what a checkpoint holds, is that of torch.nn.BatchNorm2d on the whole batch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from enet_model.training.processes import sum_over_processes


class SynchronizedBatchNorm2d(nn.BatchNorm2d):
    """nn.BatchNorm2d, but training takes mean and variance over all processes.

    The processes may hold different numbers of samples. In mixed precision the statistics are taken
    in 32 bits.
    """

    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            return super().forward(input)
        x = input.to(torch.promote_types(input.dtype, torch.float32))
        own_count = x.new_tensor([x.numel() / x.shape[1]])
        *_, count = totals = sum_over_processes(torch.cat((x.sum((0, 2, 3)), own_count)))
        mean = totals[:-1] / count
        # About the mean, since the difference of two large sums would lose digits.
        centered = x - mean[:, None, None]
        variance = sum_over_processes(centered.square().sum((0, 2, 3))) / count
        self._track(mean.detach(), (variance * count / (count - 1)).detach())
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centered * scale[:, None, None] + self.bias[:, None, None]).to(input.dtype)

    def _track(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        self.num_batches_tracked += 1


def synchronize_batch_norm(network: nn.Module) -> None:
    """Put a SynchronizedBatchNorm2d with the same weights into the place of each nn.BatchNorm2d."""
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.BatchNorm2d:
                synchronized = SynchronizedBatchNorm2d(
                    child.num_features, child.eps, child.momentum
                )
                synchronized.load_state_dict(child.state_dict())
                setattr(parent, name, synchronized)
