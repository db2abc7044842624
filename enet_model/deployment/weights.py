# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint without what only its training needs: the weights to export from again."""

from __future__ import annotations

from pathlib import Path

import torch

from enet_model.training.checkpoint import load_checkpoint, read_checkpoint


def write_weights(source: Path, path: Path) -> None:
    """Write the network of a checkpoint, and what it says of itself, as a smaller checkpoint.

    CheckpointError where the source is no checkpoint.
    """
    load_checkpoint(source)
    checkpoint = read_checkpoint(source)
    weights = {
        name: value
        for name, value in checkpoint['state_dict'].items()
        if name.startswith('network.')
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({'hyper_parameters': checkpoint['hyper_parameters'], 'state_dict': weights}, path)
