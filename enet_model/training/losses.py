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
    present = labels.unique()
    present = present[present != VOID]
    if not len(present):
        return logits.sum() * 0.0
    probabilities = logits.softmax(dim=1).movedim(1, 0).flatten(1)[present]
    labels = labels.flatten()
    inside = labels == present[:, None]
    # Without an error a pixel is the last in order and counts nothing: void needs no cutting out.
    errors = torch.where(labels != VOID, (inside.float() - probabilities).abs(), 0.0)
    errors, order = errors.sort(dim=1, descending=True)
    gradient = _jaccard_gradient(inside.gather(1, order).to(errors.dtype))
    return (errors * gradient).sum(dim=1).mean()


def _jaccard_gradient(inside: Tensor) -> Tensor:
    """Gradient of the Jaccard loss of classes, C x P, with respect to their sorted errors.

    Algorithm 1 of the paper.
    """
    total = inside.sum(dim=1, keepdim=True)
    intersection = total - inside.cumsum(dim=1)
    union = total + (1.0 - inside).cumsum(dim=1)
    jaccard = 1.0 - intersection / union
    return jaccard.diff(dim=1, prepend=jaccard.new_zeros(len(jaccard), 1))
