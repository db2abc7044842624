# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    Annotation,
    DataSetError,
    MaskFile,
)
from enet_model.datasets.camvid import camvid
from enet_model.evaluation.evaluate import evaluate, open_predictor, scores, table
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import CAMVID, CITYSCAPES, VOID, LabelSet


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


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_scores_are_those_of_an_independent_count(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    """The red of a frame says what is predicted in it; each pixel is counted by itself."""
    folder, rng = tmp_path_factory.mktemp('counted'), np.random.default_rng(seed)
    ids = rng.choice([0, 1, 2, VOID], 3)
    pixels: Counter[tuple[int, int]] = Counter()
    pairs: list[tuple[Path, Annotation]] = []
    for index in range(count):
        labels, predicted = (rng.choice([0, *ids], (4, 5)).astype(np.uint8) for _ in range(2))
        labels[0, 0] = 0
        pixels.update(zip(labels.ravel().tolist(), predicted.ravel().tolist(), strict=True))
        paths = folder / f'{index}.png', folder / f'{index}_labels.png'
        cv2.imwrite(str(paths[0]), cv2.merge([np.zeros_like(predicted)] * 2 + [predicted]))
        cv2.imwrite(str(paths[1]), labels)
        pairs.append((paths[0], MaskFile(paths[1], (0, 1, 2))))
    label_set = LabelSet('three', CAMVID.classes[:3], (0, 1, 2))
    confusion = evaluate(
        lambda frame: frame[..., 0], label_set.names, AnnotatedFrames(label_set, tuple(pairs))
    )
    result = scores(confusion, label_set.names)

    labelled = {pair: number for pair, number in pixels.items() if pair[0] != VOID}
    ious, accuracies = [], []
    for c, name in enumerate(label_set.names):
        hits = labelled.get((c, c), 0)
        truths = sum(number for (truth, _), number in labelled.items() if truth == c)
        guesses = sum(number for (_, guess), number in labelled.items() if guess == c)
        union = truths + guesses - hits
        expected = {
            'iou': hits / union if union else None,
            'accuracy': hits / truths if truths else None,
        }
        assert result['classes'][name] == pytest.approx(expected)
        ious.append(expected['iou'])
        accuracies.append(expected['accuracy'])
    means = [np.mean([v for v in values if v is not None]) for values in (ious, accuracies)]
    assert [result['mean_iou'], result['class_average']] == pytest.approx(means)
    right = sum(number for (truth, guess), number in labelled.items() if truth == guess)
    assert result['global_accuracy'] == pytest.approx(right / sum(labelled.values()))


def test_observers_are_shown_every_frame(frames: AnnotatedFrames) -> None:
    shown = []
    evaluate(by_color, CAMVID.names, frames, [lambda *seen: shown.append(seen)])
    assert [index for index, *_ in shown] == [0, 1, 2]
    for index, frame, labels, predicted in shown:
        for expected, found in zip(frames[index], (frame, labels), strict=True):
            np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(predicted, by_color(frame))


def test_frames_without_a_labelled_pixel(frames: AnnotatedFrames, tmp_path: Path) -> None:
    path = tmp_path / 'void.png'
    cv2.imwrite(str(path), np.full((48, 64), 11, np.uint8))
    blank = replace(frames, pairs=((frames.pairs[0][0], MaskFile(path, CAMVID.annotation_ids)),))
    with pytest.raises(DataSetError, match='1 frames of camvid came, but no labelled pixel'):
        evaluate(by_color, CAMVID.names, blank)


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
    in_torch, spec = open_predictor(run_folder / 'last.ckpt')
    in_onnx, same_spec = open_predictor(exported_model, threads=1)
    assert spec.names == same_spec.names == CAMVID.names
    assert spec.training_split == same_spec.training_split == 'train'
    for index in range(len(frames)):
        frame, labels = frames[index]
        expected, found = in_torch(frame), in_onnx(frame)
        assert expected.shape == found.shape == labels.shape
        assert expected.dtype == found.dtype == np.uint8
        assert (expected != found).mean() < 1e-3


def test_a_model_file_takes_frames_of_any_size(exported_model: Path) -> None:
    predict, _ = open_predictor(exported_model, threads=1)
    assert predict(np.zeros((96, 100, 3), np.uint8)).shape == (96, 100)


def test_a_checkpoint_sees_frames_at_the_size_of_its_training(
    run_folder: Path, tmp_path: Path, frames: AnnotatedFrames
) -> None:
    import torch

    saved = torch.load(run_folder / 'last.ckpt', weights_only=True)
    saved['hyper_parameters']['recipe']['data']['size'] = (32, 24)
    torch.save(saved, tmp_path / 'small.ckpt')
    small, _ = open_predictor(tmp_path / 'small.ckpt')
    as_it_is, _ = open_predictor(run_folder / 'last.ckpt')
    frame, _ = frames[0]
    halved = cv2.resize(frame, (32, 24), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(small(frame), as_it_is(halved).repeat(2, 0).repeat(2, 1))


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
    wide = table(scores(confusion_by_hand(), ('sky', 'a name of twenty and', 'car'))).splitlines()
    assert len({len(line) for line in wide[:-1]}) == 1


def test_the_scores_of_the_benchmark_stand_below() -> None:
    result = scores(confusion_by_hand(), ('sky', 'road', 'car'))
    result['cityscapes'] = {
        **{'class_iou': 0.583, 'class_iiou': 0.344},
        **{'category_iou': 0.804, 'category_iiou': None},
    }
    lines = table(result).splitlines()
    assert [line.split() for line in lines[-3:]] == [
        ['cityscapesscripts', 'IoU', 'iIoU'],
        ['class', '58.3%', '34.4%'],
        ['category', '80.4%', '-'],
    ]
