# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Twenty thousand different frames, all outputs heard, and how the memory grows."""

from __future__ import annotations

from itertools import islice

from enet_ros.msg import ClassOccupancyArray
from nav_msgs.msg import OccupancyGrid
from sensor_msgs.msg import CameraInfo, Image, LaserScan, PointCloud2

from reliability.frames import calibration, different_frames
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

OUTPUTS = {
    'segmentation': Image,
    'segmentation/confidence': Image,
    'segmentation/overlay': Image,
    'segmentation/occupancy': ClassOccupancyArray,
    'segmentation/grid': OccupancyGrid,
    'segmentation/scan': LaserScan,
    'segmentation/obstacles': PointCloud2,
}
_SIZE = 320, 180
_SETTLED = 500
_MAX_GROWTH = 5 * 2**20


def _run(short: bool) -> Outcome:
    settled, count = (20, 60) if short else (_SETTLED, 20_000)
    pose = {'camera_pose': [0.0, 0.0, 1.5, 0.0, 0.0, 0.0]}
    with NodeProcess(pose, small=short) as node:
        heard = {topic: node.results(topic, kind) for topic, kind in OUTPUTS.items()}
        camera, info = node.camera(), node.camera(CameraInfo, 'camera_info')
        before = 0
        for index, message in enumerate(islice(different_frames(*_SIZE), count)):
            if index % 100 == 0:
                info.publish(calibration(*_SIZE))
            if index == settled:
                before = node.memory
            _label(node, camera, message, heard['segmentation'])
        growth = node.memory - before
        silent = [topic for topic, results in heard.items() if not results]
        for results in heard.values():
            results.clear()
        return Outcome(
            f'{count:,} frames, all labelled; from frame {settled} on '
            f'{before / 2**20:.1f} MiB {growth / 2**20:+.1f} MiB'
            f'{f"; nothing on {silent}" if silent else ""}',
            growth < _MAX_GROWTH and not silent,
        )


def _label(node: NodeProcess, camera: object, message: Image, results: list) -> None:
    """Have one frame labelled, and forget what came but the last."""
    del results[:-1]
    node.label(camera, message, results)


ROW = Row(
    name='many_frames',
    fault='20,000 different frames, all outputs heard',
    required='memory from frame 500 to the end + < 5 MiB',
    run=_run,
)
