# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet train`: a recipe and a data set -> checkpoints and a log."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from enet_model.commands.arguments import positive

HELP = 'train a network, or go on with a training'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        '--config', default='camvid', help='recipe: a file, or the name of a built-in one'
    )
    command.add_argument('--output', type=Path, default=Path('runs/enet'), help='folder of the run')
    processes, nodes = _started_by_torchrun()
    command.add_argument(
        '--processes',
        type=positive(int),
        default=processes,
        help='on each machine; with GPUs, one for each',
    )
    command.add_argument('--nodes', type=positive(int), default=nodes, help='machines')
    command.add_argument('--accelerator', choices=('auto', 'cpu', 'gpu'), default='auto')
    command.add_argument(
        'changes', nargs='*', metavar='key=value', help='changes to the recipe: data.batch_size=8'
    )


def run(options: argparse.Namespace) -> None:
    """Train."""
    from enet_model.training.recipe_file import load_recipe
    from enet_model.training.train import train

    best = train(
        load_recipe(options.config, options.changes),
        options.output,
        options.processes,
        options.accelerator,
        options.nodes,
    )
    print(f'best on val: {best}')


def _started_by_torchrun() -> tuple[int, int]:
    """Return processes on each machine and machines, which torchrun says by the environment."""
    processes = int(os.environ.get('LOCAL_WORLD_SIZE', 0))
    return (processes, int(os.environ['WORLD_SIZE']) // processes) if processes else (1, 1)
