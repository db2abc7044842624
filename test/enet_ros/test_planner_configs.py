# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameter files for planners: names, types, topics and figures fit both sides."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from enet_model.label_sets import CAMVID, Role

ROOT = Path(__file__).parents[2]
NAV2, NVBLOX = ROOT / 'config/nav2', ROOT / 'config/nvblox'
GUIDE = (ROOT / 'docs/planners.md').read_text()
FILES = sorted([*NAV2.glob('*.yaml'), *NVBLOX.glob('*.yaml')])
COSTMAPS = ('static_layer', 'obstacle_layer', 'voxel_layer', 'semantic_segmentation_layer')

Names = dict[str, type]
"""Parameters that a consumer declares, and the type that it insists on."""


def names_of(**kinds: str) -> Names:
    """Return names by type: ``int='width height'``."""
    types = {kind.__name__: kind for kind in (bool, int, float, str, list)}
    return {name: types[kind] for kind, names in kinds.items() for name in names.split()}


# As declared in ros-navigation/navigation2, jazzy, f4108e5 (1.3.13).
COSTMAP = names_of(
    str='global_frame robot_base_frame',
    bool='rolling_window track_unknown_space trinary_costmap',
    int='width height lethal_cost_threshold',
    float='resolution update_frequency publish_frequency',
    list='plugins',
)
LAYER = names_of(str='plugin', bool='enabled')
STATIC_LAYER = LAYER | names_of(
    str='map_topic',
    bool='map_subscribe_transient_local subscribe_to_updates footprint_clearing_enabled',
)
OBSTACLE_LAYER = LAYER | names_of(
    str='observation_sources',
    bool='footprint_clearing_enabled',
    int='combination_method',
    float='min_obstacle_height max_obstacle_height',
)
VOXEL_LAYER = OBSTACLE_LAYER | names_of(
    bool='publish_voxel_map',
    int='z_voxels unknown_threshold mark_threshold',
    float='origin_z z_resolution',
)
INFLATION_LAYER = LAYER | names_of(float='cost_scaling_factor inflation_radius')
OBSERVATION_SOURCE = names_of(
    str='topic sensor_frame data_type',
    bool='marking clearing inf_is_valid',
    float='min_obstacle_height max_obstacle_height obstacle_min_range obstacle_max_range '
    'raytrace_min_range raytrace_max_range observation_persistence expected_update_rate',
)
COLLISION_MONITOR = names_of(
    str='base_frame_id odom_frame_id',
    bool='base_shift_correction',
    float='transform_tolerance source_timeout stop_pub_timeout',
    list='polygons observation_sources',
)
POLYGON = names_of(
    str='type action_type points footprint_topic polygon_pub_topic',
    bool='visualize enabled',
    int='min_points',
    float='time_before_collision simulation_time_step',
)
MONITOR_SOURCES = {
    'scan': names_of(str='type topic', bool='enabled'),
    'pointcloud': names_of(str='type topic', bool='enabled', float='min_height max_height'),
}
# As declared in kiwicampus/semantic_segmentation_layer, jazzy, 274c713 (1.0.0).
SEMANTIC_LAYER = LAYER | names_of(
    str='observation_sources', bool='use_approximate_time_sync', int='combination_method'
)
SEMANTIC_SOURCE = names_of(
    str='segmentation_topic confidence_topic labels_topic pointcloud_topic',
    bool='visualize_tile_map use_cost_selection',
    float='min_obstacle_distance max_obstacle_distance tile_map_decay_time',
    list='class_types',
)
CLASS_TYPE = names_of(
    list='classes',
    bool='dominant_priority',
    int='base_cost max_cost mark_confidence samples_to_max_cost',
)
# As declared in NVIDIA-ISAAC-ROS/isaac_ros_nvblox, main, 319438a (4.3.0).
NVBLOX_NODE = names_of(
    str='mapping_type global_frame input_qos',
    bool='use_segmentation use_depth use_color',
    int='num_cameras',
)
NVBLOX_MULTI_MAPPER = names_of(
    bool='remove_small_connected_components', int='connected_mask_component_size_threshold'
)
# Plugins: their own parameters, and those of each of their sources.
LAYERS: dict[str, tuple[Names, Names]] = {
    'nav2_costmap_2d::StaticLayer': (STATIC_LAYER, {}),
    'nav2_costmap_2d::ObstacleLayer': (OBSTACLE_LAYER, OBSERVATION_SOURCE),
    'nav2_costmap_2d::VoxelLayer': (VOXEL_LAYER, OBSERVATION_SOURCE),
    'nav2_costmap_2d::InflationLayer': (INFLATION_LAYER, {}),
    'semantic_segmentation_layer::SemanticSegmentationLayer': (SEMANTIC_LAYER, SEMANTIC_SOURCE),
}


