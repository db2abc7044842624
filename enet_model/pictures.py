# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures and videos as files: what people have, and what is drawn for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError

PICTURES = {'.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp'}
"""Suffixes of the files that are taken for pictures."""


class InputError(UserError):
    """A file or folder that holds no picture."""


def read_pictures(source: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield name and frame, RGB uint8 H x W x 3, of each picture of a picture, folder or video.

    A name is that of the file without its suffix, unless two pictures of a folder had the same.
    InputError where a file cannot be read.
    """
    if source.is_dir():
        paths = [path for path in sorted(source.iterdir()) if path.suffix.lower() in PICTURES]
        stems = Counter(path.stem for path in paths)
        for path in paths:
            yield path.stem if stems[path.stem] == 1 else path.name, _read_picture(path)
    elif source.suffix.lower() in PICTURES:
        yield source.stem, _read_picture(source)
    else:
        yield from _read_video(source)


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write RGB, uint8 H x W x 3, as the kind of file that the suffix names.

    UserError where that is not possible.
    """
    if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
        raise UserError(f'{path}: cannot be written; is the folder there, and the disk not full?')


def _read_picture(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    if image is None:
        raise InputError(f'{path}: is not there, or no picture that can be read')
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _read_video(path: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    video = cv2.VideoCapture(str(path)) if path.is_file() else None
    if video is None or not video.isOpened():
        raise InputError(f'{path}: is not there, or no video that can be read')
    index = 0
    while True:
        read, image = video.read()
        if not read:
            break
        yield f'{path.stem}_{index:06}', cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        index += 1
    video.release()
