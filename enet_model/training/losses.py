# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What training minimises, and how rare classes are made to count."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from enet_model.datasets.annotated_frames import AnnotatedFrames
from enet_model.label_sets import VOID


def class_shares(frames: AnnotatedFrames) -> NDArray[np.float64]:
    """Count the share of each class among the labelled pixels of a data set."""
    counts = np.zeros(256, np.int64)
    for index in range(len(frames)):
        counts += np.bincount(frames.labels(index).ravel(), minlength=256)
    counts = counts[: len(frames.label_set.classes)]
    return counts / max(counts.sum(), 1)


def class_weights(shares: NDArray[np.float64], damping: float) -> Tensor:
    """Weigh a class of share p by 1 / ln(damping + p) (ENet, section 5.1: damping 1.02)."""
    return torch.from_numpy(1.0 / np.log(damping + shares)).float()


def cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    """Mean over labelled pixels, 0 without any; logits N x C x H x W, labels N x H x W."""
    if not (labels != VOID).any():
        return logits.sum() * 0.0  # the mean of nothing is NaN, which would spoil all weights
    return functional.cross_entropy(logits, labels, weights, ignore_index=VOID)


def lovasz_softmax(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean over the classes in the batch of a convex stand-in for 1 - IoU.

    M. Berman, A. Rannen Triki, M. B. Blaschko, "The Lovasz-Softmax loss", CVPR 2018, section 3.
    """
    labeled = labels != VOID
    probabilities = logits.softmax(dim=1).movedim(1, -1)[labeled]
    targets = labels[labeled]
    losses = []
    for class_id in targets.unique():
        inside = (targets == class_id).to(probabilities.dtype)
        errors, order = (inside - probabilities[:, class_id]).abs().sort(descending=True)
        losses.append(torch.dot(errors, _jaccard_gradient(inside[order])))
    return torch.stack(losses).mean() if losses else logits.sum() * 0.0


def _jaccard_gradient(inside: Tensor) -> Tensor:
    """Gradient of the Jaccard loss with respect to the sorted errors (algorithm 1 of the paper)."""
    total = inside.sum()
    intersection = total - inside.cumsum(0)
    union = total + (1.0 - inside).cumsum(0)
    jaccard = 1.0 - intersection / union
    return jaccard.diff(prepend=jaccard.new_zeros(1))
