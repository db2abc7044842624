# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The optimiser of a recipe and its learning rate."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from enet_model.training.recipe import Optimizer


def build_optimizer(module: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    """Return the optimiser of all parameters of a module."""
    if settings.name == 'adam':
        return torch.optim.Adam(
            module.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
    # Decay shrinks what multiplies; slopes and the scales of batch normalisation are left alone.
    groups: list[dict[str, Any]] = [
        {'params': [p for p in module.parameters() if p.ndim > 1]},
        {'params': [p for p in module.parameters() if p.ndim <= 1], 'weight_decay': 0.0},
    ]
    return torch.optim.AdamW(groups, settings.learning_rate, weight_decay=settings.weight_decay)


def rate_at(step: int, total: int, settings: Optimizer) -> float:
    """Return the learning rate at a step of ``total``, as a share of the full one."""
    warm_up = max(round(settings.warm_up * total), 1)
    if step < warm_up:
        return (step + 1) / warm_up
    if not settings.cosine:
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * (step - warm_up) / max(total - warm_up, 1)))
