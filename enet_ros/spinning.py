# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Executors that go on where a callback fails: rclpy itself stumbles over some requests."""

from __future__ import annotations

from typing import Any

from rclpy.executors import Executor, ExternalShutdownException, ShutdownException

from enet_ros.ros_logging import WARNING_PERIOD, one_line


def spin_on(executor: Executor, logger: Any) -> None:
    """Serve nodes until the executor or its context is shut down: the work of a thread."""
    while True:
        try:
            executor.spin()
        except (ExternalShutdownException, ShutdownException):
            return
        except Exception as error:
            tell_failure(logger, error)
        else:
            return


def tell_failure(logger: Any, error: Exception) -> None:
    """Log what a callback of rclpy has raised."""
    logger.error(
        f'request or timer failed: {type(error).__name__}: {one_line(error)}',
        throttle_duration_sec=WARNING_PERIOD,
    )
