# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of a frame and its annotation, as every data set gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.label_sets import VOID, LabelSet


class DataSetError(UserError):
    """The data is not where or not what it should be; the text says which file and what to do."""


@dataclass(frozen=True)
class AnnotatedFrames:
    """A sequence of (frame, labels): RGB uint8 H x W x 3 and class ids uint8 H x W, 255 void."""

    label_set: LabelSet
    pairs: tuple[tuple[Path, Path], ...]
    """Image file and annotation file of each frame."""

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        image_path, annotation_path = self.pairs[index]
        frame, labels = read_frame(image_path), self.labels(index)
        if labels.shape != frame.shape[:2]:
            raise DataSetError(
                f'{annotation_path}: {labels.shape}; wanted {frame.shape[:2]} like its frame'
            )
        return frame, labels

    def labels(self, index: int) -> NDArray[np.uint8]:
        """Return the labels of a frame alone."""
        path = self.pairs[index][1]
        annotation = _read(path, cv2.IMREAD_UNCHANGED)
        if annotation.ndim != 2 or annotation.dtype != np.uint8:
            raise DataSetError(
                f'{path}: a {annotation.dtype} image, {annotation.shape}; wanted a single-channel '
                '8-bit image of class ids'
            )
        return _class_ids(self.label_set)[annotation]


def read_frame(path: Path) -> NDArray[np.uint8]:
    """Read an image file as RGB uint8, H x W x 3; DataSetError where it cannot be read."""
    return cv2.cvtColor(_read(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def pair_up(images: Path, annotations: Path, hint: str) -> tuple[tuple[Path, Path], ...]:
    """Pair the PNG files of two folders by name; ``hint`` says where the data is to be had."""
    for folder in (images, annotations):
        if not folder.is_dir():
            raise DataSetError(f'no folder {folder}; {hint}')
    pairs = tuple((image, annotations / image.name) for image in sorted(images.glob('*.png')))
    if not pairs:
        raise DataSetError(f'no PNG file in {images}; {hint}')
    for _, annotation in pairs:
        if not annotation.is_file():
            raise DataSetError(f'no annotation {annotation}; {hint}')
    return pairs


def _read(path: Path, flags: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), flags)
    if image is None:
        raise DataSetError(f'{path}: not an image that can be read; restore the file')
    return image


def _class_ids(label_set: LabelSet) -> NDArray[np.uint8]:
    """Annotation id -> class id, 255 where the id is no class."""
    table = np.full(256, VOID, np.uint8)
    table[list(label_set.annotation_ids)] = np.arange(len(label_set.classes), dtype=np.uint8)
    return table
