# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet average`: checkpoints -> one, with the mean of their weights."""

from __future__ import annotations

import argparse
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments, check_folders_of

HELP = 'write the mean of checkpoints, with statistics of the training frames'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        'checkpoints', type=Path, nargs='+', help='of one run, or of runs that began alike'
    )
    command.add_argument('output', type=Path, help='checkpoint to write, with the weights alone')
    add_data_arguments(command)
    command.set_defaults(split='train')


def run(options: argparse.Namespace) -> None:
    """Write the checkpoint."""
    from enet_model.datasets.catalog import open_data_set
    from enet_model.deployment.weights import write_weights
    from enet_model.training.averaging import average

    check_folders_of(options.output)
    frames = open_data_set(options.data, options.root, options.split)
    network = average(options.checkpoints, frames)
    write_weights(options.checkpoints[0], options.output, network)
    print(
        f'{options.output}: checkpoints averaged: {len(options.checkpoints)}; '
        f'statistics of {len(frames)} frames of {options.data} {options.split}'
    )
