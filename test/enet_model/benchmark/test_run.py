# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import json
from pathlib import Path

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.benchmark import limit
from enet_model.cli import main


@pytest.fixture
def small_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, 'PRODUCTS', (64,))
    monkeypatch.setattr(limit, 'CONVOLUTIONS', ((8, 12, 16),))


@pytest.mark.usefixtures('small_probes')
def test_a_short_run(
    run_folder: Path,
    exported_model: Path,
    drawn_camvid: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two forms of ENet and a file beside them, as Markdown, JSON and in a document."""
    document, found = tmp_path / 'README.md', tmp_path / 'found.json'
    document.write_text('<!-- begin: forms -->\n<!-- end: forms -->\n')
    arguments = ['benchmark', '--checkpoint', str(run_folder / 'last.ckpt')]
    arguments += ['--root', str(drawn_camvid), '--sizes', '96x64', '--threads', '1']
    arguments += ['--models', 'enet', 'enet_maxunpool', '--model', str(exported_model)]
    arguments += ['--devices', 'cpu', '--budget', '0.01', '--fewest', '2', '--frames', '2']
    assert main([*arguments, '--json', str(found), '--document', str(document)]) == 0
    tree = json.loads(found.read_text())
    rows = [(row['model'], row['width'], row['height'], row['threads']) for row in tree['rows']]
    assert rows == [('enet', 96, 64, 1), ('enet_maxunpool', 96, 64, 1), ('tiny.onnx', 64, 48, 1)]
    assert all(row['median_ms'] > 0 and row['runs'] >= 2 for row in tree['rows'])
    assert {row['precision'] for row in tree['rows']} == {'fp32'}
    (change,) = tree['label_changes']
    assert change['compared'] in (96 * 64, 2 * 96 * 64)
    assert change['changed'] <= 0.01 * change['compared']
    plain, shipped = (entry['milliseconds'] for entry in tree['profiles'])
    assert 'MaxUnpool' in plain
    assert 'MaxUnpool' not in shipped
    assert '2 of camvid val' in tree['frames']
    assert '| 96x64, 1 thread |' in document.read_text()
    assert '| tiny.onnx | file | 64x48 |' in capsys.readouterr().out


def test_a_size_that_does_not_divide(
    capsys: pytest.CaptureFixture[str], drawn_camvid: Path
) -> None:
    assert main(['benchmark', '--sizes', '480x270', '--root', str(drawn_camvid)]) == 1
    assert capsys.readouterr().err.endswith('take 480x272\n')
