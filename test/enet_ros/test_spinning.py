# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from rclpy.executors import ExternalShutdownException, ShutdownException

from enet_ros.spinning import spin_on


@pytest.mark.parametrize('end', [None, ExternalShutdownException(), ShutdownException()])
def test_failures_are_logged_and_only_a_shutdown_ends_it(end: Any) -> None:
    executor, logger = mock.Mock(), mock.Mock()
    executor.spin.side_effect = [ValueError('type 99\nis none'), KeyError(), end]
    spin_on(executor, logger)
    assert executor.spin.call_count == 3
    said = [call.args[0] for call in logger.error.call_args_list]
    assert said == [
        'request or timer failed: ValueError: type 99 is none',
        'request or timer failed: KeyError: KeyError',
    ]
