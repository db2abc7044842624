# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo makes of answers that are lost or late; test_demo.py has the nodes themselves."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.task import Future

from enet_ros import demo_nodes
from enet_ros.demo_nodes import Demo, DemoError
from enet_ros.demo_report import Album, Progress
from enet_ros.stop_signal import StopSignal

CONFIGURE = Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE
LOST = None
SUCCESS, REFUSAL = (ChangeState.Response(success=success) for success in (True, False))
UNCONFIGURED, INACTIVE = (
    GetState.Response(current_state=State(id=state))
    for state in (State.PRIMARY_STATE_UNCONFIGURED, State.PRIMARY_STATE_INACTIVE)
)


class Service:
    """Gives prepared answers, of which LOST never comes; so does every one after the last."""

    def __init__(self, *answers: Any) -> None:
        self.left = list(answers)
        self.requests = 0

    def call_async(self, request: Any) -> Future:
        self.requests += 1
        future = Future()
        answer = self.left.pop(0) if self.left else LOST
        if answer is not LOST:
            future.set_result(answer)
        return future


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    monkeypatch.setattr(demo_nodes, '_ANSWER', 0.01)
    never = cast(StopSignal, threading.Event())
    demo = Demo(Progress(1), Album(tmp_path, 1), 0.3, never)
    monkeypatch.setattr(demo, '_spin_once', lambda: None)
    return demo


def listen(demo: Demo, change_state: Service, get_state: Service) -> None:
    services = SimpleNamespace(change_state=change_state, get_state=get_state)
    vars(demo)['_monitor'] = services


@pytest.mark.parametrize(
    ('changes', 'states', 'requests'),
    [
        ([SUCCESS], [], 1),
        ([LOST], [INACTIVE], 1),
        ([LOST], [LOST, LOST, INACTIVE], 1),
        ([LOST, SUCCESS], [UNCONFIGURED], 2),
        ([LOST, LOST], [UNCONFIGURED, LOST, INACTIVE], 2),
    ],
)
def test_asks_again_only_when_the_node_has_not_heard(
    demo: Demo,
    changes: list[Any],
    states: list[Any],
    requests: int,
) -> None:
    service = Service(*changes)
    listen(demo, service, Service(*states))
    demo._change_state(*CONFIGURE)
    assert service.requests == requests


def test_a_refusal_is_an_error(demo: Demo) -> None:
    listen(demo, Service(REFUSAL), Service())
    with pytest.raises(DemoError, match='cannot be configured: see its message'):
        demo._change_state(*CONFIGURE)


def test_a_node_that_does_not_answer_is_an_error(demo: Demo) -> None:
    silent = Service()
    listen(demo, silent, Service())
    with pytest.raises(DemoError, match=r'not been configured within 0\.3 s \(--timeout\)'):
        demo._change_state(*CONFIGURE)
    assert silent.requests == 1
