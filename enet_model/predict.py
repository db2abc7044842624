# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet predict``: draw what a model sees in pictures and videos."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.resizing import fit, resize_mask
from enet_model.segmenter import Segmentation, Segmenter

PICTURES = {'.bmp', '.jpeg', '.jpg', '.png', '.ppm', '.tif', '.tiff', '.webp'}
"""Suffixes of the files that are taken for pictures."""


class InputError(UserError):
    """A file or folder that holds no picture."""


Drawer = Callable[[NDArray[np.uint8], Segmentation], NDArray[np.uint8]]
"""Frame and what was seen in it, both H x W -> the picture to write, RGB uint8."""


def predict(segmenter: Segmenter, source: Path, output: Path, draw: Drawer) -> int:
    """Write, for each picture of ``source``, what ``draw`` makes of it.

    source: picture, folder of pictures, or video. Returns how many were written, as PNG files.
    Raises InputError where there is no picture.
    """
    output.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, frame in read_pictures(source):
        drawn = draw(frame, segment(segmenter, frame))
        cv2.imwrite(str(output / f'{name}.png'), cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
        count += 1
    if not count:
        raise InputError(f'{source}: holds no picture; wanted a picture, a folder or a video')
    return count


def segment(segmenter: Segmenter, frame: NDArray[np.uint8]) -> Segmentation:
    """Return labels and confidence of an RGB frame of any size, uint8 H x W each.

    The frame is scaled to the network's size, and the result back by nearest neighbour.
    """
    height, width = frame.shape[:2]
    size = (segmenter.width, segmenter.height)
    if (width, height) == size:
        return segmenter.run(frame)
    seen = segmenter.run(fit(frame, *size))
    return Segmentation(
        resize_mask(seen.labels, width, height), resize_mask(seen.confidence, width, height)
    )


def read_pictures(source: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield name and RGB frame of each picture; InputError where a file cannot be read."""
    if source.is_dir():
        for path in sorted(source.iterdir()):
            if path.suffix.lower() in PICTURES:
                yield path.stem, _read_picture(path)
    elif source.suffix.lower() in PICTURES:
        yield source.stem, _read_picture(source)
    else:
        yield from _read_video(source)


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
