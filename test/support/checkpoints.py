# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of trainings, compared bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch


def read(path: Path) -> dict[str, Any]:
    """Return what a checkpoint holds; nothing but tensors and plain values may be in it."""
    return torch.load(path, weights_only=True)


def assert_same(one: Any, other: Any, where: str = '') -> None:
    """Fail, saying where, unless two trees of tensors and plain values are equal bit for bit."""
    assert type(one) is type(other), where
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other), where
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            assert_same(one[key], other[key], f'{where}/{key}')
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for index, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f'{where}/{index}')
    else:
        assert one == other, where


def assert_same_end(folder: Path, undisturbed: Path) -> None:
    """Fail unless two runs have ended with the same weights, averages, optimiser and rate."""
    one, other = read(folder / 'last.ckpt'), read(undisturbed / 'last.ckpt')
    for part in ('epoch', 'state_dict', 'current_model_state', 'optimizer_states', 'lr_schedulers'):
        assert_same(one[part], other[part], part)
