# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint without what only its training needs: the weights to export from again."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from enet_model.training.checkpoint import load_checkpoint, read_checkpoint


def write_weights(source: Path, path: Path, network: nn.Module | None = None) -> None:
    """Write the network of a checkpoint, and what it says of itself, as a smaller checkpoint.

    network: another one of the same shapes, whose weights are written instead.
    Nothing of the machine that trained it goes along, such as the folders of its recipe.
    CheckpointError where the source is no checkpoint.
    """
    loaded = load_checkpoint(source)
    settings = read_checkpoint(source)['hyper_parameters']
    kept = {
        'network': settings['network'],
        'layout': settings['layout'],
        'spec': loaded.spec.to_json(),
        'recipe': {'data': {'size': loaded.size}},
    }
    state = (network or loaded.network).state_dict()
    weights = {f'network.{name}': value for name, value in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({'hyper_parameters': kept, 'state_dict': weights}, path)
