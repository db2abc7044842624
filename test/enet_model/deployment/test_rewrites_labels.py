# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import graph_of, kinds, run  # noqa: E402

from enet_model.deployment.borders import add_outputs  # noqa: E402
from enet_model.deployment.graph import Graph  # noqa: E402
from enet_model.deployment.rewrites_labels import classify_in_channels_last  # noqa: E402

RNG = np.random.default_rng(5)
STRIDED = {'strides': [2, 2]}


def classifier(weight: np.ndarray, **attributes: Any) -> Any:
    """Return a model whose last layer is a transposed convolution."""
    nodes = (('ConvTranspose', ['x', 'w'], ['logits'], {**STRIDED, **attributes}),)
    model = graph_of(nodes, (1, weight.shape[0], 3, 4), {'w': weight}, output='logits')
    add_outputs(model)
    return model


@pytest.mark.parametrize('scale', [0.1, 2.0, 10.0])
def test_labels_and_confidence_stay(scale: float) -> None:
    model = classifier(scale * RNG.normal(size=(5, 7, 2, 2)))
    x = RNG.normal(size=(1, 5, 3, 4)).astype(np.float32)
    labels, confidence, _ = run(model, x)
    classify_in_channels_last(model)
    Graph(model).prune()
    onnx.checker.check_model(model, full_check=True)
    new_labels, new_confidence, _ = run(model, x)
    np.testing.assert_array_equal(new_labels, labels)
    difference = np.abs(new_confidence.astype(int) - confidence)
    assert difference.max() <= 1
    assert len(np.unique(labels)) > 1
    assert {'MatMul', 'ConvTranspose'} <= set(kinds(model))  # the latter for the logits alone
    del model.graph.output[2]
    Graph(model).prune()
    assert 'ConvTranspose' not in kinds(model)


def test_the_surest_pixel_has_a_confidence() -> None:
    """Where exp is beyond a float the winner is certain."""
    weight = np.zeros((1, 3, 2, 2))
    weight[0, 1] = 1.0
    model = classifier(weight)
    classify_in_channels_last(model)
    labels, confidence, _ = run(model, np.full((1, 1, 3, 4), 1000.0, np.float32))
    assert (labels == 1).all()
    assert (confidence == 255).all()


@pytest.mark.parametrize('change', [{'pads': [1, 1, 1, 1]}, {'strides': [1, 1]}])
def test_other_last_layers_stay(change: dict[str, list[int]]) -> None:
    model = classifier(RNG.normal(size=(5, 7, 2, 2)), **change)
    before = model.SerializeToString()
    classify_in_channels_last(model)
    assert model.SerializeToString() == before
