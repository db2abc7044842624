# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ground around the robot in square cells, as ``nav_msgs/OccupancyGrid`` defines them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_ros.free_space import OBSTACLE, View

UNKNOWN = -1

# The weight of a sample by its confidence, 0 - 255, in one sum a cell: the whole part counts the
# samples, the fraction adds up their doubts; 0, which stands for not free, is beyond any count.
_DOUBT = 2.0**-32  # so little that the doubts of a cell do not add up to 1
_SPOILT = 2.0**40
_WEIGHTS = 1.0 + _DOUBT * np.arange(255, -1, -1)
_WEIGHTS[0] = _SPOILT


@dataclass(frozen=True)
class Grid:
    """Cells of a square of ground, aligned with the axes of the grid's frame."""

    data: NDArray[np.int8]
    """[side, side] rows along y, columns along x: 0 free ... 100 occupied, -1 unknown; never 99,
    which Nav2 reads as "inscribed"."""
    origin: tuple[float, float]
    """x, y of the outer corner of cell [0, 0], m: a multiple of the resolution."""
    resolution: float
    """Side of a cell, m."""


def occupancy_grid(
    view: View, *, size: float = 20.0, base_in_grid: tuple[float, float, float] = (0.0, 0.0, 0.0)
) -> Grid:
    """Return the cells of a square of ``size`` [m] with the robot in its middle.

    A cell is occupied where an obstacle's contact lies in it: 50 + 50 x probability. It is free
    only if it is seen whole and free: 50 - 50 x mean probability; what the network does not give to
    the class is split evenly between free and occupied. All others are unknown.

    ``base_in_grid`` is x, y [m] and yaw [rad] of the base frame in the grid's frame at the time of
    the frame; without it the grid is in the base frame. The number of cells never changes, and the
    grid moves by whole cells.
    """
    plane, sure, resolution = view.plane, view.confidence, view.plane.resolution
    side = round(size / resolution)
    if side < 1:
        raise ValueError(f'a grid of {size} m holds no cell of {resolution} m')
    x, y, yaw = base_in_grid
    column, row = (round((at - size / 2) / resolution) for at in (x, y))

    # All samples fall into a wider grid, so that none needs to be checked.
    margin = max(0, int(np.ceil((plane.reach - size / 2) / resolution)) + 2)
    width = side + 2 * margin
    cosine, sine = np.cos(yaw) / resolution, np.sin(yaw) / resolution
    # OpenCV rounds, cells are cut off: half a cell less.
    right = x / resolution - column + margin - 0.5
    up = y / resolution - row + margin - 0.5
    cell = cv2.addWeighted(plane.x, sine, plane.y, cosine, up, dtype=cv2.CV_32S)
    cell *= width
    cell += cv2.addWeighted(plane.x, cosine, plane.y, -sine, right, dtype=cv2.CV_32S)
    cells = cell.astype(np.intp)

    weight = cv2.LUT(view.free * (np.uint8(255) if sure is None else sure), _WEIGHTS)
    total = np.bincount(cells.reshape(-1), weight.reshape(-1), minlength=width**2)
    count = np.floor(total)
    free = (count > 0) & (count < _SPOILT)
    doubt = (total[free] - count[free]) / (count[free] * _DOUBT * 255)
    data = np.full(width**2, UNKNOWN, np.int8)
    data[free] = np.rint(50 * doubt)

    bearing, index, probability = _contact_samples(view)
    hit = cells[bearing, index]
    occupied = np.zeros(width**2, np.float32)
    np.maximum.at(occupied, hit, 50 + 50 * probability)
    value = np.rint(occupied[hit])
    data[hit] = np.where(value == 99, 98, value)
    inner = slice(margin, margin + side)
    data = np.ascontiguousarray(data.reshape(width, width)[inner, inner])
    return Grid(data, (column * resolution, row * resolution), resolution)


def _contact_samples(
    view: View,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return the samples in the pixels of the contacts: bearing, range index, probability.

    Far out a pixel is longer than a cell, and the obstacle stands somewhere in it.
    """
    plane, contacts = view.plane, view.contacts
    first = contacts.range_index
    after = np.searchsorted(plane.ranges, plane.edges[first] + contacts.depth)
    after = np.maximum(after, first + 1)
    index = first[:, None] + np.arange(np.max(after - first, initial=1))
    contact, column = np.nonzero(index < after[:, None])
    bearing, at = contacts.bearing[contact], index[contact, column]
    stands = view.state[bearing, at] == OBSTACLE
    return bearing[stands], at[stands], contacts.probability[contact[stands]]
