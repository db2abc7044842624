# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where frames are: the one place that asks TF."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from builtin_interfaces.msg import Time as TimeMessage
from rclpy.duration import Duration
from rclpy.executors import (
    ExternalShutdownException,
    ShutdownException,
    SingleThreadedExecutor,
)
from rclpy.node import Node
from rclpy.time import Time

from enet_ros.camera_pose import Pose, pose_from_transform

PATIENCE = 0.1
"""Longest time that a frame waits for its transform [s]."""
SETTLING = 1.0
"""Time from the first question until everything that TF has to say has come [s]."""


class TransformError(LookupError):
    """TF does not know where a frame is; the text says which and when."""


class Transforms:
    """Listens to TF from the first question on, in a thread of its own.

    The transform of a frame often arrives while the frame is being labelled; the node's own
    executor would hear of it after the question.
    """

    def __init__(self, node: Node) -> None:
        self._asker = node
        self._buffer: Any = None
        self._listener: Node | None = None
        self._executor: SingleThreadedExecutor | None = None
        self._since = 0.0

    def lookup(self, target: str, source: str, stamp: TimeMessage) -> Pose:
        """Return the matrix that takes points from ``source`` to ``target`` at ``stamp``.

        A transform between frames that TF connects is waited for, :data:`PATIENCE` at most.
        TransformError where TF, or tf2_ros itself, is not there.
        """
        buffer = self._listening()
        from tf2_ros import TransformException

        try:
            patience = PATIENCE if self.knows(target, source) else 0.0
            found = buffer.lookup_transform(
                target, source, Time.from_msg(stamp), Duration(seconds=patience)
            ).transform
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

    @property
    def is_settled(self) -> bool:
        """Whether what TF does not know by now is not there: it has been heard for a while."""
        return self._buffer is None or time.monotonic() - self._since > SETTLING

    def close(self) -> None:
        """Stop listening."""
        if self._executor is not None and self._listener is not None:
            self._executor.shutdown()
            self._listener.destroy_node()
        self._buffer = self._listener = self._executor = None

    def _listening(self) -> Any:
        if self._buffer is None:
            try:
                from tf2_ros import Buffer, TransformListener
            except ImportError as error:
                raise TransformError(
                    'tf2_ros is not installed: set the parameter camera_pose, or '
                    'apt install ros-$ROS_DISTRO-tf2-ros'
                ) from error
            # A name of its own also where the node was renamed on the command line.
            name = f'{self._asker.get_name()}_transforms'
            self._listener = Node(
                name,
                namespace=self._asker.get_namespace(),
                context=self._asker.context,
                cli_args=['--ros-args', '-r', f'__node:={name}'],
                start_parameter_services=False,
            )
            # The node's clock tells the buffer of jumps, as when a bag begins again.
            self._buffer = Buffer(node=self._listener)
            TransformListener(self._buffer, self._listener)
            self._since = time.monotonic()
            self._executor = SingleThreadedExecutor(context=self._asker.context)
            self._executor.add_node(self._listener)
            threading.Thread(target=_spin, args=(self._executor,), daemon=True).start()
        return self._buffer


def _spin(executor: SingleThreadedExecutor) -> None:
    # Closing the executor, or the context, from the other thread ends the spin either way.
    with contextlib.suppress(ExternalShutdownException, ShutdownException):
        executor.spin()
