# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How much of the picture each class covers, as a whole and in coarse cells."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID


@dataclass(frozen=True)
class Occupancy:
    """Shares of the picture that the classes cover, C classes in the order of their ids."""

    image_fraction: NDArray[np.float32]
    """[C] share of the picture's pixels, 0 - 1; with ``unlabeled_fraction`` they add up to 1."""
    mean_confidence: NDArray[np.float32]
    """[C] mean probability of the class's pixels, 0 - 1; 0 where it has none."""
    cell_fraction: NDArray[np.float32]
    """[C, rows, cols] share of the cell's own pixels, 0 - 1; with its unlabelled pixels a cell's
    shares add up to 1, also where it is a pixel larger than its neighbour."""
    unlabeled_fraction: float
    """Share of the picture's pixels that have no label, 0 - 1."""


def measure(
    labels: NDArray[np.uint8],
    confidence: NDArray[np.uint8],
    class_count: int,
    rows: int,
    cols: int,
) -> Occupancy:
    """Return what share of the picture and of each of rows x cols cells the classes cover.

    ``labels`` (class ids, 255 without a label) and ``confidence`` (255 x probability) are uint8,
    height x width. The cells tile the picture: each pixel is in exactly one; where the picture
    does not divide, cells differ by one pixel. Shares do not depend on the scale: a mask at the
    network's size gives those of the mask at the camera's size, to within the pixels on borders.

    Raises ValueError for arrays of another kind, ids of no class, or more cells than pixels.
    """
    _check(labels, confidence, class_count, rows, cols)
    height, width = labels.shape
    tops = np.arange(rows + 1) * height // rows
    lefts = np.arange(cols + 1) * width // cols

    # One pass over the pixels: a histogram of label x confidence a cell holds all that is asked.
    joint = np.zeros((class_count, 256))
    cell_count = np.empty((class_count, rows, cols))
    for row in range(rows):
        for col in range(cols):
            cell = np.s_[tops[row] : tops[row + 1], lefts[col] : lefts[col + 1]]
            histogram = cv2.calcHist(
                [labels[cell], confidence[cell]],
                [0, 1],
                None,
                [class_count, 256],
                [0, class_count, 0, 256],
            )
            joint += histogram
            cell_count[:, row, col] = histogram.sum(axis=1)

    count = joint.sum(axis=1)
    unlabeled = int(np.count_nonzero(labels == VOID))
    if count.sum() + unlabeled != labels.size:
        foreign = np.setdiff1d(labels, [*range(class_count), VOID])
        raise ValueError(
            f'labels hold the ids {foreign.tolist()}, wanted 0 - {class_count - 1} or {VOID}; the '
            'model and its list of classes do not belong together'
        )
    cell_pixels = np.outer(np.diff(tops), np.diff(lefts))
    confidence_sum = joint @ np.arange(256)
    return Occupancy(
        image_fraction=(count / labels.size).astype(np.float32),
        mean_confidence=(confidence_sum / np.maximum(count, 1) / 255).astype(np.float32),
        cell_fraction=(cell_count / cell_pixels).astype(np.float32),
        unlabeled_fraction=unlabeled / labels.size,
    )


def _check(
    labels: NDArray[np.uint8],
    confidence: NDArray[np.uint8],
    class_count: int,
    rows: int,
    cols: int,
) -> None:
    for name, mask in (('labels', labels), ('confidence', confidence)):
        if mask.dtype != np.uint8 or mask.ndim != 2 or mask.shape != labels.shape:
            raise ValueError(
                f'{name} are {mask.dtype} {mask.shape}, wanted uint8 height x width, both alike'
            )
    if not 1 <= class_count <= VOID:
        raise ValueError(f'class_count is {class_count}, wanted 1 - {VOID}')
    height, width = labels.shape
    if not (1 <= rows <= height and 1 <= cols <= width):
        raise ValueError(
            f'{rows} x {cols} cells on a picture of {height} x {width} pixels (rows x columns), '
            'wanted at least one cell and no more cells than pixels'
        )
