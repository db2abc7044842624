# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What enet_model logs, which knows nothing of ROS, in the log of a node."""

from __future__ import annotations

import logging
from typing import Any


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
