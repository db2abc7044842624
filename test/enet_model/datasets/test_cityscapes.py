# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_data_sets import by_color

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.datasets.cityscapes import cityscapes
from enet_model.label_sets import CITYSCAPES, VOID


@pytest.fixture
def copy(drawn_cityscapes: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_cityscapes, tmp_path / 'cityscapes'))


def test_a_split_holds_the_frames_of_all_its_cities(drawn_cityscapes: Path) -> None:
    training, validation = (
        cityscapes(drawn_cityscapes, 'train'),
        cityscapes(drawn_cityscapes, 'val'),
    )
    assert training.label_set is CITYSCAPES
    assert len(training) == 4
    assert [path.name for path, _ in validation.pairs] == [
        'frankfurt_000000_000019_leftImg8bit.png',
        'frankfurt_000001_000019_leftImg8bit.png',
        'lindau_000000_000019_leftImg8bit.png',
    ]
    seen = set()
    for index in range(len(validation)):
        frame, labels = validation[index]
        labelled = labels != VOID
        assert not labelled[:16, :16].any()
        assert labelled[16:].all()
        np.testing.assert_array_equal(by_color(CITYSCAPES, frame)[labelled], labels[labelled])
        seen |= set(np.unique(labels[labelled]).tolist())
    assert len(seen) > 10


def test_train_ids_serve_where_label_ids_are_not_there(copy: Path) -> None:
    expected = [cityscapes(copy, 'val').labels(index) for index in range(3)]
    path = copy / 'gtFine' / 'val' / 'lindau' / 'lindau_000000_000019_gtFine_labelIds.png'
    train_ids = path.with_name(path.name.replace('labelIds', 'labelTrainIds'))
    cv2.imwrite(str(train_ids), np.zeros_like(expected[2]))
    np.testing.assert_array_equal(cityscapes(copy, 'val').labels(2), expected[2])
    path.unlink()
    cv2.imwrite(str(train_ids), expected[2])
    for index in range(3):
        np.testing.assert_array_equal(cityscapes(copy, 'val').labels(index), expected[index])


def test_what_is_missing_is_named(copy: Path) -> None:
    hint = r'.*cityscapes-dataset.com.*CITYSCAPES_ROOT'
    annotation = copy / 'gtFine' / 'train' / 'aachen' / 'aachen_000002_000019_gtFine_labelIds.png'
    annotation.unlink()
    with pytest.raises(DataSetError, match=f'no file {annotation}; {hint}'):
        cityscapes(copy, 'train')
    with pytest.raises(DataSetError, match=f'no folder {copy}/leftImg8bit/test; {hint}'):
        cityscapes(copy, 'test')
    (copy / 'leftImg8bit' / 'test').mkdir()
    with pytest.raises(DataSetError, match=rf'no image {copy}/leftImg8bit/test/\*/.*; {hint}'):
        cityscapes(copy, 'test')
