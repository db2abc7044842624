# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches for training, the same in every run: each sample depends on seed, epoch and index alone.

Nothing random is carried from one sample to the next, so a run that is resumed at an epoch sees
exactly what the run that was never stopped sees, with any number of workers or processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.augmentation import Augmentation, mix_classes

Key = tuple[int, int]
"""Epoch and index of a sample."""


@dataclass(frozen=True)
class EpochSampler(Sampler[Key]):
    """Shuffles anew each epoch and deals to the processes; an uneven rest is left out."""

    length: int
    seed: int
    epoch: Callable[[], int]
    """Asked at the start of each pass."""
    rank: int = 0
    processes: int = 1

    def __iter__(self) -> Iterator[Key]:
        epoch = self.epoch()
        order = np.random.default_rng((self.seed, epoch)).permutation(self.length)
        for index in order[: len(self) * self.processes][self.rank :: self.processes]:
            yield epoch, int(index)

    def __len__(self) -> int:
        return self.length // self.processes


@dataclass(frozen=True)
class TrainingFrames(Dataset[tuple[Tensor, Tensor]]):
    """Augmented (image, labels) by key: float 3 x H x W in [0, 1] and int64 H x W."""

    frames: AnnotatedFrames
    augmentation: Augmentation
    crop: Callable[[int], tuple[int, int]]
    """Height and width at an epoch."""
    seed: int

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor]:
        epoch, index = key
        generator = np.random.default_rng((self.seed, epoch, index))
        frame, labels = self._draw(index, epoch, generator)
        if self.augmentation.mix and generator.random() < self.augmentation.mix:
            other = int(generator.integers(len(self.frames)))
            mix_classes(frame, labels, self._draw(other, epoch, generator), generator)
        return to_tensors(frame, labels)

    def _draw(
        self, index: int, epoch: int, generator: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        frame, labels = self.frames[index]
        return self.augmentation(frame, labels, self.crop(epoch), generator)


@dataclass(frozen=True)
class EvaluationFrames(Dataset[tuple[Tensor, Tensor]]):
    """Whole frames as they are, in order: float 3 x H x W in [0, 1] and int64 H x W."""

    frames: AnnotatedFrames

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return to_tensors(*self.frames[index])

    def __len__(self) -> int:
        return len(self.frames)


def to_tensors(frame: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Turn RGB uint8 H x W x 3 and labels uint8 H x W into what the losses take.

    DataSetError where H or W does not divide by 8, which the networks need.
    """
    height, width = labels.shape
    if height % 8 or width % 8:
        raise DataSetError(
            f'a frame of {width} x {height} pixels came; width and height have to divide by 8: '
            'scale frames by data.size of the recipe'
        )
    image = torch.from_numpy(frame).permute(2, 0, 1).float().div_(255.0)
    return image, torch.from_numpy(labels).long()


def as_it_was_raised(error: DataSetError) -> DataSetError:
    """Return an error with its own text: that of a worker comes with the worker's traceback."""
    *_, last = str(error).splitlines()
    return DataSetError(last.removeprefix(f'{DataSetError.__module__}.{DataSetError.__name__}: '))
