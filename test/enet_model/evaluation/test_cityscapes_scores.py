# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from drawn_data_sets import annotate, by_color
from numpy.typing import NDArray

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.cityscapes import cityscapes
from enet_model.evaluation.cityscapes_scores import CityscapesScores, why_not
from enet_model.label_sets import CITYSCAPES, VOID

# The program's own entry, with the name that NumPy 2.4 took away from it.
OFFICIAL = """
import numpy, runpy
numpy.in1d = numpy.isin
runpy.run_module('cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling', {}, '__main__')
"""


@pytest.fixture
def root(drawn_cityscapes: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_cityscapes, tmp_path / 'cityscapes'))


def flawed(frame: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Label a drawn frame with faults in every third tile, and void at the bottom."""
    rng = np.random.default_rng(seed)
    shape = frame.shape[0] // 8, frame.shape[1] // 8
    wrong, guess = (
        values.repeat(8, 0).repeat(8, 1)
        for values in (rng.random(shape) < 0.3, rng.integers(0, 19, shape))
    )
    predicted = np.where(wrong, guess, by_color(CITYSCAPES, frame)).astype(np.uint8)
    predicted[-4:] = VOID
    return predicted


def observed(frames: AnnotatedFrames, folder: Path) -> CityscapesScores:
    folder.mkdir()
    observer = CityscapesScores(frames, folder)
    for index in range(len(frames)):
        frame, labels = frames[index]
        observer(index, frame, labels, flawed(frame, index))
    return observer


def run_official(root: Path, results: Path, export: Path) -> dict[str, Any]:
    """Score the files of a folder as the program's users do, by its environment variables."""
    export.mkdir()
    variables = {
        'CITYSCAPES_DATASET': str(root),
        'CITYSCAPES_RESULTS': str(results),
        'CITYSCAPES_EXPORT_DIR': str(export),
    }
    subprocess.run(
        [sys.executable, '-c', OFFICIAL],
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    text = (export / 'resultPixelLevelSemanticLabeling.json').read_text()
    tree: dict[str, Any] = json.loads(text)
    return tree


def test_scores_are_those_of_the_program(root: Path, tmp_path: Path) -> None:
    pytest.importorskip('cityscapesscripts', reason="needs pip install 'enet_model[cityscapes]'")
    frames = cityscapes(root, 'val')
    assert why_not(frames) == ''
    found = observed(frames, tmp_path / 'ours').score()

    results = tmp_path / 'results'
    results.mkdir()
    for index, (path, _) in enumerate(frames.pairs):
        predicted = annotate(flawed(frames[index][0], index), CITYSCAPES)
        cv2.imwrite(str(results / path.name.replace('leftImg8bit', 'pred')), predicted)
    official = run_official(root, results, tmp_path / 'export')

    for key, name in (
        ('class_iou', 'averageScoreClasses'),
        ('class_iiou', 'averageScoreInstClasses'),
        ('category_iou', 'averageScoreCategories'),
        ('category_iiou', 'averageScoreInstCategories'),
    ):
        assert 0.0 < found[key] < 1.0
        assert found[key] == pytest.approx(official[name], rel=1e-12)
    assert list(found['classes']) == list(CITYSCAPES.names)
    assert set(found['categories']) == {
        *('flat', 'construction', 'object', 'nature', 'sky', 'human', 'vehicle')
    }
    for group, kind in (('classes', 'class'), ('categories', 'category')):
        for name, pair in found[group].items():
            for key, scores in (('iou', f'{kind}Scores'), ('iiou', f'{kind}InstScores')):
                wanted = official[scores][name]
                if np.isnan(wanted):
                    assert pair[key] is None
                else:
                    assert pair[key] == pytest.approx(wanted, rel=1e-12)
    things = [name for name, pair in found['classes'].items() if pair['iiou'] is not None]
    assert set(things) <= set(CITYSCAPES.names[11:])
    assert len(things) > 3


def test_annotations_that_cannot_be_scored(root: Path, tmp_path: Path) -> None:
    pytest.importorskip('cityscapesscripts', reason="needs pip install 'enet_model[cityscapes]'")
    frames = cityscapes(root, 'val')
    observer = observed(frames, tmp_path / 'ours')
    next(root.glob('gtFine/val/lindau/*_instanceIds.png')).write_bytes(b'')
    with pytest.raises(DataSetError, match='cityscapesscripts ended for the reason'):
        observer.score()


def test_what_is_missing_for_official_scores(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stem = root / 'gtFine' / 'val' / 'lindau' / 'lindau_000000_000019_gtFine'
    instances, label_ids, train_ids = (
        Path(f'{stem}_{kind}.png') for kind in ('instanceIds', 'labelIds', 'labelTrainIds')
    )
    with monkeypatch.context() as patch:
        patch.setattr('importlib.util.find_spec', lambda name: object())
        assert why_not(cityscapes(root, 'val')) == ''
        instances.unlink()
        assert why_not(cityscapes(root, 'val')).startswith(f'no file {instances}, which is part of')
        label_ids.rename(train_ids)
        assert why_not(cityscapes(root, 'val')).startswith(f'{train_ids}: cityscapesscripts wants')
        patch.setattr('importlib.util.find_spec', lambda name: None)
        assert why_not(cityscapes(root, 'val')).startswith('cityscapesscripts is not installed')