@dataclass(frozen=True)
class Use:
    """A topic that a consumer takes, its type and the quality of service that it asks for."""

    topic: str
    type: str
    reliability: str = 'BEST_EFFORT'
    durability: str = 'VOLATILE'


LATCHED = ('RELIABLE', 'TRANSIENT_LOCAL')
SCAN = Use('segmentation/scan', 'sensor_msgs/msg/LaserScan')
OBSTACLES = Use('segmentation/obstacles', 'sensor_msgs/msg/PointCloud2')
USES: dict[str, set[Use]] = {
    'static_layer': {Use('segmentation/grid', 'nav_msgs/msg/OccupancyGrid', *LATCHED)},
    'obstacle_layer': {SCAN},
    'voxel_layer': {SCAN, OBSTACLES},
    'collision_monitor': {SCAN, OBSTACLES},
    'semantic_segmentation_layer': {
        Use('segmentation', 'sensor_msgs/msg/Image'),
        Use('segmentation/confidence', 'sensor_msgs/msg/Image'),
        Use('segmentation/label_info', 'vision_msgs/msg/LabelInfo', *LATCHED),
    },
    # Named in remaps, which stand in the guide.
    'nvblox': {
        Use('segmentation', 'sensor_msgs/msg/Image', 'RELIABLE'),
        Use('segmentation/camera_info', 'sensor_msgs/msg/CameraInfo', 'RELIABLE'),
    },
}
FOREIGN_TOPICS = {'/camera/depth/points', '/local_costmap/published_footprint'}


def load(name: str) -> dict[str, Any]:
    """Return the parameters of the one node that a file is for."""
    (path,) = (path for path in FILES if path.stem == name)
    content = yaml.safe_load(path.read_text())
    for key in {
        'collision_monitor': ('collision_monitor', 'ros__parameters'),
        'nvblox': ('/**', 'ros__parameters'),
    }.get(name, ('local_costmap', 'local_costmap', 'ros__parameters')):
        assert list(content) == [key]
        content = content[key]
    return dict(content)


def check(values: dict[str, Any], names: Names, *groups: str) -> None:
    """Check names and types of all values but those of ``groups``, which are read elsewhere."""
    assert set(values) - set(names) == set(groups)
    for name in values.keys() - set(groups):
        assert type(values[name]) is names[name], name


def sources_of(layer: dict[str, Any]) -> list[str]:
    return str(layer.get('observation_sources', '')).split()


def topics_in(values: dict[str, Any]) -> set[str]:
    found = set()
    for key, value in values.items():
        if isinstance(value, dict):
            found |= topics_in(value)
        elif key.endswith('topic') and key != 'polygon_pub_topic':
            found.add(value)
    return found


