# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments of `enet benchmark --node`, which measures the node between processes."""

from __future__ import annotations

import argparse

from enet_model.commands.arguments import positive, size


def add_node_arguments(command: argparse.ArgumentParser) -> None:
    """Add what the node is measured with."""
    node = command.add_argument_group('with --node')
    node.add_argument(
        '--transport', action='store_true', help='measure the way of large images instead'
    )
    node.add_argument('--seconds', type=positive(float), default=5.0, help='time of each case')
    node.add_argument(
        '--source', default='', help='folder or video; none is CAMVID_ROOT/val, or a drawn street'
    )
    node.add_argument(
        '--camera-sizes',
        type=size,
        nargs='+',
        metavar='WIDTHxHEIGHT',
        default=((640, 360), (1920, 1080)),
        help='of the images',
    )
    node.add_argument(
        '--cameras', type=positive(int), nargs='+', default=(1, 3), help='numbers of cameras'
    )
    node.add_argument(
        '--rates',
        type=positive(float),
        nargs='+',
        default=(10.0, 30.0, 60.0, 120.0),
        help='of each camera [Hz]',
    )
    node.add_argument(
        '--encodings', nargs='+', default=('rgb8', 'bgr8'), help='of the images, in the profile'
    )
