# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402
from two_processes import normalize, run_in_two_processes, train_normalization  # noqa: E402

from enet_model.networks.enet import ENet  # noqa: E402
from enet_model.training.synchronized_batch_norm import (  # noqa: E402
    SynchronizedBatchNorm2d,
    synchronize_batch_norm,
)


def test_two_processes_normalise_as_one() -> None:
    """Outputs, all gradients and running statistics; of parts that differ in size and level."""
    generator = torch.Generator().manual_seed(2)
    batches = []
    for _ in range(2):
        small, large = (torch.randn(n, 3, 4, 5, generator=generator) for n in (1, 3))
        batches.append([100.0 + 2.0 * small, 101.0 + large])
    together = train_normalization(nn.BatchNorm2d(3), [torch.cat(parts) for parts in batches])
    parts = run_in_two_processes(normalize, batches)
    for key in ('outputs', 'gradients'):
        for index, whole in enumerate(together[key]):
            joined = torch.cat([part[key][index] for part in parts])
            torch.testing.assert_close(joined, whole, rtol=1e-3, atol=1e-4)
    for index, whole in enumerate(together['parameter_gradients']):
        summed = sum(part['parameter_gradients'][index] for part in parts)
        torch.testing.assert_close(summed, whole, rtol=1e-3, atol=1e-4)
    for part in parts:
        assert part['state'].keys() == together['state'].keys()
        for key, value in together['state'].items():
            torch.testing.assert_close(part['state'][key], value)


def test_in_evaluation_it_is_batch_normalisation() -> None:
    plain, synchronized = nn.BatchNorm2d(3), SynchronizedBatchNorm2d(3)
    plain(torch.rand(2, 3, 8, 8))
    synchronized.load_state_dict(plain.state_dict())
    x = torch.rand(1, 3, 4, 4)
    assert torch.equal(synchronized.eval()(x), plain.eval()(x))


def test_a_network_is_changed_throughout_and_keeps_its_weights() -> None:
    network = ENet(3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    count = sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    synchronize_batch_norm(network)
    kinds = {type(module) for module in network.modules()}
    assert SynchronizedBatchNorm2d in kinds
    assert nn.BatchNorm2d not in kinds
    after = network.state_dict()
    assert sum(isinstance(module, nn.BatchNorm2d) for module in network.modules()) == count
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())
