# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from foreign_networks import SmallUNet, export

from enet_model.cli import main
from enet_model.deployment import adapt_parity


def test_a_graph_that_says_something_else_is_not_written(
    foreign: Path,
    classes: Path,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    right = adapt_parity.probabilities_of
    monkeypatch.setattr(adapt_parity, 'probabilities_of', lambda *a, **k: right(*a, **k)[..., ::-1])
    arguments = [export(SmallUNet(), foreign), output, '--classes', classes, '--scores', 'scores']
    assert main(['adapt', *map(str, arguments)]) == 1
    assert 'labels otherwise' in capsys.readouterr().err
    assert not output.exists()
