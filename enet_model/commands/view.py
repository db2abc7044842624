# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet view`: the node's topics for Foxglove, without ROS."""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from enet_model.commands.arguments import positive, share
from enet_model.errors import UserError
from enet_model.segmenter import BUNDLED_MODEL, DEVICES, Segmenter

if TYPE_CHECKING:
    from enet_model.viewing.viewer import Viewer
    from enet_ros.frame_sources import FrameSource
    from enet_ros.ground_picture import Viewpoint
    from enet_ros.image_fields import Frame

HELP = "record or serve the node's topics for Foxglove, without ROS"
EXTRA = 'view'
"""What pip has to install for it."""
ENDLESS_FRAMES = 100
"""Frames to record of a source without end."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        'source', help="picture, folder, video, device, or 'synthetic': a drawn street"
    )
    way = command.add_mutually_exclusive_group(required=True)
    way.add_argument('--output', type=Path, help='recording to write, an MCAP file')
    way.add_argument(
        '--serve',
        type=int,
        nargs='?',
        const=8765,
        metavar='PORT',
        help='let Foxglove connect to this machine, to 8765 if no port is named',
    )
    command.add_argument(
        '--frames',
        type=positive(int),
        help=f'end after so many; none is all there are, {ENDLESS_FRAMES} of a recorded street',
    )
    command.add_argument(
        '--width', type=positive(int), default=0, help="of the frames; 0 is the source's"
    )
    command.add_argument(
        '--rate', type=positive(float), help="frames per second; none is the source's"
    )
    command.add_argument('--model', type=Path, default=BUNDLED_MODEL, help='model file')
    command.add_argument('--device', choices=DEVICES, default='auto')
    command.add_argument('--opacity', type=share, default=0.5, help='share of colour, 0 - 1')
    command.add_argument(
        '--camera-height',
        type=positive(float),
        help='above the ground [m]: shows grid, scan and obstacles',
    )
    command.add_argument('--camera-pitch', type=float, default=0.0, help='downwards [deg]')
    command.add_argument('--camera-fov', type=float, default=50.0, help='across [deg]')


def run(options: argparse.Namespace) -> None:
    """Write the recording, or serve until the frames end or a signal comes."""
    import foxglove

    from enet_model.viewing.viewer import Viewer
    from enet_ros.frame_sources import open_source

    source = open_source(options.source, width=options.width, loop=options.serve is not None)
    rate = options.rate or source.rate
    context = foxglove.Context()
    segmenter = Segmenter(options.model, options.device)
    viewer = Viewer(segmenter, context, _viewpoint(options, source), options.opacity)
    frames = options.frames
    if options.serve is None:
        if frames is None and (source.live or options.source == 'synthetic'):
            frames = ENDLESS_FRAMES
        options.output.parent.mkdir(parents=True, exist_ok=True)
        with foxglove.open_mcap(options.output, allow_overwrite=True, context=context):
            count = _show(viewer, itertools.islice(source, frames), _recorded_times(rate))
        print(f'{count} frames in {options.output}: open it with Foxglove')
    else:
        try:
            server = foxglove.start_server(name='enet view', port=options.serve, context=context)
        except (RuntimeError, OverflowError) as error:  # taken, not allowed, no port
            raise UserError(f'port {options.serve}: {error}; name another one') from error
        print(f'open a connection to ws://localhost:{server.port} in Foxglove; Ctrl-C ends')
        try:
            _show(viewer, itertools.islice(source, frames), _live_times(rate))
        finally:
            server.stop()


def _viewpoint(options: argparse.Namespace, source: FrameSource) -> Viewpoint | None:
    """Return where the camera is: that of the street is known, others have to be told."""
    from enet_ros.ground_picture import Viewpoint
    from enet_ros.synthetic_street import CAMERA_HEIGHT

    if options.source == 'synthetic':
        assert source.horizontal_fov is not None
        return Viewpoint(CAMERA_HEIGHT, 0.0, source.horizontal_fov)
    if options.camera_height is None:
        return None
    pitch, fov = math.radians(options.camera_pitch), math.radians(options.camera_fov)
    return Viewpoint(options.camera_height, pitch, fov)


def _show(viewer: Viewer, frames: Iterable[Frame], times: Iterator[int]) -> int:
    """Show every frame at its time [ns]; return how many there were."""
    count = 0
    for frame in frames:
        try:
            viewer.show(frame, next(times))
        except ValueError as error:  # of the viewpoint
            raise UserError(str(error)) from error
        count += 1
    return count


def _recorded_times(rate: float) -> Iterator[int]:
    """Yield times from 0 on [ns]: two recordings of one source are alike."""
    return (round(index * 1e9 / rate) for index in itertools.count())


def _live_times(rate: float) -> Iterator[int]:
    """Yield the time of now [ns], not more often than ``rate`` [Hz]."""
    due = time.monotonic()
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due + 1 / rate, time.monotonic())
        yield time.time_ns()
