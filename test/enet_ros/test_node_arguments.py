# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from enet_ros.node_arguments import node_arguments

VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
    st.text(st.characters(categories=['L', 'N', 'P', 'S', 'Zs'])),
    st.lists(st.text('abc', max_size=3)),
)


@given(VALUES)
def test_a_value_is_read_as_it_was(value: Any) -> None:
    option, rule = node_arguments({'name': value})
    read = yaml.safe_load(rule.removeprefix('name:='))
    assert option == '-p'
    assert (type(read), read) == (type(value), value)


def test_paths_and_remaps() -> None:
    words = node_arguments({'model': Path('/a b/c.onnx')}, {'__ns': '/robot', 'image': 'camera'})
    assert words == ['-p', 'model:="/a b/c.onnx"', '-r', '__ns:=/robot', '-r', 'image:=camera']


def test_rcl_reads_them() -> None:
    rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    values = {'text': '1: [ä "x"', 'rate': 2.0, 'count': 3, 'on': True, 'names': ['a', 'b c']}
    rclpy.init(args=['--ros-args', *node_arguments(values, {'__node': 'reader'})])
    node = rclpy.create_node('unnamed', automatically_declare_parameters_from_overrides=True)
    try:
        assert node.get_name() == 'reader'
        for name, value in values.items():
            read = node.get_parameter(name).value
            assert (list(read) if isinstance(value, list) else read) == value
    finally:
        node.destroy_node()
        rclpy.shutdown()
