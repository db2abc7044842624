# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet benchmark`: how fast ENet is, beside SegNet, other networks and the machine's own limit."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments, size

HELP = 'measure speed and cost: the tables of the paper, other networks, the limit of the machine'
SIZES = ((480, 320), (640, 360), (1280, 720), (1920, 1080))


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        '--node', action='store_true', help='measure the node between processes instead (ROS 2)'
    )
    command.add_argument('--checkpoint', type=Path, help="ENet's weights; none is the bundled ones")
    command.add_argument('--sizes', type=size, nargs='+', default=SIZES, help='WIDTHxHEIGHT ...')
    command.add_argument('--models', nargs='+', metavar='NAME', help='networks; none is all')
    command.add_argument(
        '--model',
        type=Path,
        action='append',
        default=[],
        metavar='FILE',
        help='another model file to measure at its own size; may be repeated',
    )
    command.add_argument('--threads', type=int, nargs='+', help='none is 1 and all cores')
    command.add_argument('--budget', type=float, default=1.5, help='seconds a row')
    command.add_argument('--fewest', type=int, default=3, help='runs a row, whatever they take')
    add_data_arguments(command)
    command.add_argument('--frames', type=int, default=8, help='frames of the data set')
    command.add_argument('--json', type=Path, help='write what was measured to a file')
    command.add_argument('--plot', type=Path, help='draw accuracy against speed into a PNG file')
    command.add_argument(
        '--document',
        type=Path,
        action='append',
        default=[],
        metavar='FILE',
        help='write the tables between the markers of a Markdown file; may be repeated',
    )


def run(options: argparse.Namespace) -> None:
    """Measure, print the tables and write what was asked for."""
    if options.node:
        from enet_ros.node_benchmark import measure_node

        measure_node(options)
        return
