# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Random changes to a frame and its labels that a street could have shown just as well."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID


@dataclass(frozen=True)
class Augmentation:
    """Mirror, scale and shift, and change the light; all drawn from the generator that is given."""

    scale: tuple[float, float] = (0.55, 1.35)
    """Range of the zoom, drawn evenly on a logarithmic axis."""
    aspect: float = 0.1
    """Width and height differ in zoom by up to this share."""
    rotation: float = 3.0
    """Largest roll of the camera, degrees."""
    light: float = 0.35
    """Largest relative change of contrast, saturation and gamma."""
    brightness: float = 0.1
    """Largest change of brightness, as a share of white."""
    color: float = 0.08
    """Largest relative change of each colour channel."""
    mix: float = 0.0
    """Share of samples that get half of the classes of another frame laid over them."""

    def __post_init__(self) -> None:
        """Raise ValueError for what nothing can be drawn from."""
        smallest, largest = self.scale
        if not 0 < smallest <= largest < math.inf:
            raise ValueError(f'scale: {self.scale} came; wanted a range of numbers above 0')
        for name in ('aspect', 'rotation', 'light', 'brightness', 'color'):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise ValueError(f'{name}: {value} came; wanted a number of 0 or more')
        if not 0 <= self.mix <= 1:
            raise ValueError(f'mix: {self.mix} came; wanted a share, 0 to 1')

    def __call__(
        self,
        frame: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        size: tuple[int, int],
        generator: np.random.Generator,
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return a crop of height and width ``size``; void where the frame does not reach."""
        warp = self._draw_warp(frame.shape[:2], size, generator)
        height, width = size
        frame = cv2.warpAffine(frame, warp, (width, height), flags=cv2.INTER_LINEAR)
        labels = cv2.warpAffine(
            labels, warp, (width, height), flags=cv2.INTER_NEAREST, borderValue=VOID
        )
        return self._change_light(frame, generator), labels

    def _draw_warp(
        self, source: tuple[int, int], size: tuple[int, int], generator: np.random.Generator
    ) -> NDArray[np.float64]:
        zoom = np.exp(generator.uniform(*np.log(self.scale)))
        aspect = np.exp(generator.uniform(-self.aspect, self.aspect) / 2)
        angle = np.deg2rad(generator.uniform(-self.rotation, self.rotation))
        zoom_x, zoom_y = zoom * aspect, zoom / aspect
        mirror = -1.0 if generator.random() < 0.5 else 1.0
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        linear = linear @ np.diag([mirror * zoom_x, zoom_y])
        # Where the zoomed frame is larger than the crop, the crop lies anywhere inside it; where it
        # is smaller, it lies anywhere inside the crop.
        slack = np.array([source[1] * zoom_x - size[1], source[0] * zoom_y - size[0]])
        shift = generator.uniform(-0.5, 0.5, 2) * np.abs(slack)
        # The centre of an image of n pixels is at (n - 1) / 2: whole numbers are pixel centres.
        center = np.array([source[1] - 1, source[0] - 1]) / 2
        offset = np.array([size[1] - 1, size[0] - 1]) / 2 + shift - linear @ center
        return np.column_stack((linear, offset))

    def _change_light(
        self, frame: NDArray[np.uint8], generator: np.random.Generator
    ) -> NDArray[np.uint8]:
        contrast, saturation, gamma = np.exp(generator.uniform(-self.light, self.light, 3))
        brightness = generator.uniform(-self.brightness, self.brightness)
        gains = np.exp(generator.uniform(-self.color, self.color, 3))
        levels = np.linspace(0.0, 1.0, 256)[:, None]
        curve = ((levels**gamma - 0.5) * contrast + 0.5 + brightness) * gains
        table = np.clip(np.rint(curve * 255.0), 0, 255).astype(np.uint8)
        lit = cv2.LUT(frame, table.reshape(1, 256, 3))
        gray = cv2.cvtColor(cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        return cv2.addWeighted(lit, saturation, gray, 1.0 - saturation, 0.0)


def mix_classes(
    frame: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    over: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    generator: np.random.Generator,
) -> None:
    """Lay a random half of the classes of a sample over another of equal size, in place.

    Things then stand in front of what they never stood in front of, so that a small data set shows
    less of its own streets. V. Olsson, W. Tranheden, J. Pinto, L. Svensson, "ClassMix", WACV 2021,
    section 3.1, with labels where the authors have predictions.
    """
    other_frame, other_labels = over
    present = np.flatnonzero(np.bincount(other_labels.ravel(), minlength=256)[:VOID])
    chosen = generator.choice(present, (len(present) + 1) // 2, replace=False)
    is_laid = np.zeros(256, np.uint8)
    is_laid[chosen] = 1
    laid = is_laid[other_labels]
    cv2.copyTo(other_frame, laid, frame)
    cv2.copyTo(other_labels, laid, labels)
