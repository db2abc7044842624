# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.label_sets import CAMVID  # noqa: E402
from enet_model.networks.catalog import build_network  # noqa: E402
from enet_model.networks.enet import ENet, Layout  # noqa: E402
from enet_model.spec import ModelSpec  # noqa: E402
from enet_model.training.checkpoint import (  # noqa: E402
    CheckpointError,
    begin_with,
    load_checkpoint,
)


def refusal(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    text = str(caught.value)
    assert text.startswith(f'{path}: ')
    assert '\n' not in text
    return text


def test_the_network_comes_back(run_folder: Path) -> None:
    checkpoint = load_checkpoint(run_folder / 'last.ckpt')
    network = checkpoint.network
    assert isinstance(network, ENet)
    assert checkpoint.spec == ModelSpec(CAMVID.classes, data_set='camvid', training_split='train')
    assert checkpoint.size is None
    assert not network.training
    saved = torch.load(run_folder / 'last.ckpt', weights_only=True)['state_dict']
    for name, value in network.state_dict().items():
        assert torch.equal(value, saved[f'network.{name}']), name


@pytest.mark.parametrize(
    'content',
    [b'', b'abc', b'hello\n' * 99, b'\x80\x02', b'PK\x03\x04' + bytes(40), bytes(range(256))],
    ids=['empty', 'abc', 'text', 'pickle', 'zip', 'bytes'],
)
def test_what_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'x.ckpt'
    path.write_bytes(content)
    assert "not a checkpoint of 'enet train', or cut off" in refusal(path)


@pytest.mark.parametrize('share', [0.1, 0.5, 0.99])
def test_a_checkpoint_that_is_cut_off(run_folder: Path, tmp_path: Path, share: float) -> None:
    content = (run_folder / 'last.ckpt').read_bytes()
    path = tmp_path / 'cut.ckpt'
    path.write_bytes(content[: int(len(content) * share)])
    assert 'or cut off' in refusal(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert 'cannot be read: No such file' in refusal(tmp_path / 'no.ckpt')
    assert 'cannot be read: Is a directory' in refusal(tmp_path)


class Malice:
    """What runs a command of its choice in the place of whoever unpickles it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


def save_by_pickle(tree: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(tree))


@pytest.mark.parametrize('save', [torch.save, save_by_pickle])
@pytest.mark.filterwarnings('ignore:Detected pickle protocol')
def test_nothing_in_a_checkpoint_is_run(tmp_path: Path, save: Any) -> None:
    path, target = tmp_path / 'x.ckpt', tmp_path / 'touched'
    save({'state_dict': Malice(target)}, path)
    text = refusal(path)
    assert 'weights_only' not in text, 'torch says how to run it all the same'
    assert not target.exists()


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'hyper_parameters': None}, 'NoneType'),
        ({'network': 'unet'}, "no network 'unet'"),
        ({'layout': 'sketch'}, "layout is 'authors' or 'paper'"),
        ({'layout': 'paper'}, 'Missing key'),
        ({'label_set': 'kitti'}, 'kitti'),
        ({'label_set': 'cityscapes'}, 'size mismatch'),
        ({'spec': '{}'}, 'format None came'),
        ({'recipe': {}}, 'data'),
        ({'state_dict': {}}, 'Missing key'),
    ],
)
def test_a_checkpoint_of_something_else(
    run_folder: Path, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    saved = torch.load(run_folder / 'last.ckpt', weights_only=True)
    for key, value in changes.items():
        (saved if key in saved else saved['hyper_parameters'])[key] = value
    path = tmp_path / 'other.ckpt'
    torch.save(saved, path)
    text = refusal(path)
    assert "not a checkpoint of 'enet train'" in text
    assert reason in text


@pytest.mark.parametrize('classes', [11, 3])
def test_a_network_of_other_classes_begins_its_last_layer_anew(
    run_folder: Path, classes: int
) -> None:
    trained = load_checkpoint(run_folder / 'last.ckpt').network.state_dict()
    network = build_network('enet', classes, 'authors')
    before = {name: value.clone() for name, value in network.state_dict().items()}
    begin_with(network, run_folder / 'last.ckpt')
    for name, value in network.state_dict().items():
        anew = classes != 11 and name == 'decoder.full_convolution.weight'
        assert torch.equal(value, (before if anew else trained)[name]), name


@pytest.mark.parametrize(('name', 'layout'), [('enet', 'paper'), ('segnet', 'authors')])
def test_a_network_of_another_kind_does_not_begin(
    run_folder: Path, name: str, layout: Layout
) -> None:
    with pytest.raises(CheckpointError, match='of another network or layout'):
        begin_with(build_network(name, 11, layout), run_folder / 'last.ckpt')


def test_an_older_checkpoint_names_its_data_set(run_folder: Path, tmp_path: Path) -> None:
    saved = torch.load(run_folder / 'last.ckpt', weights_only=True)
    del saved['hyper_parameters']['spec']
    saved['hyper_parameters']['label_set'] = 'camvid'
    del saved['hyper_parameters']['recipe']['data']['size']
    torch.save(saved, tmp_path / 'older.ckpt')
    checkpoint = load_checkpoint(tmp_path / 'older.ckpt')
    assert checkpoint.spec == ModelSpec(CAMVID.classes, data_set='camvid')
    assert checkpoint.size is None


def test_a_foreign_list_of_tensors(tmp_path: Path) -> None:
    path = tmp_path / 'foreign.ckpt'
    torch.save([torch.zeros(3)], path)
    assert 'not a checkpoint' in refusal(path)
