# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What goes into the log of a node: one line an event, and what enet_model logs without ROS."""

from __future__ import annotations

import logging
from typing import Any

WARNING_PERIOD = 5.0
"""Time between two warnings of one kind [s]."""


def one_line(error: Exception) -> str:
    """Return the text of an error without line breaks; its type where it has none."""
    return ' '.join(str(error).split()) or type(error).__name__


class RosLogHandler(logging.Handler):
    """Passes on warnings and errors of ``enet_model`` until it is closed."""

    def __init__(self, logger: Any) -> None:
        super().__init__(logging.WARNING)
        self._logger = logger
        logging.getLogger('enet_model').addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        # One line of code each: rclpy forbids that a line logs at another level than before.
        if record.levelno >= logging.ERROR:
            self._logger.error(record.getMessage())
        else:
            self._logger.warning(record.getMessage())

    def close(self) -> None:
        """Pass on no more."""
        logging.getLogger('enet_model').removeHandler(self)
        super().close()
