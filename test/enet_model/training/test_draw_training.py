# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``tools/draw_training.py`` on the run that these tests have made."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

import torch

from tools.draw_training import Run, draw, read_run


def test_scores_are_those_of_the_epochs_that_were_scored(run_folder: Path) -> None:
    run = read_run(run_folder)
    checkpoint = torch.load(run_folder / 'last.ckpt', weights_only=True)
    assert run.name == run_folder.name
    assert run.scores[-1, 0] == run.passes == checkpoint['epoch'] + 1
    assert (np.diff(run.scores[:, 0]) > 0).all()
    best = next(
        state['best_model_score']
        for name, state in checkpoint['callbacks'].items()
        if 'val/mean_iou' in name
    )
    assert run.scores[:, 1].max() == pytest.approx(100 * float(best), abs=1e-3)


def test_an_epoch_may_be_several_passes(run_folder: Path, tmp_path: Path) -> None:
    checkpoint = torch.load(run_folder / 'last.ckpt', weights_only=True)
    checkpoint['hyper_parameters']['recipe']['data']['passes'] = 3
    torch.save(checkpoint, tmp_path / 'last.ckpt')
    (tmp_path / 'log').symlink_to(run_folder / 'log')
    once, thrice = read_run(run_folder), read_run(tmp_path)
    assert thrice.passes == 3 * once.passes
    np.testing.assert_array_equal(thrice.scores, once.scores * [3, 1])


def test_runs_stand_behind_one_another() -> None:
    long = Run('long', np.array([[2.0, 50.0], [4.0, 60.0]]), 6)
    short = Run('short', np.array([[3.0, 65.0]]), 3)
    (axes,) = draw([long, short]).axes
    first, second = (line.get_xydata() for line in axes.lines)
    np.testing.assert_array_equal(first, long.scores)
    np.testing.assert_array_equal(second, [[9.0, 65.0]])


def test_a_folder_without_scores(tmp_path: Path) -> None:
    (tmp_path / 'log').mkdir()
    with pytest.raises(ValueError, match=r'has no log with scores; name a folder of enet train'):
        read_run(tmp_path)
