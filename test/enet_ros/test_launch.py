# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the launch files would start, without starting it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

NEEDS_LAUNCH = 'needs launch_ros: apt install ros-<distro>-launch-ros'
for module in ('launch', 'launch_ros'):
    pytest.importorskip(module, reason=NEEDS_LAUNCH)

from launch import LaunchContext, LaunchDescriptionEntity  # noqa: E402
from launch.actions import ExecuteProcess  # noqa: E402
from launch.launch_description_sources import (  # noqa: E402
    get_launch_description_from_python_launch_file,
)
from launch_ros.actions import Node  # noqa: E402

from enet_ros.synthetic_street import CAMERA_HEIGHT  # noqa: E402

LAUNCH = Path(__file__).parents[2] / 'launch'
CONFIG = LAUNCH.with_name('config')
Commands = Callable[..., dict[str, list[str]]]
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')


@pytest.fixture
def environment() -> Iterator[os._Environ[str]]:
    """Yield the environment, which launch changes in place, and put it back."""
    with mock.patch.dict(os.environ):
        yield os.environ


@pytest.fixture
def commands(
    tmp_path: Path, environment: os._Environ[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Return a function: launch file and arguments -> the command of each node, by executable."""
    # Executables that are only found, and an action that stops short of running them.
    environment['AMENT_PREFIX_PATH'] = str(tmp_path)
    _install(tmp_path, 'enet_ros', 'segmentation_node')
    _install(tmp_path, 'enet_ros', 'camera_node')
    monkeypatch.setattr(ExecuteProcess, 'execute', lambda self, context: self.prepare(context))

    def run(file: str, **arguments: str) -> dict[str, list[str]]:
        context = LaunchContext()
        context.launch_configurations.update(arguments)
        return {
            Path(node.process_details['cmd'][0]).name: node.process_details['cmd']
            for node in _nodes(
                get_launch_description_from_python_launch_file(str(LAUNCH / file)), context
            )
        }

    return run


def test_segment_remaps_its_topics(commands: Commands) -> None:
    (command,) = commands('segment.launch.py', image='/front/image_rect').values()

    assert _remappings(command) == {
        '__node': 'segmentation_node',
        '__ns': '/',
        'image': '/front/image_rect',
        'camera_info': '/front/camera_info',
    }


@pytest.mark.parametrize(
    ('image', 'camera_info', 'expected'),
    [
        ('image', '', 'camera_info'),
        ('/image', '', '/camera_info'),
        ('front/image_raw', '', 'front/camera_info'),
        ('/robot/front/image_raw', '', '/robot/front/camera_info'),
        ('/front/image_raw', '/calibration', '/calibration'),
    ],
)
def test_camera_info_lies_beside_the_images_unless_it_is_given(
    commands: Commands, image: str, camera_info: str, expected: str
) -> None:
    command = commands('segment.launch.py', image=image, camera_info=camera_info)

    assert _remappings(command['segmentation_node'])['camera_info'] == expected


def test_arguments_win_over_the_parameter_file_where_they_are_given(
    commands: Commands, tmp_path: Path
) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text('/**: {ros__parameters: {model: a.onnx, device: cuda, mask_width: 320}}')

    (command,) = commands(
        'segment.launch.py', params_file=str(file), device='cpu', use_sim_time='True'
    ).values()

    assert _parameters(command) == {
        'model': 'a.onnx',
        'device': 'cpu',
        'mask_width': 320,
        'use_sim_time': True,
        'autostart': True,
    }


def test_without_arguments_the_parameters_are_those_of_the_config(
    commands: Commands,
) -> None:
    (command,) = commands('segment.launch.py').values()

    defaults = yaml.safe_load((CONFIG / 'segment.yaml').read_text())['/**']['ros__parameters']
    assert _parameters(command) == defaults | {'use_sim_time': False, 'autostart': True}
    assert command[command.index('--log-level') + 1] == 'info'


def test_several_cameras_have_their_own_topics(commands: Commands) -> None:
    (command,) = commands(
        'segment.launch.py', cameras='front, rear', image='/{camera}/image_raw', autostart='false'
    ).values()

    remappings = _remappings(command)
    assert remappings['front/image'] == '/front/image_raw'
    assert remappings['front/camera_info'] == '/front/camera_info'
    assert remappings['rear/image'] == '/rear/image_raw'
    assert remappings['rear/camera_info'] == '/rear/camera_info'
    assert 'image' not in remappings
    parameters = _parameters(command)
    assert parameters['cameras'] == ['front', 'rear']
    assert parameters['autostart'] is False


def test_the_demo_adds_a_camera_in_the_same_namespace(
    commands: Commands,
) -> None:
    found = commands(
        'demo.launch.py', namespace='robot', rviz='false', source='0', rate='5', loop='False'
    )

    assert set(found) == {'segmentation_node', 'camera_node'}
    segment = _remappings(found['segmentation_node'])
    assert segment['__ns'] == '/robot'
    assert segment['image'] == 'camera/image_raw'
    assert segment['camera_info'] == 'camera/camera_info'
    assert _remappings(found['camera_node'])['__ns'] == '/robot/camera'
    assert _parameters(found['camera_node']) == {
        'source': '0',
        'rate': 5.0,
        'width': 0,
        'height': 0,
        'loop': False,
        'frame_id': 'camera_optical_frame',
        'wait_for_subscribers': 1,
    }


def test_a_pose_of_the_camera_may_be_written_in_whole_numbers(commands: Commands) -> None:
    (command,) = commands('segment.launch.py', camera_pose='[0, 0, 1.2, 0, 0.1, 0]').values()

    assert _parameters(command)['camera_pose'] == [0.0, 0.0, 1.2, 0.0, 0.1, 0.0]


@pytest.mark.parametrize('pose', ['[]', '[0, 0, high]', '0 0 1.2'])
def test_a_pose_that_is_no_list_of_numbers_is_refused_by_name(
    commands: Commands, pose: str
) -> None:
    with pytest.raises(RuntimeError, match=r'camera_pose: .* came; wanted numbers'):
        commands('segment.launch.py', camera_pose=pose)


@pytest.mark.parametrize(
    ('source', 'pose'),
    [('synthetic', [0.0, 0.0, CAMERA_HEIGHT, 0.0, 0.0, 0.0]), ('drive.mp4', [])],
)
def test_the_demo_knows_where_the_camera_of_its_street_is(
    commands: Commands, source: str, pose: list[float]
) -> None:
    found = commands('demo.launch.py', rviz='false', source=source)

    assert _parameters(found['segmentation_node'])['camera_pose'] == pose


@pytest.mark.parametrize('variable', PROFILE_VARIABLES)
def test_the_middleware_profile_of_the_user_wins(
    commands: Commands, environment: os._Environ[str], variable: str
) -> None:
    for name in PROFILE_VARIABLES:
        environment.pop(name, None)
    environment[variable] = '/mine.xml'

    commands('segment.launch.py')

    ours = str(CONFIG / 'fastdds.xml')
    assert {name: environment[name] for name in PROFILE_VARIABLES} == {
        name: '/mine.xml' if name == variable else ours for name in PROFILE_VARIABLES
    }


def test_rviz_is_started_where_it_is_installed(commands: Commands, tmp_path: Path) -> None:
    assert 'rviz2' not in commands('segment.launch.py', rviz='true')
    _install(tmp_path, 'rviz2', 'rviz2')

    command = commands('segment.launch.py', rviz='true', namespace='robot', image='/cam')['rviz2']

    assert command[1:3] == ['-d', str(CONFIG / 'segment.rviz')]
    assert _remappings(command) == {'__ns': '/robot', 'camera/image_raw': '/cam'}
    assert 'rviz2' not in commands('segment.launch.py', rviz='false')


def test_rviz_shows_the_first_of_several_cameras(commands: Commands, tmp_path: Path) -> None:
    _install(tmp_path, 'rviz2', 'rviz2')

    command = commands(
        'segment.launch.py', rviz='true', cameras='front,rear', image='/{camera}/image_raw'
    )['rviz2']

    remappings = _remappings(command)
    assert remappings['camera/image_raw'] == '/front/image_raw'
    shown = yaml.safe_load((CONFIG / 'segment.rviz').read_text())
    topics = {
        display['Topic']['Value']
        for display in shown['Visualization Manager']['Displays']
        if 'Topic' in display
    }
    assert 'segmentation/overlay' in topics
    assert {topic: remappings.get(topic) for topic in topics - {'camera/image_raw'}} == {
        topic: f'front/{topic}' for topic in topics - {'camera/image_raw'}
    }


@pytest.mark.parametrize(
    'name', ['device', 'autostart', 'use_sim_time', 'log_level', 'rviz', 'respawn']
)
def test_a_value_that_is_no_choice_is_refused_by_name(commands: Commands, name: str) -> None:
    with pytest.raises(RuntimeError, match=f'"{name}" .* "perhaps" is not valid'):
        commands('segment.launch.py', **{name: 'perhaps'})


def _install(prefix: Path, package: str, executable: str) -> None:
    """Make a package with an executable that can be found, but does nothing."""
    for path in (
        f'lib/{package}/{executable}',
        f'share/ament_index/resource_index/packages/{package}',
    ):
        (prefix / path).parent.mkdir(parents=True, exist_ok=True)
        (prefix / path).touch(mode=0o755)


def _nodes(entity: LaunchDescriptionEntity, context: LaunchContext) -> Iterator[Node]:
    """Yield the nodes that launch comes to, prepared for their start."""
    if isinstance(entity, Node):
        Node.execute(entity, context)
        yield entity
    else:
        for child in entity.visit(context) or ():
            yield from _nodes(child, context)


def _remappings(command: list[str]) -> dict[str, str]:
    rules = [word for option, word in pairwise(command) if option == '-r']
    return dict(rule.split(':=', 1) for rule in rules)


def _parameters(command: list[str]) -> dict[str, Any]:
    """Return the parameters that a command sets; later files win."""
    parameters: dict[str, Any] = {}
    for option, file in pairwise(command):
        if option == '--params-file':
            (nodes,) = yaml.load(Path(file).read_text(), _ParameterLoader).values()
            parameters |= nodes['ros__parameters']
    return parameters


class _ParameterLoader(yaml.SafeLoader):
    """Reads the lists that launch_ros writes as tuples of Python; rcl reads the tag over."""


def _sequence(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[Any]:
    return loader.construct_sequence(node)


_ParameterLoader.add_constructor('tag:yaml.org,2002:python/tuple', _sequence)
