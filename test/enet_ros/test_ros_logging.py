# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import logging
from unittest import mock

from enet_ros.ros_logging import RosLogHandler, one_line


def test_an_error_is_one_line_that_says_something() -> None:
    assert one_line(ValueError('a file\n  of two\tlines\n')) == 'a file of two lines'
    assert one_line(KeyError()) == 'KeyError'


def test_warnings_and_errors_of_the_model_come_through_until_it_is_closed() -> None:
    logger = mock.Mock()
    handler = RosLogHandler(logger)
    source = logging.getLogger('enet_model.segmenter')
    source.info('not this')
    source.warning('device %r is lost', 'cuda')
    source.error('the CPU takes over')
    logging.getLogger('somebody.else').error('not this either')
    handler.close()
    source.error('nor this')
    assert logger.mock_calls == [
        mock.call.warning("device 'cuda' is lost"),
        mock.call.error('the CPU takes over'),
    ]
