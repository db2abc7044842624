# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.benchmark.profile import SCALING, kind_of, profile
from enet_model.bundled_models import bundled_model


def test_every_kind_of_operator_has_its_time() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 360, 480, 3), np.uint8)
    before = set(Path.cwd().iterdir())
    found = profile(bundled_model('cpu'), list(frames), 1)
    assert {'Conv', SCALING, 'MaxPool', 'Concat', 'ArgMax'} <= set(found)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(time >= 0 for time in found.values())
    assert found['Conv'] > found['Cast']
    assert set(Path.cwd().iterdir()) == before, 'ONNX Runtime writes its file where it stands'


@pytest.mark.parametrize(
    ('operator', 'weights', 'kind'),
    [
        ('Conv', [16, 1, 1, 1], SCALING),
        ('Conv', [16, 1, 3, 3], 'Conv'),
        ('Conv', [16, 16, 1, 1], 'Conv'),
        ('PRelu', [16, 1, 1], 'PRelu'),
    ],
)
def test_kinds(operator: str, weights: list[int], kind: str) -> None:
    shapes = [{'float': [1, 16, 4, 4]}, {'float': weights}]
    assert kind_of({'op_name': operator, 'input_type_shape': shapes}) == kind
