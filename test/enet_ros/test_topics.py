# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The table of topics and services says what the node really offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

from enet_ros import messages
from enet_ros.topics import INPUTS, OUTPUTS, SERVICES, Quality

if TYPE_CHECKING:
    from node_bench import Bench

LABEL_INFO = 'segmentation/label_info'
COMMON = {'/rosout', '/parameter_events'}
Facts = dict[str, tuple[str, Quality]]


def type_of(interface: Any) -> str:
    package, kind, *_ = interface.__module__.split('.')
    return f'{package}/{kind}/{interface.__name__}'


def quality_of(qos: QoSProfile) -> Quality:
    assert qos.depth == 1
    reliable = qos.reliability == ReliabilityPolicy.RELIABLE
    latched = qos.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return {
        (False, False): Quality.BEST_EFFORT,
        (True, False): Quality.RELIABLE,
        (True, True): Quality.LATCHED,
    }[reliable, latched]


def offered(entities: Any) -> Facts:
    return {
        each.topic_name: (type_of(each.msg_type), quality_of(each.qos_profile))
        for each in entities
        if each.topic_name not in COMMON and not each.topic_name.endswith('/transition_event')
    }


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_topics_have_the_types_and_qualities_of_the_table(
    benches: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    # In place of vision_msgs, which need not be there.
    monkeypatch.setattr(messages, 'label_info', lambda header, *_: Header(stamp=header.stamp))
    bench = benches(transport=transport)
    bench.activate()

    outputs = offered(bench.node.publishers)
    _, label_quality = outputs.pop(f'/{LABEL_INFO}')
    listed = {f'/{topic.name.lstrip("/")}': (topic.type, topic.quality) for topic in OUTPUTS}
    assert listed.pop(f'/{LABEL_INFO}') == ('vision_msgs/msg/LabelInfo', label_quality)
    assert outputs == listed

    unused = 'image' if transport == 'compressed' else 'image/compressed'
    assert offered(bench.node.subscriptions) == {
        f'/{topic.name}': (topic.type, topic.quality) for topic in INPUTS if topic.name != unused
    }


def test_services_are_those_of_the_table(benches: Callable[..., Bench]) -> None:
    node = benches().node
    own = {
        service.srv_name: type_of(service.srv_type)
        for service in node.services
        if type_of(service.srv_type).startswith('std_srvs/')
    }
    assert own == {f'~/{service.name}': service.type for service in SERVICES}
