# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The model that comes with the package."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from enet_model.datasets.catalog import open_data_set
from enet_model.evaluation.evaluate import evaluate, open_predictor
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import CAMVID
from enet_model.segmenter import BUNDLED_MODEL, Segmenter
from enet_model.spec import ModelSpec


@pytest.fixture(scope='module')
def spec() -> ModelSpec:
    return Segmenter(BUNDLED_MODEL, device='cpu').spec


@pytest.fixture(scope='module')
def on_val(camvid_root: str) -> ConfusionMatrix:
    """Return what the model gets right on CamVid's val split."""
    predict, names = open_predictor(BUNDLED_MODEL)
    return evaluate(predict, names, open_data_set('camvid', camvid_root, 'val'))


def test_it_knows_the_classes_of_camvid(spec: ModelSpec) -> None:
    assert spec.classes == CAMVID.classes
    assert spec.data_set == 'camvid'


def test_it_takes_camvid_frames_as_they_are() -> None:
    segmenter = Segmenter(device='cpu')
    assert (segmenter.width, segmenter.height) == (480, 360)
    result = segmenter.run(np.random.default_rng(1).integers(0, 256, (360, 480, 3), np.uint8))
    assert result.labels.max() < 11


def test_it_segments_real_streets(on_val: ConfusionMatrix) -> None:
    assert on_val.mean_iou >= 0.5
    road, sky = on_val.iou[CAMVID.id_of('road')], on_val.iou[CAMVID.id_of('sky')]
    assert min(road, sky) > 0.8


@pytest.mark.parametrize(
    ('name', 'score'),
    [
        ('val_mean_iou', lambda confusion: confusion.mean_iou),
        ('val_class_average', lambda confusion: confusion.class_average),
    ],
)
def test_its_figures_are_true(
    spec: ModelSpec, on_val: ConfusionMatrix, name: str, score: Callable[[ConfusionMatrix], float]
) -> None:
    assert spec.metrics[name] == pytest.approx(score(on_val), abs=0.005)
