# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_model.errors import UserError  # noqa: E402
from enet_ros.node_start import start_node  # noqa: E402


def fatal_line(errors: str) -> str:
    """Return the one line that says why; rcl itself may have said something before."""
    assert 'Traceback' not in errors
    (line,) = [line for line in errors.splitlines() if '[FATAL]' in line]
    assert '[walker]: ' in line
    return line


@pytest.mark.parametrize(
    ('arguments', 'said'),
    [
        (['-p', 'rate'], "'-p rate'"),
        (['-p', 'model:=['], "'-p model:=['"),
        (['-r', '__ns:=bad-ns'], '__ns:=bad-ns'),
        (['--params-file', '/no/such/file.yaml'], '/no/such/file.yaml'),
        (['--log-level', 'loud'], 'loud'),
        (['--nonsense'], '--nonsense'),
    ],
)
def test_arguments_that_cannot_be_read_are_one_line(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made: list[Any] = []
    assert start_node(lambda: made.append(1), 'walker', ['--ros-args', *arguments]) is None
    line = fatal_line(capfd.readouterr().err)
    assert said in line
    assert 'wanted: --ros-args [-r NAME:=NAME]' in line
    assert '.c:' not in line, 'the sources of rcl are nothing to a user'
    assert not made
    assert not rclpy.ok()


@pytest.mark.parametrize('kind', [UserError, ValueError])
def test_a_node_that_cannot_be_made_is_one_line(
    kind: type[Exception], capfd: pytest.CaptureFixture[str]
) -> None:
    def make() -> Any:
        raise kind('legs: 3 came;\nwanted 2')

    assert start_node(make, 'walker', []) is None
    assert fatal_line(capfd.readouterr().err).endswith('legs: 3 came; wanted 2')
    assert not rclpy.ok()


def test_a_fault_of_our_own_keeps_its_traceback() -> None:
    try:
        with pytest.raises(ZeroDivisionError):
            start_node(lambda: 1 / 0, 'walker', [])
    finally:
        rclpy.shutdown()


def test_a_node_that_can_be_made_is_returned() -> None:
    arguments = ['--ros-args', '-r', '__node:=runner']
    node = start_node(lambda: rclpy.create_node('walker'), 'walker', arguments)
    try:
        assert node is not None
        assert node.get_name() == 'runner'
        node.destroy_node()
    finally:
        rclpy.shutdown()
