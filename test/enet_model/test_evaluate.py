# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.camvid import camvid
from enet_model.evaluation.evaluate import evaluate, open_predictor, scores, table
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import CAMVID, CITYSCAPES, VOID


@pytest.fixture
def frames(drawn_camvid: Path) -> AnnotatedFrames:
    return camvid(drawn_camvid, 'val')


def by_color(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Label the drawn streets without fault."""
    distances = [
        np.abs(frame.astype(int) - label_class.color).sum(axis=2) for label_class in CAMVID.classes
    ]
    return np.argmin(distances, axis=0).astype(np.uint8)


def test_who_labels_without_fault_has_full_marks(frames: AnnotatedFrames) -> None:
    confusion = evaluate(by_color, CAMVID.names, frames)
    assert confusion.mean_iou == confusion.class_average == confusion.global_accuracy == 1.0
    labelled = sum(int((frames[index][1] != VOID).sum()) for index in range(len(frames)))
    assert confusion.counts.sum() == labelled


def test_who_sees_road_alone(frames: AnnotatedFrames) -> None:
    road = CAMVID.id_of('road')
    confusion = evaluate(
        lambda frame: np.full(frame.shape[:2], road, np.uint8), CAMVID.names, frames
    )
    share = confusion.counts[road].sum() / confusion.counts.sum()
    assert confusion.global_accuracy == confusion.iou[road] == share
    assert confusion.accuracy[road] == 1.0


def test_a_model_of_other_classes_is_not_measured(frames: AnnotatedFrames) -> None:
    with pytest.raises(DataSetError, match=r'the model has the classes road, s.*camvid has'):
        evaluate(by_color, CITYSCAPES.names, frames)


def test_a_checkpoint_and_its_model_file_agree(
    run_folder: Path, exported_model: Path, frames: AnnotatedFrames
) -> None:
    in_torch, names = open_predictor(run_folder / 'last.ckpt')
    in_onnx, same_names = open_predictor(exported_model, threads=1)
    assert names == same_names == CAMVID.names
    for index in range(len(frames)):
        frame, labels = frames[index]
        expected, found = in_torch(frame), in_onnx(frame)
        assert expected.shape == found.shape == labels.shape
        assert expected.dtype == found.dtype == np.uint8
        assert (expected != found).mean() < 1e-3


def test_a_model_file_takes_frames_of_any_size(exported_model: Path) -> None:
    predict, _ = open_predictor(exported_model, threads=1)
    assert predict(np.zeros((96, 100, 3), np.uint8)).shape == (96, 100)


def confusion_by_hand() -> ConfusionMatrix:
    confusion = ConfusionMatrix(3)
    confusion.add(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]))
    return confusion


def test_the_tree_of_scores_is_plain_json() -> None:
    result = scores(confusion_by_hand(), ('sky', 'road', 'car'))
    assert result == {
        'mean_iou': pytest.approx(7 / 12),
        'class_average': pytest.approx(5 / 6),
        'global_accuracy': 0.75,
        'classes': {
            'sky': {'iou': pytest.approx(2 / 3), 'accuracy': pytest.approx(2 / 3)},
            'road': {'iou': 0.5, 'accuracy': 1.0},
            'car': {'iou': None, 'accuracy': None},
        },
        'confusion': [[2, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]],
    }
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_the_table_of_scores() -> None:
    lines = table(scores(confusion_by_hand(), ('sky', 'road', 'car'))).splitlines()
    assert [line.split() for line in lines] == [
        ['class', 'IoU', 'accuracy'],
        ['sky', '66.7%', '66.7%'],
        ['road', '50.0%', '100.0%'],
        ['car', '-', '-'],
        ['mean', '58.3%', '83.3%'],
        ['global', 'accuracy', '75.0%'],
    ]
    assert len({len(line) for line in lines[:-1]}) == 1
