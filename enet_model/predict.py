# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet predict``: draw what a model sees in pictures and videos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.pictures import InputError, read_pictures, write_picture
from enet_model.resizing import fit, resize_mask
from enet_model.segmenter import Segmentation, Segmenter

Drawer = Callable[[NDArray[np.uint8], Segmentation], NDArray[np.uint8]]
"""Frame and what was seen in it, both H x W -> the picture to write, RGB uint8."""


def predict(segmenter: Segmenter, source: Path, output: Path, draw: Drawer) -> int:
    """Write, for each picture of ``source``, what ``draw`` makes of it.

    source: picture, folder of pictures, or video. Returns how many were written, as PNG files.
    Raises InputError where there is no picture, UserError where the source would be written over.
    """
    output.mkdir(parents=True, exist_ok=True)
    if any(
        place.exists() and source.exists() and place.samefile(source)
        for place in (output, output / f'{source.stem}.png')
    ):
        raise UserError(
            f'{output}: {source} would be written over; name another folder to write to'
        )
    count = 0
    for name, frame in read_pictures(source):
        write_picture(output / f'{name}.png', draw(frame, segment(segmenter, frame)))
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
