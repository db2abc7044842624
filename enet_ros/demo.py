# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The demo where there is no ros2 launch: a camera, the segmentation node, and what they do.

Shows a table while it runs, writes the overlays and a contact sheet (frames, overlays and the
ground from above) into a folder, and ends by itself. `ros2 launch enet_ros demo.launch.py` shows
the same in RViz.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from enet_model.commands.arguments import positive
from enet_model.errors import UserError
from enet_model.segmenter import DEVICES, Segmenter
from enet_ros.dds_profile import use_profile
from enet_ros.demo_nodes import Demo
from enet_ros.demo_report import Album, Progress
from enet_ros.frame_sources import images_in
from enet_ros.isolation import isolate
from enet_ros.stop_signal import StopSignal
from enet_ros.synthetic_street import CAMERA_HEIGHT

FOLDER_RATE = 5.0
"""Images of a folder per second, at most [Hz]."""
GRID_SIZE = 30.0
"""Side of the grid [m]: all that is within the node's max_range, and no more."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit status: 1 with one line on stderr where it fails."""
    options = _parser().parse_args(argv)
    stop = StopSignal()
    _prepare_environment()
    try:
        run(options, stop)
    except (UserError, OSError) as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('demo: interrupted', file=sys.stderr)
    return 0


def run(options: argparse.Namespace, stop: StopSignal) -> None:
    """Show the segmentation of ``options.frames`` frames, or of those that there are."""
    segmenter = Segmenter(options.model, device='cpu')
    spec = segmenter.spec
    wanted, rate = options.frames, options.rate
    told: dict[str, object] = {
        'model': options.model or '',
        'device': options.device,
        'camera_pose': _camera_pose(options),
        'grid_size': GRID_SIZE,
    }
    folder = Path(options.source).expanduser()
    if folder.is_dir():
        wanted = max(1, min(wanted, len(images_in(folder))))
        rate = rate or min(FOLDER_RATE, 0.5 / _duration(segmenter))
        told |= _keep_all(wanted)
    del segmenter  # the node has its own
    progress, album = Progress(wanted), Album(options.output, wanted)
    try:
        with Demo(progress, album, options.timeout, stop) as demo:
            demo.start(
                'segmentation_node',
                told,
                {'image': 'camera/image_raw', 'camera_info': 'camera/camera_info'},
            )
            demo.start(
                'camera_node',
                {
                    'source': options.source,
                    'rate': rate,
                    'loop': False,
                    'reliable': True,
                    # It begins when this process and the segmentation node, once active, listen.
                    'wait_for_subscribers': 2,
                },
                {'__ns': '/camera'},
            )
            demo.activate()
            demo.watch()
    finally:
        sheet = album.finish(spec.names, spec.colors)
    print(f'{progress.frames_out} frames labelled: see {sheet or options.output}')


def _duration(segmenter: Segmenter) -> float:
    """Return how long a frame takes [s]: a folder is shown so slowly that the node keeps up."""
    frame = np.random.default_rng(0).integers(
        0, 256, (segmenter.height, segmenter.width, 3), np.uint8
    )
    durations = []
    for _ in range(3):
        start = time.perf_counter()
        segmenter.run(frame)
        durations.append(time.perf_counter() - start)
    return max(durations)


def _keep_all(images: int) -> dict[str, object]:
    """Return parameters of the node that make it wait for every image and drop none.

    It takes the newest frame of a camera and drops the others; each image of a folder is wanted,
    also where the machine is busy for a while.
    """
    name = 'qos_overrides./camera/image_raw.subscription'
    return {f'{name}.reliability': 'reliable', f'{name}.depth': images}


def _camera_pose(options: argparse.Namespace) -> list[float]:
    """Return x, y, z [m], roll, pitch, yaw [rad] of the camera: that of the street is known."""
    height, pitch = options.camera_height, math.radians(options.camera_pitch)
    if options.source == 'synthetic':
        height, pitch = CAMERA_HEIGHT, 0.0
    return [0.0, 0.0, height, 0.0, pitch, 0.0]


def _prepare_environment() -> None:
    """Keep the demo to itself, and give its images room in shared memory, unless told otherwise."""
    isolate(os.environ)
    use_profile(os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m enet_ros.demo',
        description='Label the frames of a camera, show what is seen, and write the overlays.',
    )
    parser.add_argument(
        '--source',
        default='synthetic',
        help='a video file, an image, a folder of images, a device such as /dev/video0, or '
        'synthetic, a drawn street (default)',
    )
    parser.add_argument(
        '--frames', type=positive(int), default=100, help='end after so many (default: 100)'
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=Path('demo_output'),
        help='folder of the overlays and the contact sheet (default: demo_output)',
    )
    parser.add_argument('--model', type=Path, help='model file; none is the bundled one')
    parser.add_argument(
        '--device', choices=DEVICES, default='auto', help='what it runs on (default: auto)'
    )
    parser.add_argument(
        '--rate',
        type=positive(float),
        default=0.0,
        help='frames per second (default: that of the source; for a folder one at which every '
        f'image can be labelled, {FOLDER_RATE:g} at most)',
    )
    parser.add_argument(
        '--camera-height',
        type=positive(float),
        default=1.5,
        help='of your own source above the ground [m] (default: 1.5, as a driver sees)',
    )
    parser.add_argument(
        '--camera-pitch',
        type=float,
        default=2.0,
        help='of your own source, downwards [deg] (default: 2)',
    )
    parser.add_argument(
        '--timeout',
        type=positive(float),
        default=60.0,
        help='seconds for the model to load, or without a result, before the demo gives up '
        '(default: 60; TensorRT needs minutes the first time)',
    )
    return parser


if __name__ == '__main__':
    sys.exit(main())
