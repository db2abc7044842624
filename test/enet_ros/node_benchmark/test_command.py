# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From options to tables, JSON and document; test_running.py has the processes themselves."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_model.cli import parser
from enet_ros.dds_profile import VARIABLES, profile_file
from enet_ros.node_benchmark import command, measure_node
from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.processes import BenchmarkError
from enet_ros.node_benchmark.running import Recording

STAGES = ('decode', 'resize', 'inference', 'mask', 'publish')


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Case, dict[str, str]]]:
    """Let every case have one image that is labelled; return what was run, and where."""
    cases: list[tuple[Case, dict[str, str]]] = []

    def run(
        case: Case, frames: Path, folder: Path, seconds: float, environment: Mapping[str, str]
    ) -> Recording:
        assert frames.is_file()
        cases.append((case, dict(environment)))
        labelled = {'stamp': 1.0, 'begun': 1.01, 'seconds': dict.fromkeys(STAGES, 0.01)}
        return Recording(
            start=0.0,
            end=seconds,
            sent={name: [1.0] for name in case.names},
            heard={name: [(1.0, 0.05)] for name in case.names},
            processor={'node': 1.0, 'cameras': 0.5, 'listener': 0.25},
            frames=[labelled],
        )

    (tmp_path / 'val').mkdir()
    cv2.imwrite(str(tmp_path / 'val' / 'grey.png'), np.full((24, 32, 3), 100, np.uint8))
    monkeypatch.setenv('CAMVID_ROOT', str(tmp_path))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(command, 'run_node', run)
    monkeypatch.setattr(command, 'run_transport', run)
    return cases


def options(*arguments: str) -> Any:
    return parser().parse_args(['benchmark', '--node', *arguments])


def test_every_size_number_of_cameras_and_rate_is_measured(
    ran: list[tuple[Case, dict[str, str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, report = tmp_path / 'README.md', tmp_path / 'node.json'
    document.write_text('<!-- begin: node -->\n<!-- end: node -->\n')
    arguments = ['--camera-sizes', '32x24', '64x48', '--cameras', '1', '2', '--rates', '5', '30']
    files = ['--document', str(document), '--json', str(report)]
    measure_node(options(*arguments, *files, '--encodings', 'bgr8', '--seconds', '2'))
    assert [(c.width, c.cameras, c.rate, c.encoding) for c, _ in ran] == [
        *((32, 1, 5.0, 'bgr8'), (64, 1, 5.0, 'bgr8')),  # the profiles
        *((32, 1, 5.0, 'rgb8'), (32, 1, 30.0, 'rgb8'), (32, 2, 5.0, 'rgb8'), (32, 2, 30.0, 'rgb8')),
        *((64, 1, 5.0, 'rgb8'), (64, 1, 30.0, 'rgb8'), (64, 2, 5.0, 'rgb8'), (64, 2, 30.0, 'rgb8')),
    ]
    assert {where[VARIABLES[0]] for _, where in ran} == {str(profile_file())}
    assert '**' in capsys.readouterr().out, 'the sum of the profile'
    short = document.read_text()
    assert '| 32x24 |' in short
    assert '| 5 |' not in short, 'the README has the usual rate alone'
    tree = json.loads(report.read_text())
    assert len(tree['profiles']) == 2
    assert len(tree['rates']) == 8
    assert tree['rates'][0]['age_median'] == pytest.approx(50.0)
    assert tree['rates'][0]['case']['width'] == 32
    assert f'{tmp_path.name}/val' in tree['frames']


def test_models_and_devices_are_measured_one_after_the_other(
    ran: list[tuple[Case, dict[str, str]]],
) -> None:
    engines = ['--model', 'a.onnx', '--model', 'b.onnx', '--devices', 'cpu', 'openvino']
    cases = ['--camera-sizes', '32x24', '--cameras', '1', '--rates', '10', '--encodings', 'rgb8']
    measure_node(options(*engines, *cases))
    found = [(case.model, case.device) for case, _ in ran[4:]]
    assert found == [(m, d) for d in ('cpu', 'openvino') for m in ('a.onnx', 'b.onnx')]


def test_every_transport_meets_every_size(
    ran: list[tuple[Case, dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, 'TRANSPORT_SIZES', ((32, 24), (64, 48)))
    measure_node(options('--transport'))
    assert [case.width for case, _ in ran] == [32] * 4 + [64] * 4
    assert 'UDP, config/fastdds.xml | 64x48' in capsys.readouterr().out


def test_a_case_without_a_result_is_an_error(
    ran: list[tuple[Case, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Recording(0.0, 1.0, {'camera_0': [0.5]}, {'camera_0': []}, {}, [])
    monkeypatch.setattr(command, 'run_node', lambda *_: nothing)
    with pytest.raises(BenchmarkError, match='--seconds'):
        measure_node(options('--camera-sizes', '32x24'))


def test_an_encoding_that_cameras_cannot_send_is_an_error(
    ran: list[tuple[Case, dict[str, str]]],
) -> None:
    with pytest.raises(BenchmarkError, match='encodings yuyv came; wanted some of rgb8, bgr8'):
        measure_node(options('--encodings', 'rgb8', 'yuyv'))
    assert not ran


@pytest.mark.parametrize(('encoding', 'channels'), [('rgb8', 3), ('mono8', 1)])
def test_what_is_deserialised_is_as_long_as_an_image(
    monkeypatch: pytest.MonkeyPatch, encoding: str, channels: int
) -> None:
    lengths = []
    monkeypatch.setattr(command, 'deserialize_message', lambda raw, _: lengths.append(len(raw)))
    assert command._deserializing(64, 48, encoding) >= 0
    assert 64 * 48 * channels <= lengths[0] < 64 * 48 * channels + 200
