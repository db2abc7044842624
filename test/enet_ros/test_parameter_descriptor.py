# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from enet_ros.parameter_descriptor import describe


def test_numbers_have_the_range_of_their_type() -> None:
    whole = describe('rows of cells', (1, 64), is_whole=True, read_only=True)
    assert (whole.description, whole.read_only) == ('rows of cells', True)
    (limits,) = whole.integer_range
    assert (limits.from_value, limits.to_value, limits.step) == (1, 64, 1)
    assert not whole.floating_point_range

    double = describe('a share', (0, 1), is_whole=False, read_only=False)
    (limits,) = double.floating_point_range
    assert (limits.from_value, limits.to_value, limits.step) == (0.0, 1.0, 0.0)
    assert not double.integer_range
    assert not double.read_only


def test_without_limits_there_is_no_range() -> None:
    text = describe('a frame', None, is_whole=False, read_only=False)
    assert not text.integer_range
    assert not text.floating_point_range
