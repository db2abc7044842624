# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

CONFIG = Path(__file__).parents[2] / 'config'
LARGEST_IMAGE = 1920 * 1080 * 3

# What RViz names the display of a type of message (rviz_default_plugins/plugins_description.xml).
DISPLAYS = {
    'camera/image_raw': 'rviz_default_plugins/Image',
    'segmentation': 'rviz_default_plugins/Image',
    'segmentation/confidence': 'rviz_default_plugins/Image',
    'segmentation/overlay': 'rviz_default_plugins/Image',
    'segmentation/grid': 'rviz_default_plugins/Map',
    'segmentation/scan': 'rviz_default_plugins/LaserScan',
    'segmentation/obstacles': 'rviz_default_plugins/PointCloud2',
}


def test_the_parameter_file_holds_every_parameter_with_its_default() -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')
    from enet_ros.parameters import PARAMETERS

    (nodes, content) = yaml.safe_load((CONFIG / 'segment.yaml').read_text()).popitem()

    assert nodes == '/**', 'a node in a namespace would not find its parameters'
    defaults: dict[str, Any] = {
        parameter.name: [] if parameter.default == () else parameter.default
        for parameter in PARAMETERS
    }
    assert content == {'ros__parameters': defaults}


@pytest.fixture(scope='module')
def displays() -> list[dict[str, Any]]:
    """Return the displays of the RViz file that have a topic."""
    manager = yaml.safe_load((CONFIG / 'segment.rviz').read_text())['Visualization Manager']
    return [display for display in manager['Displays'] if 'Topic' in display]


def test_rviz_shows_the_camera_and_every_result(displays: list[dict[str, Any]]) -> None:
    assert {display['Topic']['Value']: display['Class'] for display in displays} == DISPLAYS


def test_rviz_asks_for_a_quality_of_service_that_the_publishers_offer(
    displays: list[dict[str, Any]],
) -> None:
    for display in displays:
        topic = display['Topic']
        camera = topic['Value'] == 'camera/image_raw'
        assert topic['Reliability Policy'] == ('Best Effort' if camera else 'Reliable')
        assert topic['Durability Policy'] == 'Volatile'
        assert topic['History Policy'] == 'Keep Last'
        assert topic['Depth'] == 1


def test_rviz_shows_a_display_or_leaves_it(displays: list[dict[str, Any]]) -> None:
    # RViz saves the tick of a display twice.
    assert all(display['Enabled'] is display['Value'] for display in displays)
    names = [display['Name'] for display in displays]
    assert len(set(names)) == len(names)


def test_the_middleware_has_room_for_several_large_images() -> None:
    root = ElementTree.parse(CONFIG / 'fastdds.xml').getroot()
    spaces = {'dds': 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'}
    transports = {
        transport.findtext('dds:transport_id', namespaces=spaces): transport
        for transport in root.iterfind('.//dds:transport_descriptor', spaces)
    }
    participant = root.find('.//dds:participant[@is_default_profile="true"]', spaces)

    assert participant is not None
    used = [
        transports[element.text]
        for element in participant.iterfind('.//dds:userTransports/dds:transport_id', spaces)
    ]
    kinds = {transport.findtext('dds:type', namespaces=spaces): transport for transport in used}
    assert set(kinds) == {'SHM', 'UDPv4'}, 'UDP reaches the other machines'
    size = kinds['SHM'].findtext('dds:segment_size', namespaces=spaces)
    assert int(size or 0) >= 10 * LARGEST_IMAGE
