# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several grids into one: what was seen a moment ago is kept, and fades.

Each cell holds the logarithm of its odds to be occupied (H. Moravec, A. Elfes, ICRA 1985; S. Thrun,
W. Burgard, D. Fox, "Probabilistic Robotics", 2005, section 9.2), which halves every ``half_life``
seconds. An obstacle comes with the frame that first shows it and goes when frames have shown its
place free, or when it has faded. A cell that is not seen again fades to unknown, never to free.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from enet_ros.occupancy_grid import UNKNOWN, Grid

_SUREST = 0.97  # probability that no cell exceeds, so that a world that changes is followed
_KNOWN = np.float32(np.log(0.6 / 0.4))  # odds nearer to even are unknown


class GridFusion:
    """Fuses the grids of one camera or several, all of one frame that does not move (odom)."""

    def __init__(self, *, half_life: float = 1.0) -> None:
        """Start with nothing known; what is known is half as sure after ``half_life`` [s]."""
        if not 0 < half_life < np.inf:
            raise ValueError(f'half_life is {half_life} s, wanted more than 0')
        self._half_life = half_life
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._grid: Grid | None = None
        self._stamp = -np.inf

    def add(self, grid: Grid, stamp: float) -> Grid:
        """Return ``grid``, taken at ``stamp`` [s], and what is still known from those before it.

        A stamp older than the last one (a clock that jumped, a bag that loops) or a grid of other
        cells begins anew.
        """
        odds = self._remembered(grid, stamp)
        seen = grid.data != UNKNOWN
        chance = np.clip(grid.data[seen] / np.float32(100), 1 - _SUREST, _SUREST)
        new = np.log(chance / (1 - chance))
        # Free ground of a moment ago must not outvote the obstacle that has just come.
        old = np.where(new > 0, np.maximum(odds[seen], 0), odds[seen])
        surest = np.log(_SUREST / (1 - _SUREST))
        odds[seen] = np.clip(old + new, -surest, surest)
        self._grid, self._odds, self._stamp = grid, odds, stamp

        known = np.abs(odds) > _KNOWN
        data = np.full(odds.shape, UNKNOWN, np.int8)
        data[known] = np.rint(100 / (1 + np.exp(-odds[known])))  # 3 - 97
        return Grid(data, grid.origin, grid.resolution)

    def _remembered(self, grid: Grid, stamp: float) -> NDArray[np.float32]:
        """Return the log odds in the cells of ``grid`` before it is added."""
        odds = np.zeros(grid.data.shape, np.float32)
        last = self._grid
        if (
            last is None
            or stamp < self._stamp
            or last.data.shape != grid.data.shape
            or last.resolution != grid.resolution
        ):
            return odds
        columns, rows = (
            round((now - before) / grid.resolution)
            for now, before in zip(grid.origin, last.origin, strict=True)
        )
        height, width = grid.data.shape
        to_rows, from_rows = _overlap(rows, height)
        to_columns, from_columns = _overlap(columns, width)
        faded = 0.5 ** ((stamp - self._stamp) / self._half_life)
        odds[to_rows, to_columns] = self._odds[from_rows, from_columns] * np.float32(faded)
        return odds


def _overlap(shift: int, length: int) -> tuple[slice, slice]:
    """Return where the old cells lie in the new grid, and in the old one."""
    shift = min(max(shift, -length), length)
    return (
        slice(max(-shift, 0), length - max(shift, 0)),
        slice(max(shift, 0), length - max(-shift, 0)),
    )
