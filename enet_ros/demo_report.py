# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo shows: how far it is, as a table, and what the network saw, as pictures."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.contact_sheet import contact_sheet, legend
from enet_ros.ground_picture import draw_grid
from enet_ros.image_fields import Frame
from enet_ros.occupancy_grid import Grid

CONTACT_SHEET = 'contact_sheet.png'
SHEET_FRAMES = 8
"""Frames on the contact sheet, each beside its overlay and the ground from above."""

_RECENT = 20  # results that rate and age are taken from
_WAITING = 32  # frames, overlays and grids that wait for what belongs to them
_BAR = 40  # characters
_SHEET_COLUMNS = 2  # frames side by side, with what belongs to them
_TABLE_PERIOD, _LINE_PERIOD = 0.25, 2.0  # s
_Kept = TypeVar('_Kept', Frame, Grid)


@dataclass
class Progress:
    """Counts, rate and age of the results, the provider, and what the newest frame shows."""

    wanted: int
    frames_in: int = 0
    frames_out: int = 0
    provider: str = 'not known yet'
    occupancy: Mapping[str, float] = field(default_factory=dict)
    """Share of the image [0 - 1] by class name."""
    _recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def add_result(self, now: float, age: float) -> None:
        """Count a result that came at ``now``, ``age`` after its frame was captured [s]."""
        self.frames_out += 1
        self._recent.append((now, age))

    @property
    def rate(self) -> float:
        """Recent results per second [Hz]; 0 before there are two."""
        if len(self._recent) < 2:
            return 0.0
        duration = self._recent[-1][0] - self._recent[0][0]
        return (len(self._recent) - 1) / duration if duration > 0 else 0.0

    @property
    def age(self) -> float:
        """Median age of recent results [s]; NaN before there is one."""
        return float(np.median([age for _, age in self._recent])) if self._recent else np.nan

    def summary(self) -> str:
        """Return everything but the classes, in one line."""
        age = '-' if np.isnan(self.age) else f'{1000 * self.age:.0f} ms'
        return (
            f'frames in {self.frames_in}  out {self.frames_out} of {self.wanted}  '
            f'rate {self.rate:.1f} Hz  age {age}  provider {self.provider}'
        )

    def line(self) -> str:
        """Return one line for a log: the summary and the classes that are seen, largest first."""
        largest = sorted(self.occupancy.items(), key=lambda item: -item[1])
        classes = '  '.join(f'{name} {share:.0%}' for name, share in largest if share >= 0.005)
        return f'{self.summary()}  {classes}'.rstrip()

    def table(self) -> str:
        """Return the summary and one row for each class, always of the same height."""
        rows = [
            f'  {name:<14}{share:7.1%}  {"█" * round(share * _BAR):<{_BAR}}'
            for name, share in self.occupancy.items()
        ]
        return '\n'.join([self.summary(), *rows])


class Display:
    """Shows a progress on a stream: a live table on a terminal, else a line if it changes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._live = stream, stream.isatty()
        self._period = _TABLE_PERIOD if self._live else _LINE_PERIOD
        self._due = time.monotonic() + self._period
        self._rows = 0
        self._line = ''

    def show(self, progress: Progress, last: bool = False) -> None:
        """Write the progress if it is time for it, or the ``last``."""
        if time.monotonic() < self._due and not last:
            return
        self._due = time.monotonic() + self._period
        if self._live:
            table = progress.table()
            back = f'\x1b[{self._rows}F\x1b[J' if self._rows else ''
            self._rows = table.count('\n') + 1
            print(back + table, file=self._stream, flush=True)
        elif progress.line() != self._line:
            self._line = progress.line()
            print(self._line, file=self._stream, flush=True)


class Album:
    """Writes overlays into a folder as they come, and at the end a contact sheet.

    What an earlier album has left in the folder is removed.
    """

    def __init__(self, folder: Path, wanted: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in [*folder.glob('overlay_*.png'), folder / CONTACT_SHEET]:
            old.unlink(missing_ok=True)
        self._folder, self._wanted = folder, wanted
        self._frames: dict[int, Frame] = {}
        self._overlays: dict[int, Frame] = {}
        self._grids: dict[int, Grid] = {}
        self._chosen: dict[int, list[Frame]] = {}
        self.overlays = 0
        """Number of overlays written."""

    def add_frame(self, stamp: int, frame: Frame) -> None:
        """Keep a frame of the camera; what belongs to it has its ``stamp`` and comes any time."""
        _keep(self._frames, stamp, frame)
        self._join(stamp)

    def add_overlay(self, stamp: int, overlay: Frame) -> None:
        """Write the overlay of the frame with this stamp."""
        _write(self._folder / f'overlay_{self.overlays:04d}.png', overlay)
        self.overlays += 1
        _keep(self._overlays, stamp, overlay)
        self._join(stamp)

    def add_grid(self, stamp: int, grid: Grid) -> None:
        """Keep the ground of the frame with this stamp; a frame may have none."""
        _keep(self._grids, stamp, grid)
        self._join(stamp)

    def finish(self, names: Sequence[str], colors: NDArray[np.uint8]) -> Path | None:
        """Write the contact sheet with a legend of the classes; None where nothing came."""
        if not self._chosen:
            return None
        pictures = [np.hstack(pictures) for pictures in self._chosen.values()]
        sheet = contact_sheet(pictures, _SHEET_COLUMNS)
        path = self._folder / CONTACT_SHEET
        _write(path, np.vstack([sheet, legend(names, colors, sheet.shape[1])]))
        return path

    def _join(self, stamp: int) -> None:
        """Choose a frame for the contact sheet, if it is time for another, and add its ground."""
        if stamp in self._frames and stamp in self._overlays:
            pictures = [self._frames.pop(stamp), self._overlays.pop(stamp)]
            chosen = len(self._chosen)
            due = (self.overlays - 1) * SHEET_FRAMES >= self._wanted * chosen
            if chosen < SHEET_FRAMES and due:
                self._chosen[stamp] = pictures
        if stamp in self._chosen and stamp in self._grids:
            pictures = self._chosen[stamp]
            pictures.append(draw_grid(self._grids.pop(stamp), pictures[0].shape[0]))


def _keep(waiting: dict[int, _Kept], stamp: int, kept: _Kept) -> None:
    """Put a frame, overlay or grid to those that wait for the others; the oldest is given up."""
    waiting[stamp] = kept
    if len(waiting) > _WAITING:
        del waiting[next(iter(waiting))]


def _write(path: Path, rgb: Frame) -> None:
    if not cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)):
        raise OSError(f'{path} cannot be written')
