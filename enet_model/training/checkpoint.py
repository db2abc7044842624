# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint of a training back to the network."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from enet_model.errors import UserError
from enet_model.label_sets import LABEL_SETS, LabelSet
from enet_model.networks.catalog import build_network


class CheckpointError(UserError):
    """A file that is no checkpoint of this project."""


def load_checkpoint(path: Path) -> tuple[nn.Module, LabelSet]:
    """Return the network, averaged weights where there are any, and its classes.

    Nothing but tensors and plain values is unpickled. CheckpointError where the file does not fit.
    """
    try:
        checkpoint = torch.load(path, map_location='cpu', weights_only=True)
    except OSError as error:
        raise CheckpointError(f'{path}: cannot be read: {error.strerror}') from error
    except Exception as error:  # foreign bytes make an unpickler raise nearly anything
        raise CheckpointError(
            f"{path}: not a checkpoint of 'enet train', or cut off: "
            'torch cannot read tensors and plain values from it'
        ) from error
    try:
        settings = checkpoint['hyper_parameters']
        label_set = LABEL_SETS[settings['label_set']]
        network = build_network(settings['network'], len(label_set.classes), settings['layout'])
        prefix = 'network.'
        network.load_state_dict(
            {
                name.removeprefix(prefix): value
                for name, value in checkpoint['state_dict'].items()
                if name.startswith(prefix)
            }
        )
    except (KeyError, TypeError, AttributeError, ValueError, RuntimeError) as error:
        reason = ' '.join(str(error).split())[:200]
        raise CheckpointError(f"{path}: not a checkpoint of 'enet train': {reason}") from error
    return network.eval(), label_set
