# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from enet_model.errors import UserError


def add_data_arguments(command: argparse.ArgumentParser) -> None:
    """Add which data a command works on."""
    command.add_argument(
        '--data', default='camvid', help='camvid, cityscapes, sun_rgbd or own_classes'
    )
    command.add_argument(
        '--root', default='', help='its folder; none is the variable CAMVID_ROOT, and so on'
    )
    command.add_argument('--split', default='val', help='train, val, test or trainval')


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f'{text} came; wanted 0 to 1')
    return value


def size(text: str) -> tuple[int, int]:
    """Read width and height from ``480x360``."""
    try:
        width, height = map(int, text.split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} came; wanted WIDTHxHEIGHT, 480x360') from None
    if width < 1 or height < 1:
        raise argparse.ArgumentTypeError(f'{text!r} came; wanted width and height above 0')
    return width, height


def picture(text: str) -> Path:
    """Read the path of a picture to write, PNG or JPEG."""
    path = Path(text)
    if path.suffix.lower() not in {'.png', '.jpg', '.jpeg'}:
        raise argparse.ArgumentTypeError(f'{text!r} came; wanted a file *.png or *.jpg')
    return path


def positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return what reads a number above 0."""

    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < float('inf'):
            raise argparse.ArgumentTypeError(f'{text} came; wanted a number above 0')
        return value

    convert.__name__ = kind.__name__  # argparse calls it so: invalid int value
    return convert


def check_folders_of(*outputs: Path | None) -> None:
    """Raise UserError where a file to write has no folder: better now than after all the work."""
    for output in outputs:
        if output is not None and not output.parent.is_dir():
            raise UserError(f'{output}: there is no folder {output.parent}; make it first')
