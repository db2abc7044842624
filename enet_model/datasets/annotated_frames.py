# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of a frame and its annotation, as every data set gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.label_sets import VOID, LabelSet
from enet_model.pictures import PICTURES
from enet_model.resizing import fit, resize_mask

Sample = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""A frame, RGB H x W x 3, and its labels, class ids H x W, 255 void."""


class DataSetError(UserError):
    """The data is not where or not what it should be; the text says which file and what to do."""


class Annotation(Protocol):
    """Where the labels of a frame stand; as text, the name of the place."""

    def read(self) -> NDArray[np.uint8]:
        """Return class ids, H x W, 255 void; DataSetError where they cannot be read."""


@dataclass(frozen=True)
class MaskFile:
    """An image of one channel, 8 bits deep, in which ``ids[i]`` stands for class i."""

    path: Path
    ids: tuple[int, ...]

    def __str__(self) -> str:
        return str(self.path)

    def read(self) -> NDArray[np.uint8]:
        mask = _read(self.path, cv2.IMREAD_UNCHANGED)
        if mask.ndim != 2 or mask.dtype != np.uint8:
            raise DataSetError(
                f'{self}: a {mask.dtype} image, {mask.shape}; wanted a single-channel '
                '8-bit image of class ids'
            )
        return to_class_ids(mask, self.ids)


@dataclass(frozen=True)
class AnnotatedFrames:
    """A sequence of (frame, labels): RGB uint8 H x W x 3 and class ids uint8 H x W, 255 void."""

    label_set: LabelSet
    pairs: tuple[tuple[Path, Annotation], ...]
    """Image file and annotation of each frame."""
    size: tuple[int, int] | None = None
    """Width and height to which both are scaled; none leaves them as they are."""

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> Sample:
        path, annotation = self.pairs[index]
        frame, labels = read_frame(path), annotation.read()
        if labels.shape != frame.shape[:2]:
            raise DataSetError(
                f'{annotation}: {labels.shape}; wanted {frame.shape[:2]} like its frame'
            )
        if self.size is None:
            return frame, labels
        return fit(frame, *self.size), resize_mask(labels, *self.size)

    def in_memory(self) -> list[Sample]:
        """Read all frames and labels, once."""
        return [self[index] for index in range(len(self))]

    def sample(self, count: int) -> Iterator[NDArray[np.uint8]]:
        """Yield frames from all over the data, without labels: ``count``, or all that there are."""
        step = max(len(self) // count, 1)
        for index in range(0, len(self), step)[:count]:
            yield self[index][0]

    def labels(self, index: int) -> NDArray[np.uint8]:
        """Return the labels of a frame alone."""
        labels = self.pairs[index][1].read()
        return labels if self.size is None else resize_mask(labels, *self.size)


def read_frame(path: Path) -> NDArray[np.uint8]:
    """Read an image file as RGB uint8, H x W x 3; DataSetError where it cannot be read."""
    return cv2.cvtColor(_read(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def find_frames(folder: Path, pattern: str, hint: str) -> list[Path]:
    """List the images in a folder whose path there fits the pattern, in order.

    DataSetError, with ``hint`` on where the data is to be had, where there is none.
    """
    paths = check_folder(folder, hint).glob(pattern)
    found = sorted(path for path in paths if path.suffix.lower() in PICTURES)
    if not found:
        raise DataSetError(f'no image {folder / pattern}; {hint}')
    return found


def check_folder(path: Path, hint: str) -> Path:
    """Return the path of a folder; DataSetError where it is not there."""
    if not path.is_dir():
        raise DataSetError(f'no folder {path}; {hint}')
    return path


def check_file(path: Path, hint: str) -> Path:
    """Return the path of a file; DataSetError where it is not there."""
    if not path.is_file():
        raise DataSetError(f'no file {path}; {hint}')
    return path


def to_class_ids(values: NDArray[np.uint8], ids: tuple[int, ...]) -> NDArray[np.uint8]:
    """Turn the values of an annotation into class ids: ``ids[i]`` into i, all others into 255."""
    table = np.full(256, VOID, np.uint8)
    table[list(ids)] = np.arange(len(ids), dtype=np.uint8)
    return table[values]


def _read(path: Path, flags: int) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), flags)
    if image is None:
        raise DataSetError(f'{path}: not an image that can be read; restore the file')
    return image
