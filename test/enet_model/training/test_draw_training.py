# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``tools/draw_training.py`` on the run that these tests have made."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

import torch

from tools.draw_training import draw, read_scores


def test_scores_are_those_of_the_epochs_that_were_scored(run_folder: Path) -> None:
    scores = read_scores(run_folder)
    checkpoint = torch.load(run_folder / 'last.ckpt', weights_only=True)
    assert scores[-1, 0] == checkpoint['epoch'] + 1
    assert (np.diff(scores[:, 0]) > 0).all()
    best = next(
        state['best_model_score']
        for name, state in checkpoint['callbacks'].items()
        if 'val/mean_iou' in name
    )
    assert scores[:, 1].max() == pytest.approx(100 * float(best), abs=1e-3)


def test_runs_stand_behind_one_another() -> None:
    long, short = np.array([[2.0, 50.0], [4.0, 60.0]]), np.array([[3.0, 65.0]])
    (axes,) = draw([('long', long), ('short', short)]).axes
    first, second = (line.get_xydata() for line in axes.lines)
    np.testing.assert_array_equal(first, long)
    np.testing.assert_array_equal(second, [[7.0, 65.0]])


def test_a_folder_without_scores(tmp_path: Path) -> None:
    (tmp_path / 'log').mkdir()
    with pytest.raises(ValueError, match=r'has no log with scores; name a folder of enet train'):
        read_scores(tmp_path)
