# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scores of a segmentation, all from one confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID


@dataclass
class ConfusionMatrix:
    """Counts pixels by true class (row) and predicted class (column); void pixels do not count.

    A labelled pixel that is predicted as no class (255) is counted in an extra last column, so that
    it lowers the scores of its class and raises nobody's.
    """

    class_count: int

    def __post_init__(self) -> None:
        self.counts: NDArray[np.int64] = np.zeros(
            (self.class_count, self.class_count + 1), np.int64
        )

    def add(self, labels: NDArray[np.integer], predicted: NDArray[np.integer]) -> None:
        """Count a frame; both are arrays of class ids of one shape, 255 for void."""
        if labels.shape != predicted.shape:
            raise ValueError(
                f'labels {labels.shape} and predictions {predicted.shape} differ in shape'
            )
        columns = self.class_count + 1
        labeled = labels != VOID
        truth = labels[labeled].astype(np.int64)
        guess = np.minimum(predicted[labeled].astype(np.int64), self.class_count)
        self.counts += np.bincount(
            truth * columns + guess, minlength=self.class_count * columns
        ).reshape(self.counts.shape)

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union by class; NaN where a class is neither there nor predicted."""
        hits = np.diagonal(self.counts)
        union = self.counts.sum(1) + self.counts.sum(0)[:-1] - hits
        return _ratio(hits, union)

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Share of each class's pixels that are found (recall); NaN where it has none."""
        return _ratio(np.diagonal(self.counts), self.counts.sum(1))

    @property
    def mean_iou(self) -> float:
        """Mean of the classes' IoU."""
        return float(np.nanmean(self.iou))

    @property
    def class_average(self) -> float:
        """Mean of the classes' accuracies, as the paper's tables have it."""
        return float(np.nanmean(self.accuracy))

    @property
    def global_accuracy(self) -> float:
        """Share of all labelled pixels that are right."""
        return float(np.diagonal(self.counts).sum() / max(self.counts.sum(), 1))


def or_none(score: float) -> float | None:
    """Return a score as JSON can hold it: one that does not exist, NaN, is none."""
    return None if np.isnan(score) else float(score)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
