# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Segment the images of a camera.

ros2 launch enet_ros segment.launch.py image:=/camera/image_raw
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    LogInfo,
    OpaqueCoroutine,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.conditions import IfCondition
from launch.event_handlers import OnProcessStart
from launch.events import matches_action
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.ros_adapters import get_ros_node
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import GetState

CONFIG = Path(__file__).resolve().parents[1] / 'config'
BOOLEAN = ['true', 'false', 'True', 'False']
RESPAWN_DELAY = 2.0
"""Time between the end of a node and its next start [s]."""
POLL_PERIOD = 0.5
"""Time between two questions to a node that is starting [s]."""
SIM_TIME = {'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)}

ARGUMENTS = [
    DeclareLaunchArgument(
        'image',
        default_value='camera/image_raw',
        description='Topic of the camera images; with transport `compressed`, without /compressed.',
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
        'rviz', default_value='false', choices=BOOLEAN, description='Show the results in RViz.'
    ),
    DeclareLaunchArgument(
        'respawn',
        default_value='false',
        choices=BOOLEAN,
        description='Start the node again when it has ended.',
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
        for name in ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    ]


def _start_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the node and, with `autostart`, what brings it to active."""
    image = LaunchConfiguration('image').perform(context)
    camera_info = LaunchConfiguration('camera_info').perform(context)
    node = LifecycleNode(
        package='enet_ros',
        executable='segmentation_node',
        name='segmentation_node',
        namespace=LaunchConfiguration('namespace'),
        parameters=[LaunchConfiguration('params_file'), SIM_TIME, _given_parameters(context)],
        remappings=[('image', image), ('camera_info', camera_info or _camera_info_beside(image))],
        ros_arguments=['--log-level', LaunchConfiguration('log_level')],
        respawn=LaunchConfiguration('respawn'),
        respawn_delay=RESPAWN_DELAY,
        output='screen',
    )
    autostart = IfCondition(LaunchConfiguration('autostart')).evaluate(context)
    return [*(_bring_up(node) if autostart else ()), node]


def _camera_info_beside(image: str) -> str:
    """Return where the camera_info of the topic `image` is published, as image_transport has it."""
    namespace, slash, _ = image.rpartition('/')
    return f'{namespace}{slash}camera_info'


def _given_parameters(context: LaunchContext) -> dict[str, ParameterValue]:
    """Return the parameters that arguments give, to go over those of the params_file."""
    return {
        name: ParameterValue(LaunchConfiguration(name), value_type=str)
        for name in ('model', 'device')
        if LaunchConfiguration(name).perform(context)
    }


def _bring_up(node: LifecycleNode) -> list[LaunchDescriptionEntity]:
    """Return what takes `node` to active at every start: launch_ros of Jazzy has no autostart."""
    return [
        RegisterEventHandler(
            OnProcessStart(
                target_action=node,
                on_start=lambda event, _: [
                    OpaqueCoroutine(coroutine=_configure, args=[node, event.pid])
                ],
            )
        ),
        RegisterEventHandler(
            OnStateTransition(
                target_lifecycle_node=node,
                start_state='configuring',
                goal_state='inactive',
                entities=[EmitEvent(event=_transition(node, Transition.TRANSITION_ACTIVATE))],
            )
        ),
    ]


async def _configure(context: LaunchContext, node: LifecycleNode, pid: int) -> None:
    """Have `node` configured as soon as its process answers.

    After a crash the middleware still shows the services of the dead process, for some 20 s, and
    a request that only they receive is never answered: so ask for the state until a reply comes.
    """
    ros_node = get_ros_node(context)
    client = ros_node.create_client(GetState, f'{node.node_name}/get_state')
    while _is_running(pid):
        reply = client.call_async(GetState.Request())
        await asyncio.sleep(POLL_PERIOD)
        if reply.done():
            await context.emit_event(_transition(node, Transition.TRANSITION_CONFIGURE))
            break
        client.remove_pending_request(reply)
    ros_node.destroy_client(client)


def _transition(node: LifecycleNode, transition_id: int) -> ChangeState:
    return ChangeState(lifecycle_node_matcher=matches_action(node), transition_id=transition_id)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _start_rviz(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return RViz, or a message where it is not installed."""
    try:
        get_package_prefix('rviz2')
    except PackageNotFoundError:
        return [LogInfo(msg='RViz is not installed (package rviz2): going on without it.')]
    # The file names its topics relative to the namespace.
    return [
        Node(
            package='rviz2',
            executable='rviz2',
            namespace=LaunchConfiguration('namespace'),
            arguments=['-d', str(CONFIG / 'segment.rviz')],
            parameters=[SIM_TIME],
            remappings=[('camera/image_raw', LaunchConfiguration('image'))],
        )
    ]
