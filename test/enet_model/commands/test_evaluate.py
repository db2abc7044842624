# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest
from drawn_data_sets import Labels

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.cli import main  # noqa: E402
from enet_model.datasets.annotated_frames import read_frame  # noqa: E402
from enet_model.evaluation import cityscapes_scores  # noqa: E402
from enet_model.label_sets import CAMVID, CITYSCAPES, SUN_RGBD, LabelSet  # noqa: E402
from enet_model.networks.catalog import build_network  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402
from enet_model.training.checkpoint import spec_of  # noqa: E402


def untrained(path: Path, label_set: LabelSet, size: tuple[int, int], split: str = 'train') -> Path:
    """Write a checkpoint of a network that has not learnt anything."""
    torch.manual_seed(1)
    network = build_network('enet', len(label_set.classes), 'authors')
    settings = {
        'network': 'enet',
        'layout': 'authors',
        'spec': spec_of(label_set, split),
        'recipe': {'data': {'size': size}},
    }
    weights = {f'network.{name}': value for name, value in network.state_dict().items()}
    torch.save({'hyper_parameters': settings, 'state_dict': weights}, path)
    return path


@pytest.mark.parametrize(
    ('trained_on', 'split', 'seen'),
    [('train', 'val', False), ('train', 'train', True), ('trainval', 'val', True)],
)
def test_scores_on_frames_of_the_training_are_called_so(
    drawn_camvid: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    trained_on: str,
    split: str,
    seen: bool,
) -> None:
    checkpoint = untrained(tmp_path / 'a.ckpt', CAMVID, (64, 48), trained_on)
    options = ['--root', str(drawn_camvid), '--split', split]
    scores = tmp_path / 'scores.json'
    assert main(['evaluate', str(checkpoint), *options, '--json', str(scores)]) == 0
    assert ('was trained on these frames' in capsys.readouterr().out) == seen
    assert json.loads(scores.read_text())['seen_in_training'] == seen

    model = tmp_path / 'a.onnx'
    assert main(['export', str(checkpoint), str(model), *options]) == 0
    assert ('of frames of its training' in capsys.readouterr().out) == seen
    spec = Segmenter(model, 'cpu').spec
    assert spec.training_split == trained_on
    assert set(spec.metrics) == (set() if seen else {'val_mean_iou', 'val_class_average'})


def test_cityscapes(
    drawn_cityscapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = untrained(tmp_path / 'a.ckpt', CITYSCAPES, (48, 32))
    outputs = {name: tmp_path / name for name in ('scores.json', 'confusion.png', 'worst.jpg')}
    options = ['--data', 'cityscapes', '--root', str(drawn_cityscapes)]
    for option, path in zip(('--json', '--confusion', '--worst'), outputs.values(), strict=True):
        options += [option, str(path)]
    assert main(['evaluate', str(checkpoint), *options]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f'{checkpoint} on cityscapes val, 3 frames\n')

    result = json.loads(outputs['scores.json'].read_text(), parse_constant=pytest.fail)
    assert (result['data_set'], result['split'], result['frames']) == ('cityscapes', 'val', 3)
    assert list(result['classes']) == list(CITYSCAPES.names)
    assert sum(map(sum, result['confusion'])) == 3 * (96 * 64 - 16 * 16)
    for name in ('confusion.png', 'worst.jpg'):
        assert read_frame(outputs[name]).std() > 10
    pytest.importorskip('cityscapesscripts', reason="needs pip install 'enet_model[cityscapes]'")
    official = result['cityscapes']
    assert 'cityscapesscripts' in out
    assert official['class_iou'] == pytest.approx(result['mean_iou'])
    for name, row in result['classes'].items():
        assert official['classes'][name]['iou'] == pytest.approx(row['iou'])


def test_cityscapes_without_its_scripts(
    drawn_cityscapes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cityscapes_scores, 'why_not', lambda frames: 'they are away')
    checkpoint = untrained(tmp_path / 'a.ckpt', CITYSCAPES, (48, 32))
    options = ['--data', 'cityscapes', '--root', str(drawn_cityscapes)]
    assert main(['evaluate', str(checkpoint), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith('global accuracy ')
    assert lines[-1] == 'without official scores: they are away'


def test_sun_rgbd(
    drawn_sun_rgbd: tuple[Path, dict[str, Labels]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoint = untrained(tmp_path / 'a.ckpt', SUN_RGBD, (64, 48))
    options = ['--data', 'sun_rgbd', '--root', str(drawn_sun_rgbd[0]), '--split', 'test']
    assert main(['evaluate', str(checkpoint), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f'{checkpoint} on sun_rgbd test, 2 frames'
    assert [line[:14].strip() for line in lines[2:-2]] == list(SUN_RGBD.names)


def test_a_picture_of_no_kind(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(['evaluate', '--worst', 'worst.doc'])
    assert ended.value.code == 2
    assert "'worst.doc' came; wanted a file *.png or *.jpg" in capsys.readouterr().err
