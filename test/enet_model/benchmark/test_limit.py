# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

import numpy as np
import onnxruntime
from onnx.reference import ReferenceEvaluator

from enet_model.benchmark import limit
from enet_model.benchmark.limit import Limit, measure_limit


def test_the_better_probe_is_the_limit() -> None:
    assert Limit(1, product=80.0, convolution=100.0).best == 100.0
    assert Limit(1, product=90.0, convolution=70.0).best == 90.0


def test_every_kind_of_probe_has_a_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, 'PRODUCTS', (64, 96))
    monkeypatch.setattr(limit, 'CONVOLUTIONS', ((8, 12, 16),))
    found = measure_limit(threads=1, budget=1e-3, fewest=2)
    assert found.threads == 1
    assert 0.01 < found.product < 1e5
    assert 0.01 < found.convolution < 1e5


def test_the_probes_compute_what_is_counted() -> None:
    rng = np.random.default_rng(0)
    product, operations = limit._product(4)
    assert operations == 2 * 4 * 4 * 4
    x = rng.random((4, 4), np.float32)
    (y,) = ReferenceEvaluator(product).run(None, {'x': x})
    assert y.shape == (4, 4)
    row, operations = limit._convolution(8, 6, 10)
    assert operations == limit.CONVOLUTIONS_IN_A_ROW * 2 * (8 * 9) * 8 * 6 * 10
    session = onnxruntime.InferenceSession(row.SerializeToString())
    (y,) = session.run(None, {'x': rng.random((1, 8, 6, 10), np.float32)})
    assert y.shape == (1, 8, 6, 10)
    assert [node.op_type for node in row.graph.node] == ['Conv'] * limit.CONVOLUTIONS_IN_A_ROW
