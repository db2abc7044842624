# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks by name."""

from __future__ import annotations

from typing import Literal, get_args

from torch import nn

from enet_model.networks.enet import ENet, Layout
from enet_model.networks.segnet import SegNet

NetworkName = Literal['enet', 'segnet']


def build_network(name: str, class_count: int, layout: Layout = 'authors') -> nn.Module:
    """Build a network with fresh weights; ``layout`` is ENet's, SegNet has one.

    ValueError where the name is unknown.
    """
    if name == 'enet':
        return ENet(class_count, layout)
    if name == 'segnet':
        return SegNet(class_count)
    raise ValueError(f'no network {name!r}; known are {", ".join(get_args(NetworkName))}')
