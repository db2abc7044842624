# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the guide for planners says and shows is so: its example, its figures, its commands."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml

from enet_model.label_sets import CAMVID, Role

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / 'docs/planners.md').read_text()


def costmap_of(name: str) -> dict[str, Any]:
    content = yaml.safe_load((ROOT / f'config/nav2/{name}.yaml').read_text())
    parameters: dict[str, Any] = content['local_costmap']['local_costmap']['ros__parameters']
    return parameters


def static_layer_cost(costmap: dict[str, Any], value: int) -> int:
    """Return the cost that StaticLayer::interpretValue makes of a value of a grid."""
    if value == -1:
        return 255 if costmap['track_unknown_space'] else 0
    if value >= costmap['lethal_cost_threshold']:
        return 254
    return 0 if costmap['trinary_costmap'] else value * 254 // costmap['lethal_cost_threshold']


@pytest.fixture(scope='module')
def example() -> SimpleNamespace:
    """Run the guide's example: the camera that the figures in the files are for."""
    pytest.importorskip('sensor_msgs', reason='needs ROS 2 (sensor_msgs)')
    (code,) = re.findall(r'```python\n(.*?)```', GUIDE, re.DOTALL)
    printed: list[str] = []
    names: dict[str, Any] = {'print': printed.append}
    exec(code, names)
    return SimpleNamespace(**names, printed=printed)


def test_the_example_prints_what_the_guide_says(example: SimpleNamespace) -> None:
    assert [f'It prints `{line}`.' in GUIDE for line in example.printed] == [True]
    (pose,) = re.findall(r'camera_pose: (\[.*?\])', GUIDE)
    assert re.findall(r'pose_from_body\((.*?)\)', GUIDE) == [pose.strip('[]')]


def test_the_figures_in_the_files_fit_the_example(example: SimpleNamespace) -> None:
    blind, reach = example.scan.blind_range, example.scan.range_max
    for name in ('obstacle_layer', 'voxel_layer'):
        layer = costmap_of(name)['segmentation_layer']
        assert blind <= layer['segmentation_clear']['raytrace_min_range'] < blind + 0.5
        assert layer['segmentation_clear']['raytrace_max_range'] >= reach
        assert layer['segmentation_mark']['obstacle_max_range'] < reach
    monitor = yaml.safe_load((ROOT / 'config/nav2/collision_monitor.yaml').read_text())
    stop = monitor['collision_monitor']['ros__parameters']['SegmentationStop']
    points = ast.literal_eval(stop['points'])
    assert max(x for x, _ in points) > blind + 0.1


def test_the_static_layer_tells_ground_contacts_and_unknown_apart(
    example: SimpleNamespace,
) -> None:
    from enet_ros.free_space import look
    from enet_ros.ground_plane import GroundPlane
    from enet_ros.occupancy_grid import occupancy_grid

    costmap, default = costmap_of('static_layer'), {'lethal_cost_threshold': 100}
    rows, columns = example.network
    labels = np.zeros((rows, columns), np.uint8)
    labels[: rows // 4] = 1  # from 3.5 m on
    confidence = np.full_like(labels, 140)  # of 255: a network that is not sure
    plane = GroundPlane(
        example.camera, example.pose, example.network, max_range=15.0, resolution=0.1
    )
    roles = (Role.TRAVERSABLE, Role.OBSTACLE)
    view = look(plane, labels, confidence, roles, min_confidence=0.0)
    grid = occupancy_grid(view).data
    costs = {value: static_layer_cost(costmap, value) for value in np.unique(grid).tolist()}

    free, contacts = grid[(grid >= 0) & (grid < 50)], grid[grid >= 50]
    assert free.size > 100
    assert contacts.size > 10
    assert costs.pop(-1) == 255
    assert all(0 < costs[value] < 253 for value in np.unique(free).tolist()), 'doubtful, passable'
    assert {costs[value] for value in np.unique(contacts).tolist()} == {254}
    weak = {static_layer_cost(costmap | default, value) for value in np.unique(contacts).tolist()}
    assert max(weak) < 253, "with Nav2's default they would be passable"


def test_the_mask_for_nvblox_holds_people_and_vehicles_and_the_stamp() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='needs ROS 2 (sensor_msgs)')
    import sensor_msgs
    from std_msgs.msg import Header

    (expression,) = re.findall(r"'(sensor_msgs\.msg\.Image\(.*?\))' \\\n", GUIDE, re.DOTALL)
    # As topic_tools' transform does it.
    transform: Callable[[Any], Any] = eval(
        f'lambda m: {expression}', {'sensor_msgs': sensor_msgs, 'numpy': np}
    )
    header = Header(frame_id='camera_optical_frame')
    header.stamp.sec = 7
    labels = bytes([*range(len(CAMVID.classes)), 255])
    mask = transform(
        messages.Image(header=header, height=2, width=6, encoding='mono8', step=6, data=labels)
    )

    assert mask.header == header
    assert (mask.height, mask.width, mask.step, mask.encoding) == (2, 6, 6, 'mono8')
    people = [CAMVID.id_of(name) for name in ('car', 'pedestrian', 'bicyclist')]
    assert np.flatnonzero(mask.data).tolist() == people


def test_the_guide_remaps_the_topics_for_nvblox() -> None:
    remaps = dict(re.findall(r'`camera_0/mask/(\w+)` \| `(.*?)`', GUIDE))
    assert remaps == {'image': '/segmentation/people', 'camera_info': '/segmentation/camera_info'}
    assert 'topic_tools transform /segmentation /segmentation/people sensor_msgs/msg/Image' in GUIDE
