# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The topics and services of the node, as the documents list them.

``test/enet_ros/test_topics.py`` holds this table to what the running node offers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Quality(Enum):
    """A quality of service: reliability, durability, and a queue of one."""

    BEST_EFFORT = 'best effort'
    RELIABLE = 'reliable'
    LATCHED = 'reliable, transient local'
    """Whoever comes later gets the last message."""


@dataclass(frozen=True)
class Topic:
    """A topic: relative names come after the namespace and the name of the camera."""

    name: str
    type: str
    quality: Quality
    text: str


@dataclass(frozen=True)
class Service:
    """A service, below the name of the node."""

    name: str
    type: str
    text: str


INPUTS = (
    Topic(
        'image',
        'sensor_msgs/msg/Image',
        Quality.BEST_EFFORT,
        'any size; rgb8, bgr8, rgba8, bgra8, mono8, mono16, bayer, yuv422, yuv422_yuy2, nv12, 8UC3 '
        'and more; every other encoding through cv_bridge where it is installed',
    ),
    Topic(
        'image/compressed',
        'sensor_msgs/msg/CompressedImage',
        Quality.BEST_EFFORT,
        'instead, with `transport: compressed`; JPEG, PNG',
    ),
    Topic(
        'camera_info',
        'sensor_msgs/msg/CameraInfo',
        Quality.BEST_EFFORT,
        "the calibration: for the mask's camera_info and everything on the ground",
    ),
)

OUTPUTS = (
    Topic(
        'segmentation',
        'sensor_msgs/msg/Image',
        Quality.RELIABLE,
        "mono8: class ids at the camera's size; 255 is unlabelled or under `confidence_threshold`",
    ),
    Topic(
        'segmentation/camera_info',
        'sensor_msgs/msg/CameraInfo',
        Quality.RELIABLE,
        'of the mask, also when it is decimated',
    ),
    Topic(
        'segmentation/confidence',
        'sensor_msgs/msg/Image',
        Quality.RELIABLE,
        'mono8: 255 x probability of the class',
    ),
    Topic(
        'segmentation/label_info',
        'vision_msgs/msg/LabelInfo',
        Quality.LATCHED,
        'names of the ids; where vision_msgs is installed',
    ),
    Topic(
        'segmentation/overlay',
        'sensor_msgs/msg/Image',
        Quality.RELIABLE,
        'rgb8, for people: colours over the frame',
    ),
    Topic(
        'segmentation/occupancy',
        'enet_ros/msg/ClassOccupancyArray',
        Quality.RELIABLE,
        'per class: share of the image and of coarse cells, confidence, nearest distance',
    ),
    Topic(
        'segmentation/grid',
        'nav_msgs/msg/OccupancyGrid',
        Quality.LATCHED,
        'ground around the robot: 0 free ... 100 occupied, -1 not seen; never 99',
    ),
    Topic(
        'segmentation/scan',
        'sensor_msgs/msg/LaserScan',
        Quality.RELIABLE,
        'nearest obstacle contact per bearing; inf: seen free; nan: not seen',
    ),
    Topic(
        'segmentation/obstacles',
        'sensor_msgs/msg/PointCloud2',
        Quality.RELIABLE,
        'the contacts: x, y, z, class_id, probability',
    ),
    Topic(
        '/diagnostics',
        'diagnostic_msgs/msg/DiagnosticArray',
        Quality.RELIABLE,
        '1 Hz: state, provider, rates, latency, age, refused frames by reason',
    ),
)

SERVICES = (
    Service('enable', 'std_srvs/srv/SetBool', 'stop and resume the work; the model stays loaded'),
    Service('reload_model', 'std_srvs/srv/Trigger', 'load the model file again, as it is now'),
)
