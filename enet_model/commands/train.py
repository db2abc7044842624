# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet train`: a recipe and a data set -> checkpoints and a log."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = 'train a network, or go on with a training'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('--config', type=Path, help='recipe; none is the one of the bundled model')
    command.add_argument('--output', type=Path, default=Path('runs/enet'), help='folder of the run')
    command.add_argument('--processes', type=int, default=1, help='on this machine, or GPUs')
    command.add_argument('--nodes', type=int, default=1, help='machines, started by torchrun')
    command.add_argument('--accelerator', default='auto', help='cpu, gpu or auto')
    command.add_argument(
        'changes', nargs='*', metavar='key=value', help='changes to the recipe: data.batch_size=8'
    )


def run(options: argparse.Namespace) -> None:
    """Train."""
    from enet_model.training.recipe import BUNDLED_RECIPE, load_recipe
    from enet_model.training.train import train

    best = train(
        load_recipe(options.config or BUNDLED_RECIPE, options.changes),
        options.output,
        options.processes,
        options.accelerator,
        options.nodes,
    )
    print(f'best on val: {best}')
