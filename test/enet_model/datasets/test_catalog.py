# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.datasets.catalog import DATA_SETS, open_data_set


def test_the_folder_is_given_or_stands_in_the_environment(
    drawn_camvid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('CAMVID_ROOT', '/elsewhere')
    given = open_data_set('camvid', str(drawn_camvid), 'val')
    monkeypatch.setenv('CAMVID_ROOT', str(drawn_camvid))
    assert open_data_set('camvid', '', 'val') == given
    assert len(given) == 3


@pytest.mark.parametrize('name', DATA_SETS)
def test_trainval_is_train_and_val(name: str, request: pytest.FixtureRequest) -> None:
    drawn = request.getfixturevalue(f'drawn_{name}')
    root = str(drawn[0] if name == 'sun_rgbd' else drawn)
    training, validation, both = (
        open_data_set(name, root, split) for split in ('train', 'val', 'trainval')
    )
    assert both.pairs == training.pairs + validation.pairs
    assert len({path for path, _ in both.pairs}) == len(training) + len(validation)


def test_frames_are_scaled_as_they_are_read(drawn_camvid: Path) -> None:
    data = open_data_set('camvid', str(drawn_camvid), 'val', (32, 16))
    frame, labels = data[0]
    assert frame.shape == (16, 32, 3)
    assert labels.shape == (16, 32)


@pytest.mark.parametrize(
    ('name', 'split', 'text'),
    [
        (
            'kitti',
            'val',
            "no data set 'kitti'; known are camvid, cityscapes, sun_rgbd, own",
        ),
        ('camvid', 'training', "no split 'training'; known are train, val, test, trainval"),
        ('camvid', 'val', 'no folder for camvid: name it by data.root, --root or CAMVID_ROOT; an'),
        ('sun_rgbd', 'val', 'no folder for sun_rgbd: .* or SUN_RGBD_ROOT'),
    ],
)
def test_what_is_not_known(
    monkeypatch: pytest.MonkeyPatch, name: str, split: str, text: str
) -> None:
    for known in DATA_SETS:
        monkeypatch.delenv(f'{known.upper()}_ROOT', raising=False)
    with pytest.raises(DataSetError, match=text):
        open_data_set(name, '', split)
