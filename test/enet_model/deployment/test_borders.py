# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from graphs import graph_of, kinds, run  # noqa: E402

from enet_model.deployment.borders import add_input, add_outputs  # noqa: E402
from enet_model.spec import Normalization  # noqa: E402

RNG = np.random.default_rng(6)


@pytest.mark.parametrize('mean', [(0.0, 0.0, 0.0), (0.5, 0.4, 0.3)])
def test_the_image_is_normalised(mean: tuple[float, float, float]) -> None:
    std = (0.2, 0.3, 0.4)
    model = graph_of((('Identity', ['x'], ['y'], {}),), (1, 3, 4, 5))
    model.graph.input[0].name = model.graph.node[0].input[0] = 'pixels'
    add_input(model, Normalization(mean, std))
    onnx.checker.check_model(model, full_check=True)
    image = RNG.integers(0, 256, (1, 4, 5, 3), np.uint8)
    expected = ((image / 255.0 - mean) / std).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(run(model, image, 'image')[0], expected, rtol=1e-5, atol=1e-6)
    assert kinds(model)[0] == 'Cast'
    assert ('Sub' in kinds(model)) == any(mean)


def test_labels_and_confidence_of_logits() -> None:
    model = graph_of((('Identity', ['x'], ['logits'], {}),), (1, 5, 3, 4), output='logits')
    add_outputs(model)
    onnx.checker.check_model(model, full_check=True)
    assert [output.name for output in model.graph.output] == ['labels', 'confidence', 'logits']
    logits = RNG.normal(size=(1, 5, 3, 4)).astype(np.float32) * 3
    labels, confidence, same = run(model, logits)
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(labels, probability.argmax(axis=1))
    np.testing.assert_array_equal(confidence, np.floor(255 * probability.max(axis=1) + 0.5))
    np.testing.assert_array_equal(same, logits)
    assert labels.dtype == confidence.dtype == np.uint8
