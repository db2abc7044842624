# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Show the segmentation at work on a video, images, a device or a drawn street.

ros2 launch enet_ros demo.launch.py source:=drive.mp4
"""

from __future__ import annotations

from pathlib import Path

from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    IncludeLaunchDescription,
    SetLaunchConfiguration,
    Shutdown,
)
from launch.conditions import IfCondition
from launch.substitutions import EqualsSubstitution, LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from enet_ros.synthetic_street import CAMERA_HEIGHT

SEGMENT = Path(__file__).resolve().with_name('segment.launch.py')

IMAGE = 'camera/image_raw'
BOOLEAN = ['true', 'false', 'True', 'False']

# Parameters of the camera node: type, default, description.
CAMERA = {
    'source': (
        str,
        'synthetic',
        "'synthetic' (a drawn street), a video file, a folder of images, or a device: /dev/video0.",
    ),
    'rate': (float, '0.0', 'Frames per second [Hz]; 0 is the rate of the source.'),
    'width': (int, '0', 'Width of the images [pixels]; 0 is that of the source.'),
    'height': (int, '0', 'Height of the images [pixels]; 0 is that of the source.'),
    'loop': (bool, 'true', 'Begin again at the end of the source; otherwise the demo ends there.'),
    'frame_id': (str, 'camera_optical_frame', 'Optical frame of the camera.'),
}


def generate_launch_description() -> LaunchDescription:
    """Return camera, segmentation node and RViz; arguments of segment.launch.py are taken too."""
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(
                    name,
                    default_value=default,
                    description=text,
                    choices=BOOLEAN if kind is bool else None,
                )
                for name, (kind, default, text) in CAMERA.items()
            ),
            DeclareLaunchArgument(
                'rviz',
                default_value='true',
                choices=BOOLEAN,
                description='Show the results in RViz.',
            ),
            # No TF tells where the camera of the street is.
            SetLaunchConfiguration(
                'camera_pose',
                f'[0.0, 0.0, {CAMERA_HEIGHT}, 0.0, 0.0, 0.0]',
                condition=IfCondition(
                    EqualsSubstitution(LaunchConfiguration('source'), 'synthetic')
                ),
            ),
            # An include has no scope: it takes all arguments of the command line, and its own
            # arguments and environment hold for the camera after it.
            IncludeLaunchDescription(str(SEGMENT), launch_arguments=[('image', IMAGE)]),
            _camera(),
        ]
    )


def _camera() -> Node:
    """Return the camera; it begins when somebody looks, and its end is the end of the demo."""
    parameters = {
        name: ParameterValue(LaunchConfiguration(name), value_type=kind)
        for name, (kind, _, _) in CAMERA.items()
    }
    return Node(
        package='enet_ros',
        executable='camera_node',
        name='camera_node',
        namespace=[LaunchConfiguration('namespace'), '/camera'],
        parameters=[parameters, {'wait_for_subscribers': 1}],
        on_exit=Shutdown(),
        output='screen',
    )
