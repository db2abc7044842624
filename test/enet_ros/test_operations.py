# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is shipped for fleets fits the node: SROS 2 policy, systemd unit, Dockerfiles."""

from __future__ import annotations

import configparser
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enet_ros.segmentation_node import GRACE

if TYPE_CHECKING:
    from node_bench import Bench

ROOT = Path(__file__).parents[2]
POLICY = ElementTree.parse(ROOT / 'config' / 'sros2' / 'policy.xml').getroot()
UNIT = ROOT / 'config' / 'systemd' / 'enet_ros.service'
# Heard through tf2_ros and simulated time, where they are asked for.
ONLY_WHEN_ASKED = {'/clock', '/parameter_events', '/tf', '/tf_static'}


def allowed(kind: str, permission: str) -> set[str]:
    """Return the full names that the policy allows."""
    return {
        _full(entry.text or '')
        for rule in POLICY.iter(kind)
        if rule.get(permission) == 'ALLOW'
        for entry in rule
    }


def _full(name: str) -> str:
    if name.startswith('~/'):
        return f'/segmentation_node{name[1:]}'
    return name if name.startswith('/') else f'/{name}'


@pytest.fixture
def bench(benches: Callable[..., Bench]) -> Bench:
    pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    bench = benches()
    bench.activate()
    return bench


def names_of(bench: Bench, query: str) -> set[str]:
    """Return the topics or services of the node, as the graph has them."""
    ask = getattr(bench.peer, f'get_{query}_names_and_types_by_node')
    found: list[tuple[str, Any]] = []

    def asked() -> bool:
        found[:] = ask('segmentation_node', '/')
        return any('segmentation' in name or 'image' in name for name, _ in found)

    bench.spin(asked)
    return {name for name, _ in found}


def test_the_policy_allows_what_the_node_does_and_no_more(bench: Bench) -> None:
    optional = {'/segmentation/label_info'}  # where vision_msgs is installed
    assert names_of(bench, 'publisher') | optional == allowed('topics', 'publish')
    heard = {
        name.replace('/camera/image_raw', '/image').replace('/camera/', '/')
        for name in allowed('topics', 'subscribe')
    }
    assert heard - ONLY_WHEN_ASKED - {'/image/compressed'} == (
        names_of(bench, 'subscriber') - ONLY_WHEN_ASKED
    )
    listener = {'/segmentation_node_transforms/get_type_description'}  # where TF is asked
    assert names_of(bench, 'service') | listener == allowed('services', 'reply')
    assert allowed('services', 'request') == set()


def test_the_unit_starts_the_node_with_parameters_that_there_are() -> None:
    pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    from enet_ros.parameters import PARAMETERS

    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    service = unit['Service']
    command = service['ExecStart']
    named = set(re.findall(r'-p (\w+):=', command))
    assert named == {'autostart'}
    assert named <= {parameter.name for parameter in PARAMETERS}
    assert 'exec $WORKSPACE/install/enet_ros/lib/enet_ros/segmentation_node' in command
    assert service['Restart'] == 'on-failure'
    assert float(service['TimeoutStopSec']) > 2 * GRACE


@pytest.mark.parametrize('name', ['Dockerfile', 'Dockerfile.jetson'])
def test_a_dockerfile_copies_what_there_is_and_says_that_it_was_not_built(name: str) -> None:
    text = (ROOT / 'docker' / name).read_text()
    assert 'Not built here' in text
    sources = re.findall(r'^COPY (\S+) ', text, re.M)
    assert sources
    assert all((ROOT / source).exists() for source in sources)
    assert 'STOPSIGNAL SIGINT' in text
