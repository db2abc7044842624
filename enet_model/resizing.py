# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Between the size of a camera and that of the network: frames one way, masks the other."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.arrays import check_out


def fit(
    frame: NDArray[np.uint8], width: int, height: int, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Return ``frame`` stretched to ``width`` x ``height``; its aspect ratio is not kept.

    A frame at least twice as large in both directions is halved by the averages of 2x2 pixels until
    it is not, and bilinear interpolation does the rest. Averages keep thin things from flickering
    (bilinear interpolation alone would skip pixels), and halving is the case of INTER_AREA that
    OpenCV vectorises. A frame of the wanted size is returned as it is, not copied. ``out`` (uint8,
    height x width x 3, C-contiguous), for example the network's input, is filled and
    returned where it is given.

    Raises ValueError for an ``out`` of another shape or type.
    """
    if out is not None:
        check_out(out, (height, width, 3))
    elif frame.shape[:2] == (height, width):
        return frame
    while frame.shape[0] >= 2 * height and frame.shape[1] >= 2 * width:
        halved = frame.shape[1] // 2, frame.shape[0] // 2
        frame = cast(NDArray[np.uint8], cv2.resize(frame, halved, interpolation=cv2.INTER_AREA))
    return cast(
        NDArray[np.uint8], cv2.resize(frame, (width, height), out, interpolation=cv2.INTER_LINEAR)
    )


def resize_mask(mask: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return labels or confidence (height x width, uint8) at another size, nearest neighbour.

    Pixel centres are aligned, as in :func:`fit`, so that a label stays on what it
    was seen on; OpenCV's plain INTER_NEAREST shifts the mask by up to half a pixel of the network.
    A mask of the wanted size is returned as it is, not copied.
    """
    if mask.shape == (height, width):
        return mask
    return cast(
        NDArray[np.uint8],
        cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST_EXACT),
    )
