# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402

from enet_model.networks.catalog import build_network  # noqa: E402
from enet_model.training.compilation import PointwiseProduct, compile_network  # noqa: E402


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3), st.integers(1, 9))
def test_a_product_is_the_convolution(inputs: int, outputs: int, batch: int, side: int) -> None:
    convolution = nn.Conv2d(inputs, outputs, 1, bias=False)
    product = PointwiseProduct(inputs, outputs, 1, bias=False)
    product.load_state_dict(convolution.state_dict())
    x = torch.randn(batch, inputs, side, side + 1)
    torch.testing.assert_close(product(x), convolution(x))


@pytest.mark.parametrize(('name', 'parts'), [('enet', ['encoder', 'decoder']), ('segnet', [''])])
def test_names_and_parameters_stay(
    name: str, parts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[nn.Module] = []
    monkeypatch.setattr(nn.Module, 'compile', lambda self, dynamic: compiled.append(self))
    network = build_network(name, 3)
    before = dict(network.named_parameters())
    compile_network(network)
    after = dict(network.named_parameters())
    assert list(after) == list(before)
    assert all(after[key] is before[key] for key in before)
    assert compiled == [network.get_submodule(part) for part in parts]
    small = [m for m in network.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (1, 1)]
    assert all(type(module) is PointwiseProduct for module in small)
    assert bool(small) == (name == 'enet')
