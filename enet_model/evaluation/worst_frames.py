# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The frames that a network is worst at, to be looked at."""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enet_model import overlay
from enet_model.contact_sheet import caption, contact_sheet, legend
from enet_model.datasets.annotated_frames import AnnotatedFrames
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.pictures import write_picture
from enet_model.resizing import fit, resize_mask

_PANEL_WIDTH = 400  # pixels, of each of the three pictures of a frame
_OPACITY = 0.7


class WorstFrames:
    """Observes an evaluation and keeps the ``count`` frames of lowest mean IoU.

    The mean is over the classes that a frame shows or is said to show. Frames without a label have
    none.
    """

    def __init__(self, frames: AnnotatedFrames, count: int = 8) -> None:
        self._names = [path.stem for path, _ in frames.pairs]
        self._classes = frames.label_set.classes
        self._colors = np.array([c.color for c in self._classes], np.uint8)
        self._count = count
        # The best of the worst first, to be pushed out: negative score, and index to break ties.
        self._worst: list[tuple[float, int, NDArray[np.uint8]]] = []

    def __call__(
        self,
        index: int,
        frame: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        predicted: NDArray[np.uint8],
    ) -> None:
        confusion = ConfusionMatrix(len(self._classes))
        confusion.add(labels, predicted)
        if not confusion.counts.any():
            return
        score = confusion.mean_iou
        if len(self._worst) == self._count and -score <= self._worst[0][0]:
            return
        row = self._draw(index, score, frame, labels, predicted)
        heapq.heappush(self._worst, (-score, index, row))
        if len(self._worst) > self._count:
            heapq.heappop(self._worst)

    @property
    def indices(self) -> list[int]:
        """Which frames they are, the worst first."""
        return [index for _, index, _ in sorted(self._worst, reverse=True)]

    def write(self, path: Path) -> None:
        """Write a contact sheet of them, the worst first: frame, truth and prediction, a legend."""
        sheet = contact_sheet([row for _, _, row in sorted(self._worst, reverse=True)], columns=1)
        names = [label_class.name for label_class in self._classes]
        sheet = np.vstack((sheet, legend(names, self._colors, sheet.shape[1])))
        write_picture(path, sheet)

    def _draw(
        self,
        index: int,
        score: float,
        frame: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        predicted: NDArray[np.uint8],
    ) -> NDArray[np.uint8]:
        size = _PANEL_WIDTH, round(frame.shape[0] * _PANEL_WIDTH / frame.shape[1])
        small = fit(frame, *size)
        drawn = [
            overlay.draw(small, resize_mask(mask, *size), self._colors, _OPACITY)
            for mask in (labels, predicted)
        ]
        panels = contact_sheet([small, *drawn], columns=3, gap=4)
        text = f'{self._names[index]}: mean IoU {score:.1%}. Frame, truth, prediction'
        return np.vstack((caption(text, panels.shape[1]), panels))
