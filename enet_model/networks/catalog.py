# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks by name."""

from __future__ import annotations

from torch import nn

from enet_model.networks.enet import ENet, Layout


def build_network(name: str, class_count: int, layout: Layout) -> nn.Module:
    """Build a network with fresh weights; ValueError where the name is unknown."""
    if name != 'enet':
        raise ValueError(f"no network {name!r}; known are 'enet'")
    return ENet(class_count, layout)
