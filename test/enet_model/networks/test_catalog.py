# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.networks.catalog import build_network  # noqa: E402
from enet_model.networks.enet import ENet  # noqa: E402
from enet_model.networks.segnet import SegNet  # noqa: E402


def test_enet_by_name() -> None:
    network = build_network('enet', 5, 'paper')
    assert isinstance(network, ENet)
    assert network.layout == 'paper'
    assert network.decoder.full_convolution.out_channels == 5


def test_segnet_by_name() -> None:
    network = build_network('segnet', 5)
    assert isinstance(network, SegNet)
    assert network.classifier.out_channels == 5


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match="no network 'unet'; known are enet, segnet"):
        build_network('unet', 5)
