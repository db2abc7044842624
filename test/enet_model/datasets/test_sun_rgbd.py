# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from drawn_data_sets import SUN_FOLDERS, Labels, by_color

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.datasets.sun_rgbd import sun_rgbd
from enet_model.label_sets import SUN_RGBD, VOID
from enet_model.splits import Split

Drawn = tuple[Path, dict[str, Labels]]


@pytest.fixture
def copy(drawn_sun_rgbd: Drawn, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_sun_rgbd[0], tmp_path / 'sun_rgbd'))


@pytest.mark.parametrize('split', get_args(Split))
def test_each_frame_of_a_split_has_its_labels(drawn_sun_rgbd: Drawn, split: Split) -> None:
    root, drawn = drawn_sun_rgbd
    data = sun_rgbd(root, split)
    assert data.label_set is SUN_RGBD
    folders = [str(path.parents[1].relative_to(root / 'SUNRGBD')) for path, _ in data.pairs]
    assert sorted(folders) == sorted(SUN_FOLDERS[split])
    for index, folder in enumerate(folders):
        frame, labels = data[index]
        np.testing.assert_array_equal(labels, drawn[folder])
        labelled = labels != VOID
        assert (by_color(SUN_RGBD, frame) == labels)[labelled].mean() > 0.9


def test_what_is_missing_is_named(copy: Path) -> None:
    toolbox = copy / 'SUNRGBDtoolbox'
    for path in (
        copy / 'SUNRGBD' / SUN_FOLDERS['val'][0] / 'image' / f'{SUN_FOLDERS["val"][0][13:]}.jpg',
        toolbox / 'Metadata' / 'SUNRGBDMeta.mat',
        toolbox / 'traintestSUNRGBD' / 'allsplit.mat',
        toolbox / 'Metadata' / 'SUNRGBD2Dseg.mat',
    ):
        sun_rgbd(copy, 'test')
        path.rename(path.with_suffix('.away'))
        with pytest.raises(
            DataSetError, match=f'no file {path}; .*rgbd.cs.princeton.edu.*SUN_RGBD_ROOT'
        ):
            sun_rgbd(copy, 'val')
        path.with_suffix('.away').rename(path)


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('traintestSUNRGBD/allsplit.mat', b''),
        ('traintestSUNRGBD/allsplit.mat', b'no MATLAB' * 99),
        ('traintestSUNRGBD/allsplit.mat', 'Metadata/SUNRGBDMeta.mat'),
        ('Metadata/SUNRGBDMeta.mat', 'traintestSUNRGBD/allsplit.mat'),
        ('Metadata/SUNRGBDMeta.mat', 'Metadata/SUNRGBD2Dseg.mat'),
    ],
)
def test_a_file_of_something_else(copy: Path, name: str, content: str | bytes) -> None:
    toolbox = copy / 'SUNRGBDtoolbox'
    if isinstance(content, str):
        content = (toolbox / content).read_bytes()
    (toolbox / name).write_bytes(content)
    with pytest.raises(DataSetError, match=f'{toolbox / name}: not the file of SUN RGB') as error:
        sun_rgbd(copy, 'train')
    assert '\n' not in str(error.value)


def test_labels_that_cannot_be_read(copy: Path) -> None:
    data = sun_rgbd(copy, 'test')
    path = copy / 'SUNRGBDtoolbox' / 'Metadata' / 'SUNRGBD2Dseg.mat'
    for content in (b'', path.read_bytes()[:800]):
        path.write_bytes(content)
        with pytest.raises(
            DataSetError, match=rf'{path}, entry \d: no labels .*unpack SUNRGBDtoolbox'
        ) as error:
            data[0]
        assert '\n' not in str(error.value)


def test_splits_of_other_frames(copy: Path) -> None:
    from scipy.io import savemat

    path = copy / 'SUNRGBDtoolbox' / 'traintestSUNRGBD' / 'allsplit.mat'
    savemat(path, {'alltest': np.array(['/n/fs/sun3d/data/SUNRGBD/kv9'], object)})
    with pytest.raises(DataSetError, match=r"its files name no frame of the split 'test'"):
        sun_rgbd(copy, 'test')


@pytest.mark.parametrize('library', ['h5py', 'scipy.io'])
def test_a_library_that_is_not_installed(
    drawn_sun_rgbd: Drawn, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(DataSetError, match=rf'{library} .*pip install .enet_model\[sun-rgbd\]'):
        sun_rgbd(drawn_sun_rgbd[0], 'val')[0]
