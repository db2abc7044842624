# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The latched message that says what the values of the mask mean."""

from __future__ import annotations

from copy import copy

from rclpy.lifecycle import LifecycleNode
from rclpy.publisher import Publisher
from std_msgs.msg import Header

from enet_ros import messages
from enet_ros.engine import Engine
from enet_ros.outputs import LATCHED, OVERRIDABLE


class LabelAnnouncement:
    """Publishes ``<camera>/segmentation/label_info`` whenever it would say something new."""

    def __init__(self, node: LifecycleNode, prefix: str) -> None:
        self._node = node
        self._topic = f'{prefix}segmentation/label_info'
        self._publisher: Publisher | None = None
        self._announced: tuple[tuple[str, ...], float] | None = None

    def announce(self, engine: Engine) -> None:
        """Publish once, for whoever comes, the names of the classes and the threshold."""
        spec, threshold = engine.segmenter.spec, engine.settings.confidence_threshold
        if self._announced == (spec.names, threshold):
            return
        self._announced = spec.names, threshold
        header = Header(stamp=self._node.get_clock().now().to_msg())
        try:
            message = messages.label_info(header, spec, threshold)
        except ImportError:
            self._node.get_logger().info(
                'vision_msgs is not installed: no segmentation/label_info '
                '(apt install ros-$ROS_DISTRO-vision-msgs)'
            )
            return
        # Not a lifecycle publisher: the classes are known from configuring on.
        if self._publisher is None:
            self._publisher = self._node.create_publisher(
                type(message), self._topic, copy(LATCHED), qos_overriding_options=OVERRIDABLE
            )
        self._publisher.publish(message)

    def close(self) -> None:
        """Remove the publisher."""
        if self._publisher is not None:
            self._node.destroy_publisher(self._publisher)
            self._publisher = None
