# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels that are too unsure to stay."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID


def apply_threshold(
    labels: NDArray[np.uint8], confidence: NDArray[np.uint8], threshold: float
) -> NDArray[np.uint8]:
    """Return ``labels`` with every pixel void whose probability is under ``threshold``.

    ``labels`` and ``confidence`` (255 x probability) are uint8 of one shape; ``threshold`` is a
    probability. A threshold of 0 keeps every label and returns ``labels`` itself, not a copy.

    Raises ValueError for two shapes, or a threshold outside 0 - 1.
    """
    if labels.shape != confidence.shape:
        raise ValueError(f'labels {labels.shape} and confidence {confidence.shape} differ in size')
    if not 0.0 <= threshold <= 1.0:
        raise ValueError(f'threshold is {threshold}, wanted a probability, 0 - 1')
    level = int(np.searchsorted(np.arange(256) / 255, threshold))  # the lowest that is kept
    if level == 0:
        return labels
    _, unsure = cv2.threshold(confidence, level - 1, VOID, cv2.THRESH_BINARY_INV)  # VOID or 0
    return cast(NDArray[np.uint8], cv2.bitwise_or(labels, unsure))  # VOID has every bit set
