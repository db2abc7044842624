# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The colours of the classes over the camera's picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID
from enet_model.resizing import resize_mask


def draw(
    frame: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    opacity: float,
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Return ``frame`` with the colour of each pixel's class blended over it.

    ``frame`` is uint8 RGB, height x width x 3; ``labels`` uint8, height x width of any size, and
    stretched over the frame as :func:`enet_model.resizing.resize_mask` does; ``colors`` uint8 RGB,
    C x 3, by class id; ``opacity`` 0 (frame only) to 1 (colours only). A pixel without a label
    (255), or with an id that has no colour, keeps exactly the value of the frame. ``out`` (uint8,
    height x width x 3, C-contiguous, not the frame), for example the data of the message to
    publish, is filled and returned where it is given.

    Raises ValueError for arrays of other shapes, or an opacity outside 0 - 1.
    """
    if frame.ndim != 3 or frame.shape[2] != 3 or labels.ndim != 2 or labels.dtype != np.uint8:
        raise ValueError(
            f'frame {frame.shape} and labels {labels.dtype} {labels.shape} came, wanted '
            'height x width x 3 and uint8 height x width'
        )
    if colors.ndim != 2 or colors.shape[1] != 3 or not 1 <= len(colors) <= 256:
        raise ValueError(f'colors are {colors.shape}, wanted (number of classes) x 3, up to 256')
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f'opacity is {opacity}, wanted 0 - 1')
    if out is None:
        out = np.empty(frame.shape, np.uint8)
    height, width = frame.shape[:2]
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(colors)] = colors
    # Coloured at the size of the labels, stretched after that: a network's mask is small.
    resize_mask(np.take(palette, labels, axis=0), width, height, out)
    cv2.addWeighted(frame, 1.0 - opacity, out, opacity, 0.0, out)
    _, bare = cv2.threshold(labels, min(len(colors), VOID) - 1, 255, cv2.THRESH_BINARY)
    if bare.any():
        cv2.copyTo(frame, resize_mask(bare, width, height), out)
    return out
