# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.datasets.catalog import open_data_set


def test_the_folder_is_given_or_stands_in_the_environment(
    drawn_camvid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('CAMVID_ROOT', '/elsewhere')
    given = open_data_set('camvid', str(drawn_camvid), 'val')
    monkeypatch.setenv('CAMVID_ROOT', str(drawn_camvid))
    assert open_data_set('camvid', '', 'val') == given
    assert len(given) == 3


@pytest.mark.parametrize(
    ('name', 'split', 'text'),
    [
        ('kitti', 'val', "no data set 'kitti'; known are camvid"),
        ('camvid', 'training', "no split 'training'; known are train, val, test"),
        ('camvid', 'val', 'no folder for camvid: name it by data.root, --root or CAMVID_ROOT'),
    ],
)
def test_what_is_not_known(
    monkeypatch: pytest.MonkeyPatch, name: str, split: str, text: str
) -> None:
    monkeypatch.delenv('CAMVID_ROOT', raising=False)
    with pytest.raises(DataSetError, match=text):
        open_data_set(name, '', split)
