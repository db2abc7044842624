# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What all tests share: peace from other test runs, and a model file to compare pixels with."""

import os
from pathlib import Path

import hypothesis
import pytest

from enet_ros.isolation import DOMAIN, RANGE, isolate

# The nodes of a test run keep to themselves: off the robot's network and off another run's.
for name in (RANGE, DOMAIN):
    os.environ.pop(name, None)
isolate(os.environ)

# No test is timed: the machine may be busy.
hypothesis.settings.register_profile('untimed', deadline=None)
hypothesis.settings.load_profile('untimed')


@pytest.fixture(scope='session')
def color_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model of 32 x 24 pixels: class = red / 64, confidence = green."""
    pytest.importorskip('onnx', reason='the model is made with onnx: pip install onnx')
    from reliability.small_model import write_small_model

    return write_small_model(tmp_path_factory.mktemp('model') / 'color.onnx')
