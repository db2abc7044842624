# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command as its users meet it."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import enet_model
from enet_model import predict
from enet_model.cli import COMMANDS, main
from enet_model.commands import train
from enet_model.datasets.camvid import camvid
from enet_model.label_sets import CAMVID, VOID
from enet_model.segmenter import Segmenter

ROOT = Path(enet_model.__file__).parents[1]
needs_torch = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ('torch', 'lightning', 'onnx'))),
    reason="needs pip install 'enet_model[train]'",
)


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def test_help_names_every_command() -> None:
    result = python('-m', 'enet_model.cli', '--help')
    assert result.returncode == 0
    assert all(f'\n    {command}' in result.stdout for command in COMMANDS)


@pytest.mark.parametrize('command', COMMANDS)
def test_help_of_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, '--help'])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f'usage: enet {command}' in out
    assert not re.search(r'\(default:\s+(None|False|\[\])?\)', out)


def usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    'arguments',
    [[], ['fly'], ['export', 'a.ckpt'], ['export', 'a.ckpt', 'b.onnx', '--size', '480']]
    + [['export', 'a.ckpt', 'b.onnx', '--size', '0x8'], ['train', '--processes', '0']]
    + [['predict', 'in', 'out', '--opacity', opacity] for opacity in ('1.5', 'nan', 'full')],
)
def test_a_command_that_cannot_be_understood(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert usage_error(arguments, capsys).startswith('usage: enet')


def test_changes_of_a_recipe_stand_before_and_after_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[argparse.Namespace] = []
    monkeypatch.setattr(train, 'run', taken.append)
    assert main(['train', 'seed=5', '--output', 'runs/a', 'initial=a.ckpt', 'dropout=false']) == 0
    assert taken[0].changes == ['seed=5', 'initial=a.ckpt', 'dropout=false']
    assert taken[0].output == Path('runs/a')


@pytest.mark.parametrize(
    'arguments', [['train', 'seed=5', '--epochs', '3'], ['evaluate', 'a.ckpt', 'seed=5']]
)
def test_an_argument_that_a_command_does_not_have(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    err = usage_error(arguments, capsys)
    assert err.startswith(f'usage: enet {arguments[0]} ')
    assert f'unrecognized arguments: {" ".join(arguments[2:])}\n' in err


def test_the_command_itself_loads_no_training_library() -> None:
    heavy = {'torch', 'lightning', 'onnx', 'matplotlib'}
    result = python('-c', f'import sys, enet_model.cli; print(*sys.modules.keys() & {heavy})')
    assert (result.returncode, result.stdout, result.stderr) == (0, '\n', '')


def test_what_is_not_installed_is_named_with_its_remedy() -> None:
    program = 'import sys; sys.modules["torch"] = None; from enet_model.cli import main; '
    result = python('-c', program + 'sys.exit(main(["train"]))')
    assert result.returncode == 1
    assert result.stderr == "enet train: needs torch: pip install 'enet_model[train]'\n"


def test_ctrl_c(
    color_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(predict, 'predict', interrupted)
    assert main(['predict', 'in', 'out', '--model', str(color_model)]) == 130
    assert capsys.readouterr() == ('', '')


@needs_torch
@pytest.mark.parametrize(
    ('command', 'text'),
    [
        ('train --config {tmp}/no.yaml', 'no.yaml: No such file'),
        ('train --config {recipe} data.batch_size=0', 'data.batch_size: 0 came'),
        (
            'train --config {recipe} data.root={tmp}',
            'no folder {tmp}/trainannot; ',
        ),
        ('evaluate {tmp}/no.onnx --root {data}', 'no.onnx: cannot be read: No such file'),
        ('evaluate {tmp}/no.ckpt --root {data}', 'no.ckpt: cannot be read: No such file'),
        ('evaluate {recipe} --root {data}', "not a checkpoint of 'enet train'"),
        ('evaluate {color} --root {data}', 'the model has the classes road, wall, sky, car; '),
        ('evaluate --root {tmp}', 'no folder {tmp}/val'),
        ('evaluate --root {data} --split test', 'no folder {data}/test'),
        ('evaluate --root {data} --data kitti', "no data set 'kitti'"),
        (
            'evaluate {run}/last.ckpt --root {data} --json {tmp}/no/a.json',
            'there is no folder {tmp}/no',
        ),
        (
            'quantize {color} {tmp}/a.onnx --root {data}',
            'the model has the classes road, wall, sky, car; camvid has sky, ',
        ),
        (
            'benchmark --root {data} --json {tmp}/no/a.json',
            'there is no folder {tmp}/no',
        ),
        ('export {color} {tmp}/a.onnx --root {data}', "not a checkpoint of 'enet train'"),
        ('export {run}/last.ckpt {tmp}/a.onnx --root {data} --size 60x48', 'size 60x48 came'),
        ('predict {tmp}/no.png {tmp}/out --model {color}', 'no.png: is not there'),
        ('predict {data} {tmp}/out --model {color}', '{data}: holds no picture'),
        ('predict {data}/val {color} --model {color}', 'File exists'),
        ('predict {data}/val {tmp}/out --model {recipe}', 'is no ONNX file'),
        ('predict {data}/val {tmp}/out --model {tmp}', 'cannot be read: Is a directory'),
    ],
)
def test_bad_input_is_one_line_and_status_1(
    run_folder: Path,
    recipe_file: Path,
    drawn_camvid: Path,
    color_model: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    command: str,
    text: str,
) -> None:
    places = {'run': run_folder, 'recipe': recipe_file, 'data': drawn_camvid, 'color': color_model}
    places['tmp'] = tmp_path
    arguments = command.format(**places).split()
    capfd.readouterr()
    assert main(arguments) == 1
    out, err = capfd.readouterr()
    assert err.startswith(f'enet {arguments[0]}: ')
    assert err.count('\n') == 1
    assert err.endswith('\n')
    assert text.format(**places) in err
    assert 'Traceback' not in out + err


@needs_torch
@pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')
def test_train(recipe_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = ['phases=[{epochs: 1, crop: [32, 32]}]', 'seed=5']
    options = ['--config', str(recipe_file), '--output', str(tmp_path), '--accelerator', 'cpu']
    assert main(['train', *options, *changes]) == 0
    assert capsys.readouterr().out.endswith(f'best on val: {tmp_path / "best.ckpt"}\n')
    assert (tmp_path / 'best.ckpt').is_file()
    assert list((tmp_path / 'log').glob('events.*'))


@needs_torch
@pytest.mark.parametrize('kind', ['checkpoint', 'model file'])
def test_evaluate(
    run_folder: Path,
    exported_model: Path,
    drawn_camvid: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    path = exported_model if kind == 'model file' else run_folder / 'last.ckpt'
    file = tmp_path / 'scores.json'
    capsys.readouterr()
    assert main(['evaluate', str(path), '--root', str(drawn_camvid), '--json', str(file)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f'{path} on camvid val, 3 frames'
    assert [line.split()[0] for line in out[2:-2]] == list(CAMVID.names)
    result = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert list(result['classes']) == list(CAMVID.names)
    assert 0.0 <= result['mean_iou'] <= result['class_average'] <= 1.0
    assert f'{result["mean_iou"]:.1%}' in out[-2]
    counted = sum(map(sum, result['confusion']))
    frames = camvid(drawn_camvid, 'val')
    assert counted == sum((frames.labels(index) != VOID).sum() for index in range(len(frames)))


@needs_torch
def test_export_says_what_it_measured(
    run_folder: Path, exported_model: Path, drawn_camvid: Path, tmp_path: Path
) -> None:
    """The score in the model file is that of the checkpoint."""
    file = tmp_path / 'scores.json'
    checkpoint = str(run_folder / 'last.ckpt')
    assert main(['evaluate', checkpoint, '--root', str(drawn_camvid), '--json', str(file)]) == 0
    metrics = Segmenter(exported_model, device='cpu').spec.metrics
    result = json.loads(file.read_text())
    assert metrics['val_mean_iou'] == pytest.approx(result['mean_iou'], abs=1e-4)
    assert metrics['val_class_average'] == pytest.approx(result['class_average'], abs=1e-4)


def test_predict(
    drawn_camvid: Path, color_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ['--model', str(color_model), '--device', 'cpu', '--opacity', '1']
    assert main(['predict', str(drawn_camvid / 'val'), str(tmp_path), *options]) == 0
    assert capsys.readouterr().out == f'{tmp_path}: pictures drawn: 3\n'
    assert sorted(path.name for path in tmp_path.iterdir()) == ['0.png', '1.png', '2.png']


@pytest.mark.parametrize(
    ('line', 'choices'),
    [
        ('enet ev', {'evaluate'}),
        ('enet predict --dev', {'--device'}),
        ('enet a', {'adapt', 'average'}),
    ],
)
def test_the_shell_completes_commands_and_options(
    line: str, choices: set[str], tmp_path: Path
) -> None:
    """As bash asks after `eval "$(register-python-argcomplete enet)"`."""
    answer = tmp_path / 'answer'
    asked = {
        '_ARGCOMPLETE': '1',
        '_ARGCOMPLETE_SHELL': 'bash',
        '_ARGCOMPLETE_STDOUT_FILENAME': str(answer),
        '_ARGCOMPLETE_IFS': '\n',
        'COMP_LINE': line,
        'COMP_POINT': str(len(line)),
    }
    command = [sys.executable, '-m', 'enet_model.cli']
    subprocess.run(command, env=os.environ | asked, cwd=ROOT, timeout=60, check=False)
    assert {each.strip() for each in answer.read_text().splitlines()} == choices
