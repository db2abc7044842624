# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether an adapted model file says what the foreign network says with NumPy around it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from enet_model.deployment.adapt_source import AdaptError, Foreign
from enet_model.spec import Normalization

# Where two classes are equally probable but for rounding, either may win; and the confidence of 255
# steps is rounded.
LARGEST_LABEL_CHANGE = 1e-3
LARGEST_CONFIDENCE_ERROR = 1


class Parity(NamedTuple):
    """How the adapted graph compares with the foreign one on a frame."""

    changed_labels: int
    compared_labels: int
    confidence_error: int
    """Largest difference, of 255."""


def compare(
    foreign: Foreign, model: onnx.ModelProto, normalization: Normalization, *, bgr: bool = False
) -> Parity:
    """Compare both on a noise image; AdaptError where they are too far apart."""
    width, height = foreign.size
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    probabilities = probabilities_of(foreign, frame, normalization, bgr=bgr)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    labels, confidence = session.run(('labels', 'confidence'), {'image': frame[None]})
    wanted = np.rint(probabilities.max(axis=2) * 255)
    parity = Parity(
        int((labels[0] != probabilities.argmax(axis=2)).sum()),
        labels.size,
        int(np.abs(confidence[0] - wanted).max()),
    )
    if (
        parity.changed_labels > LARGEST_LABEL_CHANGE * parity.compared_labels
        or parity.confidence_error > LARGEST_CONFIDENCE_ERROR
    ):
        raise AdaptError(
            f'{foreign.path}: the adapted graph gives {parity.changed_labels} of '
            f'{parity.compared_labels} labels otherwise, and a confidence that is off by '
            f'{parity.confidence_error} of 255; report this with the file'
        )
    return parity


def probabilities_of(
    foreign: Foreign,
    frame: NDArray[np.uint8],
    normalization: Normalization,
    *,
    bgr: bool = False,
) -> NDArray[np.float32]:
    """Return what the foreign network says of an RGB frame, uint8 H x W x 3.

    The result is float32 H x W x classes.
    """
    height, width = frame.shape[:2]
    mean, std = np.array((normalization.mean, normalization.std), np.float32)
    pixels = (frame.astype(np.float32) / 255 - mean) / std
    scores = foreign.run(np.ascontiguousarray(pixels[..., :: -1 if bgr else 1].transpose(2, 0, 1)))
    planes = [cv2.resize(plane, (width, height)) for plane in scores]  # bilinear, pixel centres
    if len(planes) == 1:
        planes.insert(0, 1 - planes[0] if foreign.activated else np.zeros_like(planes[0]))
    stacked: NDArray[np.float32] = np.dstack(planes)
    if foreign.activated:
        return stacked
    powers = np.exp(stacked - stacked.max(axis=2, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=2, keepdims=True)
    return probabilities
