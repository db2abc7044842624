# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Between the size of a camera and that of the network: frames one way, masks the other."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.arrays import Scratch, check_out


def fit(
    frame: NDArray[np.uint8],
    width: int,
    height: int,
    out: NDArray[np.uint8] | None = None,
    halves: Scratch | None = None,
) -> NDArray[np.uint8]:
    """Return ``frame`` stretched to ``width`` x ``height``; its aspect ratio is not kept.

    A frame at least twice as large in both directions is halved by the averages of 2x2 pixels until
    it is not, and bilinear interpolation does the rest. Averages keep thin things from flickering
    (bilinear interpolation alone would skip pixels), and halving is the case of INTER_AREA that
    OpenCV vectorises. A frame of the wanted size is returned as it is, not copied. ``out`` (uint8,
    height x width x 3, C-contiguous), for example the network's input, is filled and
    returned where it is given. ``halves`` keeps the memory of the first halving, the largest.

    Raises ValueError for an ``out`` of another shape or type.
    """
    if out is not None:
        check_out(out, (height, width, 3))
    elif frame.shape[:2] == (height, width):
        return frame
    while frame.shape[0] >= 2 * height and frame.shape[1] >= 2 * width:
        halved_height, halved_width = frame.shape[0] // 2, frame.shape[1] // 2
        halved = halves.shaped((halved_height, halved_width, 3)) if halves is not None else None
        halves = None  # its array is the source of the next halving
        frame = _resize(frame, halved_width, halved_height, cv2.INTER_AREA, halved)
    return _resize(frame, width, height, cv2.INTER_LINEAR, out)


def resize_mask(
    mask: NDArray[np.uint8], width: int, height: int, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Return a mask at another size, nearest neighbour: labels, confidence or their colours.

    ``mask`` is uint8, height x width or height x width x 3. Pixel centres are aligned, as in
    :func:`fit`, so that a label stays on what it was seen on; OpenCV's plain INTER_NEAREST shifts
    the mask by up to half a pixel of the network. A mask of the wanted size is returned as it is,
    not copied. ``out`` (uint8 of the wanted shape, C-contiguous), for example the data of the
    message to publish, is filled and returned where it is given.

    Raises ValueError for an ``out`` of another shape or type.
    """
    if out is not None:
        check_out(out, (height, width, *mask.shape[2:]))
    elif mask.shape[:2] == (height, width):
        return mask
    return _resize(mask, width, height, cv2.INTER_NEAREST_EXACT, out)


def mask_repeats(length: int, new_length: int) -> NDArray[np.intp]:
    """Return which row or column each of ``new_length`` is that :func:`resize_mask` makes.

    They are indices of the ``length`` that the mask has, ascending: a resized mask is
    ``mask[those of the rows][:, those of the columns]``.
    """
    indices = np.arange(length, dtype=np.float32)[:, None]
    # Asked of OpenCV, so that there is one answer. A float32 holds every index of a picture.
    found = cv2.resize(indices, (1, new_length), interpolation=cv2.INTER_NEAREST_EXACT)
    return cast(NDArray[np.intp], found[:, 0].astype(np.intp))


def _resize(
    picture: NDArray[np.uint8],
    width: int,
    height: int,
    interpolation: int,
    out: NDArray[np.uint8] | None,
) -> NDArray[np.uint8]:
    return cast(NDArray[np.uint8], cv2.resize(picture, (width, height), out, 0, 0, interpolation))
