# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of `enet adapt` share."""

from pathlib import Path

import pytest


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Return a file of four classes."""
    path = tmp_path / 'yard.yaml'
    path.write_text(
        'classes: [{name: grass, role: traversable}, {name: wall}, {name: sky, role: background}, '
        '{name: dog, color: [1, 2, 3]}]'
    )
    return path


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return where a test writes somebody else's network."""
    return tmp_path / 'foreign.onnx'


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Return where the model file is wanted."""
    return tmp_path / 'out' / 'mine.onnx'
