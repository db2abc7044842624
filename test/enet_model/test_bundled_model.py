# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The model that comes with the package."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from enet_model.bundled_models import CHECKPOINT_WITHOUT_VAL
from enet_model.datasets.catalog import open_data_set
from enet_model.evaluation.evaluate import evaluate, open_predictor
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import CAMVID
from enet_model.segmenter import BUNDLED_MODEL, Segmenter
from enet_model.spec import ModelSpec

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def spec() -> ModelSpec:
    return Segmenter(BUNDLED_MODEL, device='cpu').spec


@pytest.fixture(scope='module')
def on_val(camvid_root: str) -> ConfusionMatrix:
    """Return what the model gets right on CamVid's val split."""
    predict, spec = open_predictor(BUNDLED_MODEL)
    return evaluate(predict, spec.names, open_data_set('camvid', camvid_root, 'val'))


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


def test_it_has_no_figures_of_frames_that_it_was_trained_on(spec: ModelSpec) -> None:
    assert spec.has_seen('camvid', 'train')
    assert spec.has_seen('camvid', 'val')
    assert not spec.metrics


def test_the_figures_of_the_readme_are_those_of_the_training_without_val(camvid_root: str) -> None:
    pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
    predict, spec = open_predictor(CHECKPOINT_WITHOUT_VAL)
    assert not spec.has_seen('camvid', 'val')
    confusion = evaluate(predict, spec.names, open_data_set('camvid', camvid_root, 'val'))
    scores = 100 * np.array([confusion.mean_iou, confusion.class_average])
    for path in (ROOT / 'README.md', BUNDLED_MODEL.with_name('README.md')):
        (mean,) = re.findall(
            r'\*\*mean\*\* \| \*\*([\d.]+)%\*\* \| \*\*([\d.]+)%', path.read_text()
        )
        # Processors differ in a few pixels.
        assert [float(each) for each in mean] == pytest.approx(scores, abs=0.15)
