# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a node begins: with rclpy and its parameters, or with one line that says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import rclpy
from rclpy.exceptions import ParameterException
from rclpy.logging import get_logger
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from enet_model.errors import UserError
from enet_ros.ros_logging import one_line

_Made = TypeVar('_Made', bound=Node)

# Where in the sources of rcl an error arose: of no use to whoever has mistyped an argument.
_PLACE = re.compile(r', at \S+:\d+')


class RosArgumentError(UserError):
    """The arguments behind `--ros-args` cannot be read."""


def start_node(make: Callable[[], _Made], name: str, args: Sequence[str] | None) -> _Made | None:
    """Initialise rclpy with the arguments ``args`` (None: of the process) and make a node.

    rclpy gets no signal handlers: they tear down what is still in use. Returns None, after one line
    in the log of ``name``, where arguments, parameters or what they name cannot be used.
    """
    try:
        _initialize(args)
        return make()
    except (UserError, ParameterException, ValueError) as error:
        get_logger(name).fatal(one_line(error))
        if rclpy.ok():
            rclpy.shutdown()
        return None


def _initialize(args: Sequence[str] | None) -> None:
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:  # an RCLError, which rclpy exports nowhere
        reason = _PLACE.sub('', str(error)).removeprefix('failed to initialize rcl: ')
        raise RosArgumentError(
            f'arguments of ROS: {reason}; wanted: --ros-args [-r NAME:=NAME] [-p PARAMETER:=VALUE] '
            '[--params-file FILE] ...'
        ) from error
