# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.datasets.camvid import camvid
from enet_model.label_sets import CAMVID, VOID


def test_a_drawn_split(drawn_camvid: Path) -> None:
    training, validation = camvid(drawn_camvid, 'train'), camvid(drawn_camvid, 'val')
    assert (len(training), len(validation)) == (6, 3)
    assert training.label_set is CAMVID
    for index in range(len(training)):
        frame, labels = training[index]
        assert frame.shape == (48, 64, 3)
        assert labels.shape == (48, 64)
        assert (labels[44:, :8] == VOID).all()
        for label in np.unique(labels[labels != VOID]):
            assert (frame[labels == label] == CAMVID.classes[label].color).all()


def test_a_split_that_is_not_there(drawn_camvid: Path) -> None:
    with pytest.raises(DataSetError, match=r'no folder .*/testannot; .*SegNet.*by data.root'):
        camvid(drawn_camvid, 'test')


def test_an_annotation_that_is_not_there(drawn_camvid: Path, tmp_path: Path) -> None:
    shutil.copytree(drawn_camvid, tmp_path, dirs_exist_ok=True)
    (tmp_path / 'valannot' / '1.png').unlink()
    with pytest.raises(DataSetError, match=r'no file .*/valannot/1.png; .*SegNet'):
        camvid(tmp_path, 'val')


@pytest.mark.parametrize(('split', 'count'), [('train', 367), ('val', 101)])
def test_the_real_one(camvid_root: str, split: Literal['train', 'val'], count: int) -> None:
    data = camvid(Path(camvid_root), split)
    assert len(data) == count
    seen = set()
    for index in range(0, count, 10):
        frame, labels = data[index]
        assert (frame.shape, labels.shape) == ((360, 480, 3), (360, 480))
        seen |= set(np.unique(labels).tolist())
    assert seen == {*range(11), VOID}
