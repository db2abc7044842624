# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The networks that are measured side by side, and what was published of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from enet_model.benchmark.rivals.bisenet import BiSeNetV2
from enet_model.benchmark.rivals.ddrnet import DDRNet23Slim
from enet_model.benchmark.rivals.fast_scnn import FastSCNN
from enet_model.benchmark.rivals.lraspp import LRASPP
from enet_model.benchmark.rivals.pidnet import PIDNetS
from enet_model.networks.enet import ENet
from enet_model.networks.segnet import SegNet


@dataclass(frozen=True)
class Entrant:
    """A network by name."""

    name: str
    title: str
    build: Callable[[int], nn.Module]
    """Number of classes -> the network with fresh weights."""
    published_iou: float
    """Mean IoU on Cityscapes test, per cent, as its paper gives it: not measured here."""
    paper: str
    """Where that stands."""


ENTRANTS = {
    entrant.name: entrant
    for entrant in (
        Entrant('enet', 'ENet', ENet, 58.3, 'arXiv 1606.02147'),
        # Measured by the authors of ENet, at 1024 x 512.
        Entrant('segnet', 'SegNet', SegNet, 56.1, 'arXiv 1606.02147'),
        Entrant('fast_scnn', 'Fast-SCNN', FastSCNN, 68.0, 'arXiv 1902.04502'),
        Entrant('lraspp', 'LR-ASPP MobileNetV3-Large', LRASPP, 72.6, 'arXiv 1905.02244'),
        Entrant('ddrnet', 'DDRNet-23-slim', DDRNet23Slim, 77.4, 'arXiv 2101.06085'),
        Entrant('bisenetv2', 'BiSeNetV2', BiSeNetV2, 72.6, 'arXiv 2004.02147'),
        Entrant('pidnet', 'PIDNet-S', PIDNetS, 78.6, 'arXiv 2206.02066'),
    )
}


def fresh_network(entrant: Entrant, class_count: int) -> nn.Module:
    """Build the network with fresh weights that behave like learnt ones, ready for inference.

    Batch normalisation takes its statistics from noise, so that values neither vanish nor explode
    on their way: such numbers can be slower to compute with.
    """
    with torch.random.fork_rng(devices=()), torch.no_grad():
        torch.manual_seed(0)
        network = entrant.build(class_count).train()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None  # the statistics become those of what was seen
        network(torch.rand(2, 3, 128, 128))
    return network.eval()
