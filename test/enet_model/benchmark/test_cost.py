# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn

from enet_model.benchmark.cost import count_cost
from enet_model.benchmark.published import PAPER_COST, PAPER_RATIOS
from enet_model.networks.enet import ENet
from enet_model.networks.segnet import SegNet


def test_a_convolution_counted_by_hand() -> None:
    found = count_cost(
        lambda: nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.BatchNorm2d(5)), 8, 4
    )
    assert found.parameters == 3 * 5 * 9 + 5 + 10
    assert found.gflops == pytest.approx(2 * 3 * 5 * 9 * 8 * 4 / 1e9)


def test_the_table_of_the_paper() -> None:
    """All is met but ENet's operations: the paper counts more than its authors' layout has."""
    segnet = count_cost(lambda: SegNet(12), 640, 360)
    assert segnet.gflops == pytest.approx(PAPER_COST['segnet'][0], rel=0.01)
    assert segnet.parameters / 1e6 == pytest.approx(PAPER_COST['segnet'][1], rel=0.001)
    enet = count_cost(lambda: ENet(12), 640, 360)
    assert enet.gflops == pytest.approx(3.3955, abs=1e-3)
    assert enet.parameters / 1e6 == pytest.approx(PAPER_COST['enet'][1], rel=0.02)
    assert segnet.gflops / enet.gflops >= PAPER_RATIOS[0]
    assert segnet.parameters / enet.parameters >= PAPER_RATIOS[1]


def test_four_times_the_pixels_cost_four_times_as_much() -> None:
    small, large = (count_cost(lambda: ENet(11), *size) for size in ((320, 184), (640, 368)))
    assert large.gflops == pytest.approx(4 * small.gflops)
    assert large.parameters == small.parameters