def test_every_file_is_known_here_and_described_in_the_guide() -> None:
    assert {path.stem for path in FILES} == set(USES)
    for path in FILES:
        assert f'(../{path.relative_to(ROOT)})' in GUIDE
    for link in re.findall(r'\(\.\./(.*?)\)', GUIDE):
        assert (ROOT / link).is_file()


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_the_header_says_what_the_file_takes_and_what_it_was_checked_against(path: Path) -> None:
    header = path.read_text().partition('\n\n')[0]
    takes, _, rest = header.partition('# Takes:')[2].partition('# QoS:')
    qos, _, rest = rest.partition('# Checked:')
    checked, _, needs = rest.partition('# Needs:')
    for use in USES[path.stem]:
        assert re.search(rf'/{use.topic}\b(?!/)', takes), use.topic
        assert use.type.replace('/msg', '') in takes
    assert 'offered reliable' in qos
    assert re.search(r'\b[0-9a-f]{7}\b', checked)
    assert needs


@pytest.mark.parametrize('name', COSTMAPS)
def test_a_costmap_has_only_parameters_that_its_layers_declare(name: str) -> None:
    costmap = load(name)
    check(costmap, COSTMAP, *costmap['plugins'])
    for layer_name in costmap['plugins']:
        layer = costmap[layer_name]
        names, source_names = LAYERS[layer['plugin']]
        check(layer, names, *sources_of(layer))
        for source in sources_of(layer):
            class_types = layer[source].get('class_types', [])
            check(layer[source], source_names, *class_types)
            for class_type in class_types:
                check(layer[source][class_type], CLASS_TYPE)


def test_the_collision_monitor_has_only_parameters_that_it_declares() -> None:
    monitor = load('collision_monitor')
    sources = ['segmentation_scan', 'segmentation_obstacles']
    check(monitor, COLLISION_MONITOR, *monitor['polygons'], *sources)
    for polygon in monitor['polygons']:
        check(monitor[polygon], POLYGON)
    for source in sources:
        check(monitor[source], MONITOR_SOURCES[monitor[source]['type']])
    assert len(monitor['observation_sources']) == 1, 'both hold the same contacts'
    assert set(monitor['observation_sources']) < set(sources)


def test_nvblox_has_only_parameters_that_it_declares() -> None:
    nvblox = load('nvblox')
    check(nvblox, NVBLOX_NODE, 'multi_mapper')
    check(nvblox['multi_mapper'], NVBLOX_MULTI_MAPPER)
    assert nvblox['mapping_type'].startswith('human'), 'the other mappers refuse a mask'
    assert nvblox['use_segmentation']


@pytest.mark.parametrize('name', sorted(set(USES) - {'nvblox'}))
def test_the_topics_of_a_file_are_those_that_it_says_it_takes(name: str) -> None:
    # Absolute: a costmap would look for relative names in its own namespace.
    assert topics_in(load(name)) - FOREIGN_TOPICS == {f'/{use.topic}' for use in USES[name]}


@pytest.mark.parametrize('name', [*COSTMAPS, 'collision_monitor', 'nvblox'])
def test_frames_are_those_of_the_node(name: str) -> None:
    defaults = yaml.safe_load((ROOT / 'config/segment.yaml').read_text())['/**']['ros__parameters']
    frames = {
        key: value for key, value in load(name).items() if key.endswith(('frame', 'frame_id'))
    }
    assert frames
    for key, frame in frames.items():
        assert frame == defaults['base_frame' if 'base' in key else 'grid_frame'], key


@pytest.mark.parametrize('name', COSTMAPS)
def test_a_costmap_keeps_unknown_and_rolls_inside_the_grid(name: str) -> None:
    node = yaml.safe_load((ROOT / 'config/segment.yaml').read_text())['/**']['ros__parameters']
    costmap = load(name)
    assert costmap['track_unknown_space'] is True
    assert costmap['rolling_window'] is True
    assert costmap['plugins'][-1] == 'inflation_layer', 'it inflates what is there already'
    assert max(costmap['width'], costmap['height']) < node['grid_size']
    assert costmap['resolution'] <= node['grid_resolution']


