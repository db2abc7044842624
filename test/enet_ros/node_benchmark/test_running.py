# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.results import OWN_STAGES, summarize
from enet_ros.node_benchmark.running import run_node


def test_images_go_through_the_node_and_are_heard(tmp_path: Path, color_model: Path) -> None:
    frames = tmp_path / 'frames.npy'
    np.save(frames, np.full((2, 24, 32, 3), 100, np.uint8))
    case = Case(32, 24, 20.0, cameras=2, model=str(color_model), device='cpu')
    recording = run_node(case, frames, tmp_path, 1.0, os.environ)
    assert set(recording.sent) == {'camera_0/image', 'camera_1/image'}
    assert set(recording.heard) == {'camera_0/segmentation', 'camera_1/segmentation'}
    for camera in case.names:
        sent = set(recording.sent[f'{camera}/image'])
        heard = {stamp for stamp, _ in recording.heard[f'{camera}/segmentation']}
        assert heard, 'some were labelled'
        assert heard <= sent, 'a result has the stamp of its image'
    assert all(age > 0 for ages in recording.heard.values() for _, age in ages)
    assert set(recording.processor) == {'node', 'cameras', 'listener'}
    result = summarize(case, recording)
    assert list(result.stages) == [
        'receive',
        'decode',
        'resize',
        'inference',
        'mask',
        'publish',
        'other outputs',
    ]
    assert all(result.stages[stage] >= 0 for stage in OWN_STAGES)
    assert 0 < result.heard_share <= 1
