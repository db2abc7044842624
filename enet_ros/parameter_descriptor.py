# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What `ros2 param describe` shows of a parameter."""

from __future__ import annotations

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor


def describe(
    text: str, limits: tuple[float, float] | None, *, is_whole: bool, read_only: bool
) -> ParameterDescriptor:
    """Return the description of a parameter, with the limits of a number, both of them included.

    ``is_whole`` tells an integer from a double; rclpy refuses values outside of the range.
    """
    descriptor = ParameterDescriptor(description=text, read_only=read_only)
    if limits is None:
        return descriptor
    low, high = limits
    if is_whole:
        descriptor.integer_range = [IntegerRange(from_value=int(low), to_value=int(high), step=1)]
    else:
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=float(low), to_value=float(high))
        ]
    return descriptor
