# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Segment the images of a camera.

ros2 launch enet_ros segment.launch.py image:=/camera/image_raw
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    DeclareLaunchArgument,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.conditions import IfCondition
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.parameter_descriptions import ParameterValue

from enet_ros.dds_profile import VARIABLES as PROFILE_VARIABLES
from enet_ros.topics import OUTPUTS

CONFIG = Path(__file__).resolve().parents[1] / 'config'
BOOLEAN = ['true', 'false', 'True', 'False']
RESPAWN_DELAY = 0.2
"""Time between the end of a node and its next start [s]."""
SIM_TIME = {'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)}

ARGUMENTS = [
    DeclareLaunchArgument(
        'image',
        default_value='camera/image_raw',
        description='Topic of the camera images; with transport `compressed`, without /compressed.',
    ),
    DeclareLaunchArgument(
        'cameras',
        default_value='',
        description='Several cameras by name: front,rear. Then {camera} in image and camera_info '
        'is the name of each: image:=/{camera}/image_raw.',
    ),
    DeclareLaunchArgument(
        'camera_info',
        default_value='',
        description="Topic of the camera's calibration; '' is camera_info beside the images.",
    ),
    DeclareLaunchArgument(
        'namespace', default_value='', description='Namespace of the node and of its topics.'
    ),
    DeclareLaunchArgument(
        'params_file',
        default_value=str(CONFIG / 'segment.yaml'),
        description='YAML file with the parameters of the node.',
    ),
    DeclareLaunchArgument(
        'model',
        default_value='',
        description="ONNX file of the network; '' leaves it to the params_file.",
    ),
    DeclareLaunchArgument(
        'device',
        default_value='',
        choices=['', 'auto', 'tensorrt', 'cuda', 'openvino', 'cpu'],
        description="What the network runs on; '' leaves it to the params_file.",
    ),
    DeclareLaunchArgument(
        'camera_pose',
        default_value='',
        description='x, y, z [m], roll, pitch, yaw [rad] of the camera in base_frame, x forward: '
        "[0.2, 0.0, 1.2, 0.0, 0.1, 0.0]; '' leaves it to the params_file, and that to TF.",
    ),
    DeclareLaunchArgument(
        'autostart',
        default_value='true',
        choices=BOOLEAN,
        description='Configure and activate the node whenever it starts.',
    ),
    DeclareLaunchArgument(
        'use_sim_time',
        default_value='false',
        choices=BOOLEAN,
        description='Take the time from /clock, as of a simulation or a rosbag.',
    ),
    DeclareLaunchArgument(
        'log_level',
        default_value='info',
        choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='Least severe messages that the node logs.',
    ),
    DeclareLaunchArgument(
        'rviz',
        default_value='false',
        choices=BOOLEAN,
        description='Show the results in RViz; with several cameras, those of the first.',
    ),
    DeclareLaunchArgument(
        'respawn',
        default_value='true',
        choices=BOOLEAN,
        description='Start the node again when it has ended, also where it could not start.',
    ),
]


def generate_launch_description() -> LaunchDescription:
    """Return the segmentation node, brought to active, and RViz on request."""
    return LaunchDescription(
        [
            *ARGUMENTS,
            *_middleware_profile(),
            OpaqueFunction(function=_start_node),
            OpaqueFunction(
                function=_start_rviz, condition=IfCondition(LaunchConfiguration('rviz'))
            ),
        ]
    )


def _middleware_profile() -> list[LaunchDescriptionEntity]:
    """Return what gives Fast DDS room for large images; a variable that is set already wins."""
    return [
        SetEnvironmentVariable(
            name, EnvironmentVariable(name, default_value=str(CONFIG / 'fastdds.xml'))
        )
        for name in PROFILE_VARIABLES
    ]


def _start_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node. With `autostart` it brings itself to active, after a crash as well."""
    autostart = ParameterValue(LaunchConfiguration('autostart'), value_type=bool)
    return [
        LifecycleNode(
            package='enet_ros',
            executable='segmentation_node',
            name='segmentation_node',
            namespace=LaunchConfiguration('namespace'),
            parameters=[
                LaunchConfiguration('params_file'),
                SIM_TIME,
                {'autostart': autostart},
                _given_parameters(context),
            ],
            remappings=_remappings(context),
            ros_arguments=['--log-level', LaunchConfiguration('log_level')],
            respawn=LaunchConfiguration('respawn'),
            respawn_delay=RESPAWN_DELAY,
            output='screen',
        )
    ]


def _remappings(context: LaunchContext) -> list[tuple[str, str]]:
    """Return where the images come from: of one camera, or of each of `cameras`."""
    image = LaunchConfiguration('image').perform(context)
    camera_info = LaunchConfiguration('camera_info').perform(context)
    remappings = []
    for name in _cameras(context) or ('',):
        prefix = f'{name}/' if name else ''
        topic = image.replace('{camera}', name)
        info = camera_info.replace('{camera}', name) or _camera_info_beside(topic)
        remappings += [(f'{prefix}image', topic), (f'{prefix}camera_info', info)]
    return remappings


def _cameras(context: LaunchContext) -> list[str]:
    names = LaunchConfiguration('cameras').perform(context)
    return [name.strip() for name in names.split(',') if name.strip()]


def _camera_info_beside(image: str) -> str:
    """Return where the camera_info of the topic `image` is published, as image_transport has it."""
    namespace, slash, _ = image.rpartition('/')
    return f'{namespace}{slash}camera_info'


def _given_parameters(context: LaunchContext) -> dict[str, Any]:
    """Return the parameters that arguments give, to go over those of the params_file."""
    given: dict[str, Any] = {
        name: ParameterValue(LaunchConfiguration(name), value_type=str)
        for name in ('model', 'device')
        if LaunchConfiguration(name).perform(context)
    }
    if cameras := _cameras(context):
        given['cameras'] = cameras
    if pose := LaunchConfiguration('camera_pose').perform(context):
        given['camera_pose'] = _numbers('camera_pose', pose)
    return given


def _numbers(argument: str, text: str) -> list[float]:
    """Read ``[0, 0, 1.2]``; launch itself refuses whole numbers beside others."""
    try:
        return [float(number) for number in text.strip('[ ]').split(',')]
    except ValueError:
        raise RuntimeError(f"{argument}: '{text}' came; wanted numbers: [0.2, 0, 1.2]") from None


def _start_rviz(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return RViz, or a message where it is not installed."""
    try:
        get_package_prefix('rviz2')
    except PackageNotFoundError:
        return [LogInfo(msg='RViz is not installed (package rviz2): going on without it.')]
    # The file names its topics relative to the namespace, as they are with one camera.
    name = next(iter(_cameras(context)), '')
    image = LaunchConfiguration('image').perform(context).replace('{camera}', name)
    outputs = [topic.name for topic in OUTPUTS if not topic.name.startswith('/')] if name else []
    return [
        Node(
            package='rviz2',
            executable='rviz2',
            namespace=LaunchConfiguration('namespace'),
            arguments=['-d', str(CONFIG / 'segment.rviz')],
            parameters=[SIM_TIME],
            remappings=[
                ('camera/image_raw', image),
                *((output, f'{name}/{output}') for output in outputs),
            ],
        )
    ]
