# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.datasets.annotated_frames import DataSetError  # noqa: E402
from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.datasets.sun_rgbd import sun_rgbd  # noqa: E402
from enet_model.label_sets import CAMVID  # noqa: E402
from enet_model.training.averaging import average, estimate_statistics  # noqa: E402
from enet_model.training.checkpoint import CheckpointError, load_checkpoint, spec_of  # noqa: E402


@pytest.fixture
def shifted(run_folder: Path, tmp_path: Path) -> Path:
    """Return the checkpoint of a run with 0.5 added to each of its averaged weights."""
    state = torch.load(run_folder / 'last.ckpt', weights_only=True)
    for name, value in state['state_dict'].items():
        if name.endswith('weight'):
            value += 0.5
    torch.save(state, tmp_path / 'shifted.ckpt')
    return tmp_path / 'shifted.ckpt'


def test_weights_are_averaged(run_folder: Path, shifted: Path, drawn_camvid: Path) -> None:
    paths = (run_folder / 'last.ckpt', shifted)
    found = average(paths, camvid(drawn_camvid, 'train')).state_dict()
    both = [load_checkpoint(path).network.state_dict() for path in paths]
    names = [name for name in found if name.endswith(('weight', 'bias'))]
    assert len(names) > 100
    for name in names:
        torch.testing.assert_close(found[name], (both[0][name] + both[1][name]) / 2)
    assert any(not torch.equal(both[0][name], found[name]) for name in names)


def test_statistics_are_those_of_the_batches() -> None:
    norm = nn.BatchNorm2d(3, momentum=0.3)
    norm.running_mean = torch.full((3,), 7.0)
    batches = torch.rand(4, 5, 3, 6, 8, generator=torch.Generator().manual_seed(1))
    estimate_statistics(nn.Sequential(norm, nn.Dropout(0.5)), batches)
    torch.testing.assert_close(norm.running_mean, batches.mean(dim=(0, 1, 3, 4)))
    variance = batches.transpose(1, 2).flatten(2).var(dim=2).mean(dim=0)
    torch.testing.assert_close(norm.running_var, variance)
    assert norm.momentum == 0.3
    assert not norm.training


def test_the_command_writes_a_checkpoint_that_others_take(
    run_folder: Path, drawn_camvid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / 'mean.ckpt'
    last, root = str(run_folder / 'last.ckpt'), ['--root', str(drawn_camvid)]
    assert main(['average', last, last, str(output), *root]) == 0
    frames = len(camvid(drawn_camvid, 'train'))
    assert capsys.readouterr().out == (
        f'{output}: checkpoints averaged: 2; statistics of {frames} frames of camvid train\n'
    )
    assert main(['evaluate', str(output), *root]) == 0
    before, after = (load_checkpoint(Path(p)).network.state_dict() for p in (last, output))
    same = {name for name in before if torch.equal(before[name], after[name])}
    assert all('running' in name or 'num_batches' in name for name in before.keys() - same)
    assert same != before.keys()


def test_networks_without_a_mean_are_refused(
    run_folder: Path, drawn_camvid: Path, drawn_sun_rgbd: tuple[Path, ...], tmp_path: Path
) -> None:
    frames = camvid(drawn_camvid, 'train')
    other = tmp_path / 'last.ckpt'
    arguments = ['train', '--config', 'camvid_paper', '--output', str(tmp_path), 'layout=paper']
    arguments += [f'data.root={drawn_camvid}', 'data.batch_size=2']
    assert main([*arguments, 'phases=[{epochs: 1, crop: [32, 40]}]']) == 0
    with pytest.raises(CheckpointError, match=r'last\.ckpt: of another network than .*last\.ckpt'):
        average((run_folder / 'last.ckpt', other), frames)
    with pytest.raises(DataSetError, match='the model has the classes'):
        average((run_folder / 'last.ckpt',), sun_rgbd(drawn_sun_rgbd[0], 'train'))


def test_networks_that_have_seen_different_frames_are_refused(
    run_folder: Path, drawn_camvid: Path, tmp_path: Path
) -> None:
    """One of them would be measured on frames that it was trained on, and nobody told."""
    state = torch.load(run_folder / 'last.ckpt', weights_only=True)
    state['hyper_parameters']['spec'] = spec_of(CAMVID, 'trainval')
    torch.save(state, tmp_path / 'all.ckpt')
    with pytest.raises(CheckpointError, match=r"all\.ckpt: trained on 'trainval', .* on 'train'"):
        average((run_folder / 'last.ckpt', tmp_path / 'all.ckpt'), camvid(drawn_camvid, 'train'))


def test_frames_of_several_sizes_are_refused(
    run_folder: Path, drawn_camvid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = camvid(drawn_camvid, 'train')
    read = type(frames).__getitem__

    def shrunk(self: object, index: int) -> tuple[np.ndarray, np.ndarray]:
        frame, labels = read(frames, index)
        return (frame, labels) if index else (frame[:-8], labels[:-8])

    monkeypatch.setattr(type(frames), '__getitem__', shrunk)
    with pytest.raises(DataSetError, match=r'frames of several sizes came; .*data\.size'):
        average((run_folder / 'last.ckpt',), frames)