@pytest.mark.parametrize('name', ['obstacle_layer', 'voxel_layer'])
def test_what_clears_does_not_mark_and_what_falls_silent_is_noticed(name: str) -> None:
    costmap = load(name)
    layer = costmap['segmentation_layer']
    mark, clear = (layer[source] for source in sources_of(layer))
    assert (mark['marking'], mark['clearing']) == (True, False)
    assert (clear['marking'], clear['clearing']) == (False, True)
    assert not mark.get('inf_is_valid', False), 'an inf would be an obstacle'
    assert clear['inf_is_valid'], 'an inf is free ground'
    assert clear['data_type'] == 'LaserScan', 'the points tell of no free ground'
    assert mark['obstacle_max_range'] <= costmap['width'] / 2
    for window in (layer, mark, clear):
        assert window['min_obstacle_height'] < 0.0 < 0.25 < window['max_obstacle_height']
    for source in (mark, clear):
        assert source['expected_update_rate'] > 0.0


def test_marks_and_rays_share_a_voxel() -> None:
    from enet_ros.ground_obstacles import POINT_HEIGHT

    layer = load('voxel_layer')['segmentation_layer']
    heights = np.array([-0.2, 0.0, POINT_HEIGHT])  # drifting odometry, scan and base, points
    voxels = np.floor((heights - layer['origin_z']) / layer['z_resolution'])
    assert set(voxels) == {0.0}
    # VoxelLayer::getSizeInMetersZ, above which it ends its rays.
    top = layer['origin_z'] + (layer['z_voxels'] - 0.5) * layer['z_resolution']
    assert heights.max() < top
    assert layer['z_voxels'] <= 16


def test_the_semantic_layer_treats_each_class_by_its_role() -> None:
    source = load('semantic_segmentation_layer')['semantic_segmentation_layer']['camera']
    roles = {label_class.name: label_class.role for label_class in CAMVID.classes}
    named = {name: kind for kind in source['class_types'] for name in source[kind]['classes']}
    assert named == {n: role.value for n, role in roles.items() if role is not Role.BACKGROUND}
    ground, obstacle = source['traversable'], source['obstacle']
    assert obstacle['base_cost'] == obstacle['max_cost'] == 254
    assert 0 < ground['base_cost'] < 253, 'a single sight does not make ground free'
    assert ground['max_cost'] == 0
    assert 0 < ground['mark_confidence'] < 255


def test_the_node_publishes_what_the_files_take(
    color_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rclpy = pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')
    from rclpy.qos import (
        DurabilityPolicy,
        QoSCompatibility,
        QoSProfile,
        ReliabilityPolicy,
        qos_check_compatible,
    )
    from std_msgs.msg import Header

    from enet_ros import messages
    from enet_ros.segmentation_lifecycle import SegmentationNode

    # In place of vision_msgs, which need not be there: the topic counts.
    monkeypatch.setattr(messages, 'label_info', lambda header, *_: Header(stamp=header.stamp))
    rclpy.init(args=['--ros-args', '-p', f'model:={color_model}', '-p', 'device:=cpu'])
    node = SegmentationNode()
    try:
        node.trigger_configure()
        offers = {publisher.topic_name: publisher for publisher in node.publishers}
        for use in set().union(*USES.values()):
            offer = offers[f'/{use.topic}']
            kind = offer.msg_type
            name = f'{kind.__module__.partition(".")[0]}/msg/{kind.__name__}'
            assert name == use.type or use.topic.endswith('label_info')
            asked = QoSProfile(
                depth=5,
                reliability=ReliabilityPolicy[use.reliability],
                durability=DurabilityPolicy[use.durability],
            )
            compatible, reason = qos_check_compatible(offer.qos_profile, asked)
            assert compatible != QoSCompatibility.ERROR, f'{use.topic}: {reason}'
    finally:
        node.destroy_node()
        rclpy.shutdown()
