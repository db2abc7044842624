# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml

from enet_ros.ground_obstacles import POINT_DTYPE
from enet_ros.topics import OUTPUTS

CONFIG = Path(__file__).parents[2] / 'config'
LARGEST_IMAGE = 1920 * 1080 * 3

# What RViz names its parts, and the type that a display takes: the plugin descriptions and the
# sources of ros2/rviz (rviz_default_plugins/plugins_description.xml, panel_factory.cpp).
DISPLAY_TYPES = {
    'rviz_default_plugins/Grid': '',
    'rviz_default_plugins/Image': 'sensor_msgs/msg/Image',
    'rviz_default_plugins/LaserScan': 'sensor_msgs/msg/LaserScan',
    'rviz_default_plugins/Map': 'nav_msgs/msg/OccupancyGrid',
    'rviz_default_plugins/PointCloud2': 'sensor_msgs/msg/PointCloud2',
    'rviz_default_plugins/TF': '',
}
PANELS = {'rviz_common/Displays', 'rviz_common/Views'}
TOOLS = {
    f'rviz_default_plugins/{name}'
    for name in ('Interact', 'MoveCamera', 'Select', 'FocusCamera', 'Measure')
}
VIEWS = {'rviz_default_plugins/Orbit'}
_CLOUD = {'Color Transformer', 'Position Transformer', 'Size (Pixels)', 'Style'}
PROPERTIES = {
    'rviz_default_plugins/Grid': {
        *('Cell Size', 'Color', 'Plane', 'Plane Cell Count', 'Reference Frame')
    },
    'rviz_default_plugins/Image': set(),
    'rviz_default_plugins/LaserScan': {*_CLOUD, 'Color'},
    'rviz_default_plugins/Map': {'Alpha', 'Color Scheme', 'Draw Behind', 'Use Timestamp'},
    'rviz_default_plugins/PointCloud2': {
        *_CLOUD,
        *('Autocompute Intensity Bounds', 'Channel Name', 'Use rainbow'),
    },
    'rviz_default_plugins/TF': set(),
}
ALWAYS = {'Class', 'Name', 'Enabled', 'Value', 'Topic'}
CAMERA_IMAGE = 'camera/image_raw'
SHOWN = {
    *(CAMERA_IMAGE, 'segmentation', 'segmentation/confidence', 'segmentation/overlay'),
    *('segmentation/grid', 'segmentation/scan', 'segmentation/obstacles'),
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
    differing = set(content['ros__parameters']) ^ set(defaults)
    assert not differing, 'in config/segment.yaml or in PARAMETERS, and not in both'
    assert content == {'ros__parameters': defaults}


@pytest.fixture(scope='module')
def rviz() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((CONFIG / 'segment.rviz').read_text())
    return content


@pytest.fixture(scope='module')
def displays(rviz: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the displays of the RViz file that have a topic."""
    return [each for each in rviz['Visualization Manager']['Displays'] if 'Topic' in each]


def test_rviz_knows_every_class_and_property(rviz: dict[str, Any]) -> None:
    manager = rviz['Visualization Manager']
    assert {panel['Class'] for panel in rviz['Panels']} <= PANELS
    assert {tool['Class'] for tool in manager['Tools']} <= TOOLS
    assert {manager['Views']['Current']['Class']} <= VIEWS
    for display in manager['Displays']:
        assert set(display) - ALWAYS <= PROPERTIES[display['Class']], display['Name']
        assert ('Topic' in display) == bool(DISPLAY_TYPES[display['Class']])


def test_rviz_shows_the_camera_and_the_results_in_displays_of_their_types(
    displays: list[dict[str, Any]],
) -> None:
    types = {topic.name: topic.type for topic in OUTPUTS} | {CAMERA_IMAGE: 'sensor_msgs/msg/Image'}
    assert {display['Topic']['Value'] for display in displays} == SHOWN
    for display in displays:
        assert DISPLAY_TYPES[display['Class']] == types[display['Topic']['Value']]
        if display['Class'].endswith('PointCloud2'):
            assert display['Channel Name'] in (POINT_DTYPE.names or ())


def test_rviz_asks_for_a_quality_of_service_that_the_publishers_offer(
    displays: list[dict[str, Any]],
) -> None:
    for display in displays:
        topic = display['Topic']
        camera = topic['Value'] == CAMERA_IMAGE
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
