# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import sys

import pytest

from enet_ros.usage import asked, usage


@pytest.mark.parametrize(
    ('arguments', 'expected'),
    [
        ([], False),
        (['--help'], True),
        (['-h', '--ros-args', '-p', 'rate:=1.0'], True),
        (['--ros-args', '-p', 'source:=-h', '--help'], False),
    ],
)
def test_help_is_asked_for_before_the_arguments_of_ros(
    arguments: list[str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(arguments) is expected
    monkeypatch.setattr(sys, 'argv', ['node', *arguments])
    assert asked(None) is expected


def test_usage_names_every_parameter_with_its_default() -> None:
    text = usage(
        'some_node', 'Does it.', [('rate', 0.5, 'frames a second'), ('names', (), 'x ' * 60)]
    )
    assert text.startswith('usage: ros2 run enet_ros some_node [--ros-args')
    assert '  rate (default: 0.5)\n      frames a second\n' in text
    assert '  names (default: [])\n' in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize('node', ['segmentation_node', 'camera_node'])
def test_nodes_print_it_and_do_not_start(node: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip('enet_ros.msg', reason='needs ROS 2 and the built messages')
    from importlib import import_module

    assert import_module(f'enet_ros.{node}').main(['--help']) == 0
    printed = capsys.readouterr().out
    assert f'ros2 run enet_ros {node} ' in printed
    wanted = {
        'segmentation_node': 'camera_pose (default: [])',
        'camera_node': 'rate (default: 0.0)',
    }
    assert wanted[node] in printed
