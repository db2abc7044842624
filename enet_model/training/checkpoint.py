# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint of a training back to the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from enet_model.errors import UserError
from enet_model.label_sets import LABEL_SETS, LabelSet
from enet_model.networks.catalog import build_network
from enet_model.spec import ModelSpec, SpecError


class CheckpointError(UserError):
    """A file that is no checkpoint of this project."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained network, with what it says of itself."""

    network: nn.Module
    """Averaged weights where there are any; ready to be used, not to be trained."""
    spec: ModelSpec
    """Its classes and the data set that they are of."""
    size: tuple[int, int] | None
    """Width and height to which the frames of its training were scaled; none: as they are."""


def spec_of(label_set: LabelSet, split: str) -> str:
    """Write what a checkpoint says of its classes, which need not be those of a known data set.

    split: the part of the data set that it is trained on.
    """
    return ModelSpec(label_set.classes, data_set=label_set.name, training_split=split).to_json()


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what a file holds: tensors and plain values, nothing else is unpickled.

    CheckpointError where it cannot be read or holds something else.
    """
    try:
        checkpoint: dict[str, Any] = torch.load(path, map_location='cpu', weights_only=True)
    except OSError as error:
        raise CheckpointError(f'{path}: cannot be read: {error.strerror}') from error
    except Exception as error:  # foreign bytes make an unpickler raise nearly anything
        raise CheckpointError(
            f"{path}: not a checkpoint of 'enet train', or cut off: "
            'torch cannot read tensors and plain values from it'
        ) from error
    return checkpoint


def load_checkpoint(path: Path) -> Checkpoint:
    """Return the network of a checkpoint; CheckpointError where the file does not fit."""
    checkpoint = read_checkpoint(path)
    try:
        settings = checkpoint['hyper_parameters']
        spec = _read_spec(settings)
        network = build_network(settings['network'], len(spec.classes), settings['layout'])
        prefix = 'network.'
        network.load_state_dict(
            {
                name.removeprefix(prefix): value
                for name, value in checkpoint['state_dict'].items()
                if name.startswith(prefix)
            }
        )
        size = settings['recipe']['data'].get('size')
    except (KeyError, TypeError, AttributeError, ValueError, RuntimeError, SpecError) as error:
        reason = ' '.join(str(error).split())[:200]
        raise CheckpointError(f"{path}: not a checkpoint of 'enet train': {reason}") from error
    return Checkpoint(network.eval(), spec, tuple(size) if size else None)


def begin_with(network: nn.Module, path: Path) -> None:
    """Give a network the weights of a checkpoint; a last layer of other classes begins anew.

    CheckpointError where the checkpoint is of another network or layout.
    """
    weights, fresh = load_checkpoint(path).network.state_dict(), network.state_dict()
    last = _layer(next(reversed(fresh)))
    for name, value in fresh.items():
        if _layer(name) == last and name in weights and weights[name].shape != value.shape:
            weights[name] = value
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f'{path}: of another network or layout than the recipe; begin with weights of the same'
        ) from error


def _layer(parameter: str) -> str:
    return parameter.rpartition('.')[0]


def _read_spec(settings: dict[str, Any]) -> ModelSpec:
    if 'label_set' in settings:  # an older checkpoint names one of the known data sets
        name = settings['label_set']
        return ModelSpec(LABEL_SETS[name].classes, data_set=name)
    return ModelSpec.from_json(settings['spec'])
