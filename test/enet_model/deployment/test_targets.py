# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every form of ENet computes what torch computes; and what tracing gives."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from graphs import kinds, run  # noqa: E402

from enet_model.deployment.export import logits_of  # noqa: E402
from enet_model.deployment.targets import REWRITES, Target, build_from_trace  # noqa: E402
from enet_model.deployment.tracing import trace  # noqa: E402
from enet_model.networks.enet import ENet  # noqa: E402
from enet_model.spec import Normalization  # noqa: E402

NORMALIZATION = Normalization((0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
TARGETS = get_args(Target)


@pytest.fixture(scope='module')
def network() -> Any:
    """Return an ENet with fresh weights and statistics that fit them."""
    torch.manual_seed(2)
    network = ENet(11)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the statistics become those of what was seen
        if isinstance(module, torch.nn.PReLU):
            torch.nn.init.uniform_(module.weight, -0.3, 1.2)
    with torch.no_grad():
        network(torch.randn(2, 3, 48, 64))
    return network.eval()


@pytest.fixture(scope='module')
def traced(network: Any) -> Any:
    return trace(network, (64, 48))


def test_a_trace_says_what_is_meant(traced: Any) -> None:
    count = {kind: kinds(traced).count(kind) for kind in set(kinds(traced))}
    assert count['MaxPool'] == 3
    assert count['MaxUnpool'] == 2
    assert count['ConvTranspose'] == 3
    assert 'Constant' not in count
    assert [(entry.domain, entry.version) for entry in traced.opset_import] == [('', 17)]


@pytest.mark.parametrize('target', TARGETS)
def test_the_function_is_that_of_torch(network: Any, traced: Any, target: Target) -> None:
    model = build_from_trace(traced, NORMALIZATION, target)
    onnx.checker.check_model(model, full_check=True)
    frame = np.random.default_rng(7).integers(0, 256, (48, 64, 3), np.uint8)
    expected = logits_of(network, NORMALIZATION, frame)
    labels, confidence, logits = run(model, frame[None], 'image')
    assert np.quantile(np.abs(logits[0] - expected), 0.999) < 1e-4
    assert (labels[0] != expected.argmax(axis=0)).mean() < 1e-3
    probability = torch.from_numpy(expected).softmax(dim=0).amax(dim=0).numpy()
    assert np.quantile(np.abs(confidence[0] - 255 * probability), 0.999) < 0.6
    assert len(np.unique(labels)) > 3


def test_every_target_has_rewrites() -> None:
    assert set(REWRITES) == set(TARGETS)


def test_the_trace_stays_as_it_is(traced: Any) -> None:
    before = traced.SerializeToString()
    build_from_trace(traced, NORMALIZATION, 'cpu')
    assert traced.SerializeToString() == before


def test_the_form_for_a_cpu_stays_in_the_blocked_layout(traced: Any) -> None:
    gone = {'PRelu', 'MaxUnpool', 'Where', 'DepthToSpace', 'BatchNormalization'}
    model = build_from_trace(traced, NORMALIZATION, 'cpu')
    assert not gone & set(kinds(model))
    del model.graph.output[2]  # the logits alone need the last transposed convolution
