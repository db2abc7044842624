# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks by name."""

from __future__ import annotations

from typing import Literal, get_args

from enet_model.networks.enet import ENet, Layout

NetworkName = Literal['enet']


def build_network(name: str, class_count: int, layout: Layout) -> ENet:
    """Build a network with fresh weights; ValueError where the name is unknown."""
    if name not in get_args(NetworkName):
        raise ValueError(f'no network {name!r}; known are {", ".join(get_args(NetworkName))}')
    return ENet(class_count, layout)
