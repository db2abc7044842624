# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet predict`: draw what a model sees in pictures."""

from __future__ import annotations

import argparse
import functools
import math
from pathlib import Path
from typing import TYPE_CHECKING

from enet_model.commands.arguments import share
from enet_model.errors import UserError
from enet_model.segmenter import DEVICES, Segmentation, Segmenter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from enet_model.predict import Drawer
    from enet_model.spec import ModelSpec

HELP = 'draw what a model sees in pictures'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('input', type=Path, help='picture, folder of pictures or video')
    command.add_argument('output', type=Path, help='folder for the pictures that are drawn')
    command.add_argument('--model', type=Path, help='model file; none is the bundled one')
    command.add_argument('--device', choices=DEVICES, default='auto')
    command.add_argument('--opacity', type=share, default=0.5, help='share of colour, 0 - 1')
    command.add_argument('--ground', action='store_true', help='draw the ground from above beside')
    command.add_argument('--camera-height', type=float, default=1.5, help='for --ground [m]')
    command.add_argument(
        '--camera-pitch', type=float, default=0.0, help='downwards, for --ground [deg]'
    )
    command.add_argument(
        '--camera-fov', type=float, default=50.0, help='across, for --ground [deg]'
    )


def run(options: argparse.Namespace) -> None:
    """Draw the pictures."""
    from enet_model.predict import predict

    segmenter = Segmenter(options.model, options.device)
    drawer = _ground_drawer if options.ground else _overlay_drawer
    count = predict(segmenter, options.input, options.output, drawer(options, segmenter.spec))
    print(f'{options.output}: pictures drawn: {count}')


def _overlay_drawer(options: argparse.Namespace, spec: ModelSpec) -> Drawer:
    from enet_model import overlay

    return lambda frame, seen: overlay.draw(frame, seen.labels, spec.colors, options.opacity)


def _ground_drawer(options: argparse.Namespace, spec: ModelSpec) -> Drawer:
    # The one place at which this half uses the other: the geometry, which needs no ROS.
    from enet_ros.ground_picture import Viewpoint, draw_ground

    viewpoint = Viewpoint(
        options.camera_height, math.radians(options.camera_pitch), math.radians(options.camera_fov)
    )
    plane_of = functools.lru_cache(maxsize=1)(viewpoint.ground_plane)

    def draw(frame: NDArray[np.uint8], seen: Segmentation) -> NDArray[np.uint8]:
        try:
            plane = plane_of(frame.shape[1], frame.shape[0])
        except ValueError as error:
            raise UserError(str(error)) from error
        return draw_ground(frame, seen, spec, plane, options.opacity)

    return draw
