# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
lightning = pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from checkpoints import assert_same, assert_same_end, read  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.train import train  # noqa: E402

# Lightning warns that this training is small.
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')


def test_how_frames_are_read_changes_nothing(
    recipe_file: Path, run_folder: Path, tmp_path: Path
) -> None:
    """And workers that begin after OpenCV has read frames in this process do not wait for ever."""
    recipe = load_recipe(recipe_file, ['data.workers=1', 'data.in_memory=true'])
    train(recipe, tmp_path, accelerator='cpu')
    assert_same_end(tmp_path, run_folder)


def test_an_epoch_of_two_passes_is_two_epochs(recipe_file: Path, tmp_path: Path) -> None:
    for passes in (1, 2):
        phases = f'phases=[{{epochs: {2 // passes}, crop: [32, 32]}}]'
        changes = ['dropout=false', f'data.passes={passes}', phases]
        train(load_recipe(recipe_file, changes), tmp_path / str(passes), accelerator='cpu')
    one, two = (read(tmp_path / name / 'last.ckpt')['state_dict'] for name in ('1', '2'))
    assert_same(one, two, 'state_dict')


@pytest.mark.parametrize('workers', [0, 1])
def test_a_frame_that_cannot_be_read_is_named_in_one_line(
    recipe_file: Path,
    drawn_camvid: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    workers: int,
) -> None:
    root = shutil.copytree(drawn_camvid, tmp_path / 'data')
    broken = root / 'train' / '3.png'
    broken.write_bytes(b'no picture')
    changes = [f'data.root={root}', f'data.workers={workers}', 'data.batch_size=6']
    options = ['--config', str(recipe_file), '--output', str(tmp_path), '--accelerator', 'cpu']
    capsys.readouterr()
    assert main(['train', *options, *changes]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f'enet train: {broken}: not an image that can be read; restore the file'
