# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The demo as a user starts it: real nodes in processes of their own."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_ros import demo

PATIENCE = 120.0  # s, for what takes ten on an idle machine
ROOT = Path(__file__).parents[2]
REDS = (80, 10, 150, 220)  # of which color_model makes the classes wall, road, sky and car
GREEN = 200  # of which it makes the confidence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four images of 256x192, each of one colour."""
    images = tmp_path / 'images'
    images.mkdir()
    for index, red in enumerate(REDS):
        cv2.imwrite(str(images / f'{index}.png'), np.full((192, 256, 3), (0, GREEN, red), np.uint8))
    return images


def start(model: Path, output: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, '-m', 'enet_ros.demo', '--model', str(model), '--device', 'cpu']
    return subprocess.Popen(
        [*command, '--output', str(output), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def assert_nobody_is_left(process: subprocess.Popen[str]) -> None:
    """Raise unless the demo has taken its nodes with it: its session is empty."""
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_labels_every_image_of_a_folder_once(
    color_model: Path, folder: Path, tmp_path: Path
) -> None:
    pose = ('--camera-height', '1.0', '--camera-pitch', '30')
    source = ('--source', str(folder), '--rate', '2')
    process = start(color_model, tmp_path / 'output', *source, *pose)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert_nobody_is_left(process)
    assert 'frames in 4  out 4 of 4' in output
    assert 'provider cpu' in output
    assert 'car 100%' in output, 'the last image is all car'
    assert output.splitlines()[-1].startswith('4 frames labelled: see ')

    overlays = sorted((tmp_path / 'output').glob('overlay_*.png'))
    assert len(overlays) == len(REDS)
    colors = [(70, 70, 70), (128, 64, 128), (70, 130, 180), (0, 0, 142)]
    for overlay, red, color in zip(overlays, REDS, colors, strict=True):
        image = cv2.imread(str(overlay))
        assert image is not None
        expected = (np.array((red, GREEN, 0)) + color) / 2
        assert np.abs(image[..., ::-1] - expected).max() <= 1
    sheet = cv2.imread(str(tmp_path / 'output' / 'contact_sheet.png'))
    assert sheet is not None
    for red in REDS:
        assert np.all(sheet[..., ::-1] == (red, GREEN, 0), axis=2).sum() == 192 * 256
    # The ground beside them: road is free, sky says nothing, and a car is in the way, all as sure
    # as color_model is. The first frame may be earlier than its camera_info, and have none.
    free, occupied, unknown = 227, 28, 160
    width = 256 + 256 + 384
    _, road, sky, car = (
        sheet[top : top + 192, left + 512 : left + width, 0]
        for top in (8, 8 + 192 + 8)
        for left in (8, 8 + width + 8)
    )
    assert (road == free).sum() > 300
    assert (car == occupied).sum() > 10
    assert not (sky == free).any()
    assert not (car == free).any()
    for ground in (road, sky, car):
        assert (ground == unknown).sum() > 0.9 * ground.size


def test_the_pose_of_the_camera_is_that_of_the_source() -> None:
    def pose(*arguments: str) -> list[float]:
        return demo._camera_pose(demo._parser().parse_args(arguments))

    assert pose() == pose('--camera-pitch', '9') == [0.0, 0.0, 1.5, 0.0, 0.0, 0.0]
    own = pose('--source', 'drive.mp4', '--camera-height', '2', '--camera-pitch', '-90')
    assert own == [0.0, 0.0, 2.0, 0.0, -math.pi / 2, 0.0]
    assert pose('--source', 'drive.mp4')[4] == pytest.approx(math.radians(2))


def test_ctrl_c_ends_the_nodes_too(color_model: Path, tmp_path: Path) -> None:
    output = tmp_path / 'output'
    process = start(color_model, output, '--frames', '100000')
    end = time.monotonic() + PATIENCE
    while len(list(output.glob('overlay_*.png'))) < 5:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert 'Traceback' not in errors
    assert_nobody_is_left(process)
    assert (output / 'contact_sheet.png').is_file()


@pytest.mark.parametrize(
    ('arguments', 'reason'),
    [
        (['--source', '/no/such/video.mp4'], 'camera_node has ended with status 1'),
        (['--model', '/no/such/model.onnx'], '/no/such/model.onnx: cannot be read'),
        (['--timeout', '0.001'], 'the segmentation node has not started within 0.001 s'),
    ],
)
def test_a_failure_is_one_line_and_status_1(
    color_model: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    process = start(color_model, tmp_path / 'output', *arguments)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert_nobody_is_left(process)
    (line,) = [line for line in errors.splitlines() if line.startswith('demo: ')]
    assert reason in line
    assert 'Traceback' not in errors


@pytest.mark.parametrize(
    'arguments',
    [['--frames', '0'], ['--rate', '-1'], ['--camera-height', '0'], ['--device', 'abacus']],
)
def test_refuses_arguments_that_make_no_sense(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        demo.main(arguments)
    assert end.value.code == 2
    assert f'argument {arguments[0]}' in capsys.readouterr().err


def test_brings_its_own_settings_only_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('ROS_DOMAIN_ID', 'FASTRTPS_DEFAULT_PROFILES_FILE'):
        monkeypatch.setenv(name, 'kept')
    demo._prepare_environment()
    assert os.environ['ROS_DOMAIN_ID'] == os.environ['FASTRTPS_DEFAULT_PROFILES_FILE'] == 'kept'
    for name in ('ROS_DOMAIN_ID', 'FASTRTPS_DEFAULT_PROFILES_FILE'):
        monkeypatch.delenv(name)
    demo._prepare_environment()
    assert 1 <= int(os.environ['ROS_DOMAIN_ID']) <= 101
    assert 'segment_size' in Path(os.environ['FASTRTPS_DEFAULT_PROFILES_FILE']).read_text()
