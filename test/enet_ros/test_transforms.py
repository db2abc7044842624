# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import importlib.util
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from builtin_interfaces.msg import Time  # noqa: E402

from enet_ros.transforms import TransformError, Transforms  # noqa: E402


@pytest.fixture
def node() -> Iterator[Any]:
    rclpy.init()
    node = rclpy.create_node('asker', use_global_arguments=False)
    yield node
    node.destroy_node()
    rclpy.shutdown()


@pytest.mark.skipif(
    importlib.util.find_spec('tf2_ros') is not None, reason='tf2_ros is installed here'
)
def test_without_tf2_the_remedy_is_named(node: Any) -> None:
    transforms = Transforms(node)
    assert not transforms.knows('odom', 'base_link')
    with pytest.raises(TransformError, match='camera_pose'):
        transforms.lookup('base_link', 'camera', Time())


class Buffer:
    """As much of TF's as is needed: it knows all frames, and counts how often it is cleared."""

    def __init__(self) -> None:
        self.cleared = 0

    def clear(self) -> None:
        self.cleared += 1

    def can_transform(self, *_: Any) -> bool:
        return True


@pytest.fixture
def buffers(monkeypatch: pytest.MonkeyPatch) -> list[Buffer]:
    """Stand in for tf2_ros; return the buffers that are made."""
    made: list[Buffer] = []

    def make() -> Buffer:
        made.append(Buffer())
        return made[-1]

    stand_in = SimpleNamespace(
        Buffer=make, TransformListener=lambda *_: None, TransformException=LookupError
    )
    monkeypatch.setitem(sys.modules, 'tf2_ros', stand_in)
    return made


def test_a_clock_that_jumps_back_clears_what_was_heard(node: Any, buffers: list[Buffer]) -> None:
    """Where a bag begins again, TF would refuse what is older than what it holds."""
    from rosgraph_msgs.msg import Clock

    node.set_parameters([rclpy.parameter.Parameter('use_sim_time', value=True)])
    transforms = Transforms(node)
    publisher = node.create_publisher(Clock, '/clock', 1)

    def set_clock(seconds: int) -> None:
        end = time.monotonic() + 20.0
        while node.get_clock().now().nanoseconds != seconds * 10**9:
            assert time.monotonic() < end
            publisher.publish(Clock(clock=Time(sec=seconds)))
            rclpy.spin_once(node, timeout_sec=0.1)

    set_clock(100)
    assert transforms.knows('odom', 'base_link')
    (buffer,) = buffers
    set_clock(200)
    assert buffer.cleared == 0
    set_clock(50)
    assert buffer.cleared == 1
    transforms.close()
    set_clock(10)
    assert buffer.cleared == 1, 'nobody listens any more'


def test_it_listens_from_the_first_question_on_and_again_after_it_was_closed(
    node: Any, buffers: list[Buffer]
) -> None:
    transforms = Transforms(node)
    transforms.close()
    assert not buffers
    for count in (1, 2):
        assert transforms.knows('odom', 'base_link')
        assert not transforms.is_settled
        assert len(buffers) == count
        transforms.close()


def test_a_static_transform_is_known_at_every_time(node: Any) -> None:
    tf2_ros = pytest.importorskip('tf2_ros', reason='apt install ros-$ROS_DISTRO-tf2-ros')
    from geometry_msgs.msg import TransformStamped

    transforms = Transforms(node)
    with pytest.raises(TransformError, match='from camera to base_link'):
        transforms.lookup('base_link', 'camera', Time(sec=5))
    sent = TransformStamped(child_frame_id='camera')
    sent.header.frame_id = 'base_link'
    sent.transform.translation.x, sent.transform.translation.z = 0.5, 1.5
    half = np.sqrt(0.5)
    sent.transform.rotation.z, sent.transform.rotation.w = half, half  # a quarter turn to the left
    broadcaster = tf2_ros.StaticTransformBroadcaster(node)
    broadcaster.sendTransform(sent)
    end = time.monotonic() + 20.0
    while not transforms.knows('base_link', 'camera'):
        assert time.monotonic() < end
        rclpy.spin_once(node, timeout_sec=0.1)
    pose = transforms.lookup('base_link', 'camera', Time(sec=5))
    np.testing.assert_allclose(pose @ (1.0, 0.0, 0.0, 1.0), (0.5, 1.0, 1.5, 1.0), atol=1e-9)
    assert not transforms.knows('odom', 'camera')
    transforms.close()
    assert transforms.is_settled
    # And again from the start, as after a clean-up.
    end = time.monotonic() + 20.0
    while not transforms.knows('base_link', 'camera'):
        assert time.monotonic() < end
        rclpy.spin_once(node, timeout_sec=0.1)
    transforms.close()
