# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

pytest.importorskip('ament_index_python', reason='ROS 2 is not sourced')

from enet_ros.dds_profile import VARIABLES, profile_file
from enet_ros.node_benchmark.transports import TRANSPORTS, environment_of, without_shared_memory

COMES, CURED, UDP, UDP_CURED = TRANSPORTS
USERS = {'HOME': '/home/robot', **dict.fromkeys(VARIABLES, '/home/robot/own.xml')}


def test_each_way_has_an_environment_of_its_own(tmp_path: Path) -> None:
    found = {way: environment_of(way, USERS, tmp_path) for way in TRANSPORTS}
    profiles = {way: found[way].get(VARIABLES[0]) for way in TRANSPORTS}
    assert profiles[COMES] is profiles[UDP] is None
    assert profiles[CURED] == str(profile_file())
    assert profiles[UDP_CURED] == str(tmp_path / 'udp.xml')
    builtin = {way: found[way].get('FASTDDS_BUILTIN_TRANSPORTS') for way in TRANSPORTS}
    assert builtin == {COMES: None, CURED: None, UDP: 'UDPv4', UDP_CURED: None}
    assert {each['HOME'] for each in found.values()} == {'/home/robot'}


def test_a_profile_without_shared_memory_keeps_udp_and_its_buffer() -> None:
    changed = ElementTree.fromstring(without_shared_memory(profile_file().read_text()))
    names = {'': 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'}
    used = [each.text for each in changed.iterfind('.//userTransports/transport_id', names)]
    kinds = {
        each.findtext('transport_id', '', names): each.findtext('type', '', names)
        for each in changed.iterfind('.//transport_descriptor', names)
    }
    assert [kinds[str(name)] for name in used] == ['UDPv4']
    assert int(changed.findtext('.//receiveBufferSize', '', names)) >= 2 * 1920 * 1080 * 3
