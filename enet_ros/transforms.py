# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where frames are: the one place that asks TF."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from builtin_interfaces.msg import Time as TimeMessage
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.time import Time

from enet_ros.camera_pose import Pose, pose_from_transform
from enet_ros.spinning import spin_on

PATIENCE = 0.1
"""Longest time that a frame waits for its transform [s]."""
SETTLING = 1.0
"""Time from the first question until everything that TF has to say has come [s]."""
_JUMP_BACK = JumpThreshold(
    min_forward=None, min_backward=Duration(seconds=-1), on_clock_change=True
)


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
        self._open = contextlib.ExitStack()
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
        self._open.close()
        self._buffer = None

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
            listener = Node(
                name,
                namespace=self._asker.get_namespace(),
                context=self._asker.context,
                cli_args=['--ros-args', '-r', f'__node:={name}'],
                start_parameter_services=False,
            )
            # Without a node, of which it would take a clock and offer a service. The listener's
            # clock knows no simulated time where launch gives that to our node alone, and a policy
            # of SROS 2 would have to allow the service.
            self._buffer = Buffer()
            TransformListener(self._buffer, listener)
            jumps = self._asker.get_clock().create_jump_callback(
                _JUMP_BACK, post_callback=self._forget
            )
            self._since = time.monotonic()
            executor = SingleThreadedExecutor(context=self._asker.context)
            executor.add_node(listener)
            thread = threading.Thread(
                target=spin_on, args=(executor, listener.get_logger()), daemon=True
            )
            thread.start()
            for undo in (listener.destroy_node, thread.join, executor.shutdown, jumps.unregister):
                self._open.callback(undo)  # the last one first
        return self._buffer

    def _forget(self, jump: Any) -> None:
        """Drop what came before the clock jumped back, as where a bag begins again.

        TF refuses what is older than what it holds, and would hear no transform any more.
        """
        if self._buffer is not None:
            self._buffer.clear()
