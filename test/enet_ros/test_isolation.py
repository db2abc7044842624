# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from enet_ros.isolation import DOMAIN, RANGE, isolate


def test_processes_keep_to_themselves() -> None:
    environment = {'HOME': '/home/robot'}
    isolate(environment)
    assert environment[RANGE] == 'LOCALHOST'
    assert 1 <= int(environment[DOMAIN]) <= 101, 'domains above that have no ports everywhere'
    assert environment['HOME'] == '/home/robot'


def test_what_is_said_otherwise_is_kept() -> None:
    said = {RANGE: 'SUBNET', DOMAIN: '7'}
    environment = dict(said)
    isolate(environment)
    assert environment == said
