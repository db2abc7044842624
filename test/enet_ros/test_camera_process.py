# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera as a process: how it begins and ends, and what it says when it cannot begin."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from camera_files import write_calibration, write_images
from node_processes import start_process

pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')

PATIENCE = 60.0  # s, for what takes no time on an idle machine
NAMESPACE = f'/camera_process_test_{os.getpid()}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_images(tmp_path)


def camera(*parameters: str) -> subprocess.Popen[str]:
    return start_process('enet_ros.camera_node', *parameters, namespace=NAMESPACE)


@pytest.mark.parametrize(
    ('parameter', 'reason'),
    [
        ('source:=/no/such/folder', "'/no/such/folder' does not exist: wanted"),
        ('rate:=-1.0', 'rate'),
        ('width:=wide', 'width'),
        ('camera_info_url:=/no/such/file.yaml', '/no/such/file.yaml'),
    ],
)
def test_bad_parameters_are_one_line_and_status_1(parameter: str, reason: str) -> None:
    process = camera(parameter)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    (line,) = errors.splitlines()
    assert reason in line


def test_a_calibration_of_another_shape_is_one_line_and_status_1(tmp_path: Path) -> None:
    process = camera(f'camera_info_url:={write_calibration(tmp_path)}')
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    (line,) = errors.splitlines()
    assert 'is of 64x48 pixels and the images have 640x360; wanted one of the same shape' in line


def test_the_end_of_the_source_is_status_0(folder: Path) -> None:
    process = camera(f'source:={folder}', 'loop:=false', 'rate:=50.0')
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert 'ended after 4 frames' in errors


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(folder: Path, number: signal.Signals) -> None:
    process = camera(f'source:={folder}')
    assert process.stderr is not None
    first = process.stderr.readline()
    assert 'at 32x24, 10 Hz' in first
    process.send_signal(number)
    process.send_signal(number)  # Ctrl-C under a launch system comes twice
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    (last,) = errors.splitlines()
    assert 'ended after' in last
