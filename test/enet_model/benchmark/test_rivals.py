# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The rivals beside what their authors published of them, and beside their own ONNX graphs."""

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

import numpy as np
import onnxruntime
import torch
from torch import nn
from torch.nn import functional

from enet_model.benchmark.cost import count_cost
from enet_model.benchmark.entrants import ENTRANTS, fresh_network
from enet_model.benchmark.rivals.bisenet import BiSeNetV2
from enet_model.benchmark.rivals.ddrnet import DDRNet23Slim
from enet_model.benchmark.rivals.fast_scnn import FastSCNN, average_cells
from enet_model.benchmark.rivals.lraspp import LRASPP, multiple_of_8
from enet_model.benchmark.rivals.pidnet import PIDNetS
from enet_model.benchmark.rivals.tracing import trace_rival

RIVALS = ('fast_scnn', 'lraspp', 'ddrnet', 'bisenetv2', 'pidnet')


def test_fast_scnn_has_the_published_parameters() -> None:
    """The paper, section 4.2: 1.11 million."""
    assert count_cost(lambda: FastSCNN(19), 2048, 1024).parameters == pytest.approx(
        1.11e6, rel=0.03
    )


def test_lraspp_is_torchvisions_at_full_width() -> None:
    """torchvision documents 3,221,538 parameters and 2.086 G multiply-adds at 520 x 520."""
    found = count_cost(lambda: LRASPP(21, last_width=160), 520, 520)
    assert found.parameters == 3_221_538
    assert found.gflops / 2 == pytest.approx(2.086, abs=5e-4)


def test_ddrnet_has_the_published_cost() -> None:
    """The paper, table 4: 5.7 M parameters, 36.3 G multiply-adds at 2048 x 1024."""
    found = count_cost(lambda: DDRNet23Slim(19), 2048, 1024)
    assert found.parameters == pytest.approx(5.7e6, abs=0.05e6)
    assert found.gflops / 2 == pytest.approx(36.3, abs=0.05)


def test_pidnet_has_the_published_cost() -> None:
    """The paper, table 6: 7.6 M parameters, 47.6 G multiply-adds at 2048 x 1024."""
    found = count_cost(lambda: PIDNetS(19), 2048, 1024)
    assert found.parameters == pytest.approx(7.6e6, abs=0.05e6)
    assert found.gflops / 2 == pytest.approx(47.6, rel=0.01)


def test_bisenet_is_as_large_as_its_public_implementations() -> None:
    """The paper counts 21.15 G at 1024 x 512, and does not tell how wide the head is."""
    found = count_cost(lambda: BiSeNetV2(19), 1024, 512)
    assert found.gflops / 2 == pytest.approx(24.60, abs=0.01)
    assert found.parameters == pytest.approx(3.36e6, abs=0.01e6)


@pytest.mark.parametrize('size', [(20, 11), (6, 6), (7, 13)])
@pytest.mark.parametrize('cells', [1, 2, 3, 6])
def test_cells_are_those_of_adaptive_pooling(size: tuple[int, int], cells: int) -> None:
    x = torch.rand(1, 3, *size)
    assert torch.allclose(average_cells(x, cells), functional.adaptive_avg_pool2d(x, cells))


@pytest.mark.parametrize(('channels', 'rounded'), [(18, 24), (30, 32), (120, 120), (3, 8)])
def test_multiple_of_8(channels: int, rounded: int) -> None:
    assert multiple_of_8(channels) == rounded


@pytest.fixture(scope='module', params=RIVALS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return fresh_network(ENTRANTS[request.param], 11)


def test_the_graph_computes_what_torch_computes(network: nn.Module) -> None:
    """At a size that divides by 8 alone, so that parts of odd sizes meet parts of even ones."""
    model = trace_rival(network, (104, 72))
    pixels = np.random.default_rng(0).random((1, 3, 72, 104), np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).numpy()
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (logits,) = session.run(None, {'pixels': pixels})
    assert logits.shape == (1, 11, 72, 104)
    assert np.abs(logits - expected).max() < 1e-3 * np.abs(expected).max()


def test_fresh_networks_neither_vanish_nor_explode(network: nn.Module) -> None:
    with torch.inference_mode():
        logits = network(torch.rand(1, 3, 64, 96))
    assert 1e-3 < float(logits.std()) < 1e3
