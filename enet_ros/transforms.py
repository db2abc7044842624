# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where frames are: the one place that asks TF."""

from __future__ import annotations

from typing import Any

from builtin_interfaces.msg import Time as TimeMessage
from rclpy.node import Node
from rclpy.time import Time

from enet_ros.camera_pose import Pose, pose_from_transform


class TransformError(LookupError):
    """TF does not know where a frame is; the text says which and when."""


class Transforms:
    """Listens to TF from the first question on. Questions never wait: a late answer is none."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._buffer: Any = None
        self._listener: Any = None

    def lookup(self, target: str, source: str, stamp: TimeMessage) -> Pose:
        """Return the matrix that takes points from ``source`` to ``target`` at ``stamp``.

        TransformError where TF, or tf2_ros itself, is not there.
        """
        buffer = self._listening()
        from tf2_ros import TransformException

        try:
            found = buffer.lookup_transform(target, source, Time.from_msg(stamp)).transform
        except TransformException as error:
            raise TransformError(f'no transform from {source} to {target}: {error}') from error
        place, turn = found.translation, found.rotation
        return pose_from_transform((place.x, place.y, place.z), (turn.x, turn.y, turn.z, turn.w))

    def knows(self, target: str, source: str) -> bool:
        """Tell whether TF connects two frames at any time."""
        try:
            return bool(self._listening().can_transform(target, source, Time()))
        except TransformError:
            return False

    def _listening(self) -> Any:
        if self._buffer is None:
            try:
                from tf2_ros import Buffer, TransformListener
            except ImportError as error:
                raise TransformError(
                    'tf2_ros is not installed: set the parameter camera_pose, or '
                    'apt install ros-$ROS_DISTRO-tf2-ros'
                ) from error
            self._buffer = Buffer()
            self._listener = TransformListener(self._buffer, self._node)
        return self._buffer
