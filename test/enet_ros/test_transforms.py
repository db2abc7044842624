# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import importlib.util
import time
from collections.abc import Iterator
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
