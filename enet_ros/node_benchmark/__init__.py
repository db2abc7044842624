# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet benchmark --node`: the node as its users meet it, between processes of their own."""

from __future__ import annotations

import argparse


def measure_node(options: argparse.Namespace) -> None:
    """Measure what the options ask for: see :mod:`enet_ros.node_benchmark.command`."""
    from enet_ros.node_benchmark import command  # not for the processes that it starts

    command.run(options)
