# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches for training, the same in every run: each sample depends on seed, pass and index alone.

Nothing random is carried from one sample to the next, so a run that is resumed at an epoch sees
exactly what the run that was never stopped sees, with any number of workers or processes. Samples
stay bytes until they are on the device that trains: workers pass on, and a GPU takes, a fifth of
what the numbers for the network would be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError, Sample
from enet_model.datasets.augmentation import Augmentation, mix_classes

Key = tuple[int, int]
"""Number of the pass through the data, counted over all epochs, and index of a sample in it."""


@dataclass(frozen=True)
class EpochSampler(Sampler[Key]):
    """Shuffles anew in each pass and deals to the processes; an uneven rest is left out."""

    length: int
    seed: int
    epoch: Callable[[], int]
    """Asked at the start of each epoch."""
    rank: int = 0
    processes: int = 1
    passes: int = 1
    """Those of an epoch."""

    def __iter__(self) -> Iterator[Key]:
        first = self.epoch() * self.passes
        for number in range(first, first + self.passes):
            order = np.random.default_rng((self.seed, number)).permutation(self.length)
            for index in order[: self._hand * self.processes][self.rank :: self.processes]:
                yield number, int(index)

    def __len__(self) -> int:
        return self._hand * self.passes

    @property
    def _hand(self) -> int:
        return self.length // self.processes


@dataclass(frozen=True)
class TrainingFrames(Dataset[tuple[Tensor, Tensor]]):
    """Augmented (image, labels) by key: uint8 H x W x 3 and H x W."""

    frames: AnnotatedFrames | Sequence[Sample]
    augmentation: Augmentation
    crop: Callable[[int], tuple[int, int]]
    """Height and width in a pass."""
    seed: int

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor]:
        number, index = key
        generator = np.random.default_rng((self.seed, number, index))
        frame, labels = self._draw(index, number, generator)
        if self.augmentation.mix and generator.random() < self.augmentation.mix:
            other = int(generator.integers(len(self.frames)))
            mix_classes(frame, labels, self._draw(other, number, generator), generator)
        return to_tensors(frame, labels)

    def _draw(self, index: int, number: int, generator: np.random.Generator) -> Sample:
        frame, labels = self.frames[index]
        return self.augmentation(frame, labels, self.crop(number), generator)


@dataclass(frozen=True)
class EvaluationFrames(Dataset[tuple[Tensor, Tensor]]):
    """Whole frames as they are, in order: uint8 H x W x 3 and H x W."""

    frames: AnnotatedFrames

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return to_tensors(*self.frames[index])

    def __len__(self) -> int:
        return len(self.frames)


def to_tensors(frame: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Turn RGB uint8 H x W x 3 and labels uint8 H x W into tensors of the same shape and memory.

    DataSetError where H or W does not divide by 8, which the networks need.
    """
    height, width = labels.shape
    if height % 8 or width % 8:
        raise DataSetError(
            f'a frame of {width} x {height} pixels came; width and height have to divide by 8: '
            'scale frames by data.size of the recipe'
        )
    return torch.from_numpy(frame), torch.from_numpy(labels)


def as_input(images: Tensor) -> Tensor:
    """Turn uint8 N x H x W x 3 into what networks take: float N x 3 x H x W in [0, 1].

    In memory it stays channels last, the layout in which CPUs and tensor cores convolve fastest.
    """
    return images.permute(0, 3, 1, 2).float().div_(255.0)


def as_it_was_raised(error: DataSetError) -> DataSetError:
    """Return an error with its own text: that of a worker comes with the worker's traceback."""
    *_, last = str(error).splitlines()
    return DataSetError(last.removeprefix(f'{DataSetError.__module__}.{DataSetError.__name__}: '))
