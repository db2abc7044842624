# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How much of the picture each class covers, as a whole and in coarse cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID
from enet_model.resizing import mask_repeats


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
    shape: tuple[int, int] | None = None,
) -> Occupancy:
    """Return what share of the picture and of each of rows x cols cells the classes cover.

    ``labels`` (class ids, 255 without a label) and ``confidence`` (255 x probability) are uint8,
    height x width. With ``shape``, a height and a width, the picture is the mask that
    :func:`enet_model.resizing.resize_mask` makes of them: its pixels are counted without making it,
    each of the given ones as often as it is repeated there. The cells tile the picture: each pixel
    is in exactly one; where the picture does not divide, cells differ by one pixel.

    Raises ValueError for arrays of another kind, ids of no class, or more cells than pixels.
    """
    _check_masks(labels, confidence, class_count)
    height, width = shape = shape or labels.shape
    _check_cells(rows, cols, height, width)
    table = _count_table(labels.shape, shape, rows, cols)
    # 0 ... class_count - 1: the classes; then: without a label; then: ids of no class.
    kinds = np.full(256, min(class_count + 1, 255), np.uint8)  # 255 classes leave no other ids
    kinds[:class_count] = np.arange(class_count)
    kinds[VOID] = class_count
    labels_ = cv2.LUT(labels, kinds)
    pieces = labels_[table.rows][:, table.cols].astype(table.bins.dtype, copy=False)
    per_bin = _joint_count((pieces, table.bins), (class_count + 2, len(table.bin_pixels)))
    in_cells = np.add.reduceat(per_bin * table.bin_pixels, table.first_bins, axis=1)
    sure = _joint_count((labels_, confidence, table.repeats), (class_count, 256, len(table.counts)))
    confidence_sum = np.arange(256) @ (sure @ table.counts).T

    *count, unlabeled, foreign = in_cells.sum(axis=1)
    if foreign:
        ids = np.setdiff1d(labels, [*range(class_count), VOID])
        raise ValueError(
            f'labels hold the ids {ids.tolist()}, wanted 0 - {class_count - 1} or {VOID}; the '
            'model and its list of classes do not belong together'
        )
    cell_pixels = in_cells.sum(axis=0)
    shares = (in_cells[:class_count] / cell_pixels).reshape(class_count, rows, cols)
    return Occupancy(
        image_fraction=np.divide(count, height * width, dtype=np.float32),
        mean_confidence=np.divide(confidence_sum, np.maximum(count, 1) * 255, dtype=np.float32),
        cell_fraction=shares.astype(np.float32),
        unlabeled_fraction=float(unlabeled) / (height * width),
    )


@dataclass(frozen=True)
class _CountTable:
    """What each pixel of a mask (height x width) counts for in a picture of another size.

    A row whose repetitions lie on both sides of a border between cells is two pieces, and so is a
    column: there are h x w pieces. Those of one cell that stand for equally many pixels of the
    picture share a bin, in which they are counted together.
    """

    rows: NDArray[np.intp]
    """[h] the mask's row of each piece."""
    cols: NDArray[np.intp]
    """[w] the mask's column of each piece."""
    bins: NDArray[np.unsignedinteger]
    """[h, w] the bin of each piece; bins are in the order of the cells."""
    bin_pixels: NDArray[np.intp]
    """[number of bins] pixels of the picture for each piece in the bin."""
    first_bins: NDArray[np.intp]
    """[rows x cols] the first bin of each cell."""
    repeats: NDArray[np.uint8]
    """[height, width] index into ``counts``: how often the picture repeats the pixel."""
    counts: NDArray[np.intp]
    """Every number of repetitions that occurs."""


@lru_cache(maxsize=8)  # each size of camera has one
def _count_table(
    mask_shape: tuple[int, ...], shape: tuple[int, ...], rows: int, cols: int
) -> _CountTable:
    row_of, row_cell, row_pixels, row_repeats = _pieces(mask_shape[0], shape[0], rows)
    col_of, col_cell, col_pixels, col_repeats = _pieces(mask_shape[1], shape[1], cols)
    cells = np.add.outer(row_cell * cols, col_cell)
    pixels = np.outer(row_pixels, col_pixels)
    base = pixels.max() + 1
    bin_keys, bins = np.unique(cells * base + pixels, return_inverse=True)
    counts, repeats = np.unique(np.outer(row_repeats, col_repeats), return_inverse=True)
    return _CountTable(
        rows=row_of,
        cols=col_of,
        bins=bins.reshape(cells.shape).astype(np.uint8 if len(bin_keys) <= 256 else np.uint16),
        bin_pixels=bin_keys % base,
        first_bins=np.searchsorted(bin_keys // base, np.arange(rows * cols)),
        repeats=repeats.reshape(mask_shape).astype(np.uint8),
        counts=counts,
    )


def _pieces(length: int, picture_length: int, parts: int) -> tuple[NDArray[np.intp], ...]:
    """Return source, part and pixels of the pieces along one axis, and how often sources occur."""
    source = mask_repeats(length, picture_length)
    borders = np.arange(1, parts) * picture_length // parts
    part = np.searchsorted(borders, np.arange(picture_length), side='right')
    pieces, pixels = np.unique(source * parts + part, return_counts=True)
    return pieces // parts, pieces % parts, pixels, np.bincount(source, minlength=length)


def _joint_count(images: Sequence[NDArray[Any]], sizes: Sequence[int]) -> NDArray[np.float32]:
    """Return how many pixels have each combination of values; those beyond ``sizes`` are left out.

    NumPy needs several times as long: it makes 64-bit numbers of the pixels first.
    """
    ranges = [bound for size in sizes for bound in (0, size)]
    return cv2.calcHist(list(images), list(range(len(images))), None, list(sizes), ranges)


def _check_masks(
    labels: NDArray[np.uint8], confidence: NDArray[np.uint8], class_count: int
) -> None:
    for name, mask in (('labels', labels), ('confidence', confidence)):
        if mask.dtype != np.uint8 or mask.ndim != 2 or mask.shape != labels.shape:
            raise ValueError(
                f'{name} are {mask.dtype} {mask.shape}, wanted uint8 height x width, both alike'
            )
    if not 1 <= class_count <= VOID:
        raise ValueError(f'class_count is {class_count}, wanted 1 - {VOID}')


def _check_cells(rows: int, cols: int, height: int, width: int) -> None:
    if not (1 <= rows <= height and 1 <= cols <= width):
        raise ValueError(
            f'{rows} x {cols} cells on a picture of {height} x {width} pixels (rows x columns), '
            'wanted at least one cell and no more cells than pixels'
        )
