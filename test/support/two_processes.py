# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A batch in two processes, which form a group of torch.distributed on the CPU.

In a module of its own, since the processes import what they are to run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, multiprocessing


def run_in_two_processes(function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """Call ``function(rank, *arguments)`` in each; return both results, plain or tensors."""
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(_call, (Path(folder), function, arguments), nprocs=2)
        return [torch.load(Path(folder) / str(rank), weights_only=True) for rank in range(2)]


def _call(rank: int, folder: Path, function: Callable[..., Any], arguments: Any) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder / "meeting"}', rank=rank, world_size=2
    )
    torch.save(function(rank, *arguments), folder / str(rank))
    distributed.destroy_process_group()


def normalize(rank: int, batches: list[list[Tensor]]) -> dict[str, Any]:
    """Train synchronised batch normalisation on the process's part of each batch."""
    from enet_model.training.synchronized_batch_norm import SynchronizedBatchNorm2d

    normalization = SynchronizedBatchNorm2d(batches[0][rank].shape[1])
    return train_normalization(normalization, [batch[rank] for batch in batches])


def train_normalization(normalization: torch.nn.Module, batches: list[Tensor]) -> dict[str, Any]:
    """Return what comes out of normalisation, its gradients and its state after some batches."""
    outputs, gradients = [], []
    for batch in batches:
        x = batch.clone().requires_grad_()
        y = normalization(x)
        (y**3).sum().backward()
        outputs.append(y.detach())
        gradients.append(x.grad)
    return {
        'outputs': outputs,
        'gradients': gradients,
        'parameter_gradients': [p.grad for p in normalization.parameters()],
        'state': normalization.state_dict(),
    }


def tell_each_other(rank: int, masses: list[float]) -> dict[str, Any]:
    """Try what ``enet_model.training.processes`` offers."""
    from enet_model.training import processes

    x = torch.tensor([1.0 + rank, 5.0], requires_grad=True)
    total = processes.sum_over_processes(x)
    (total * torch.tensor([10.0**rank, 1.0])).sum().backward()
    share = processes.share_of_batch(torch.tensor(masses[rank]))
    nothing = processes.share_of_batch(torch.tensor(0.0))
    return {
        'count': processes.process_count(),
        'total': total.detach(),
        'gradient': x.grad,
        'share': share,
        'nothing': nothing,
    }
