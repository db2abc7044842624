# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The batches of a recipe, dealt to the processes of a training."""

from __future__ import annotations

from typing import Any

import cv2
import lightning
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from enet_model.datasets.catalog import open_data_set
from enet_model.datasets.loading import EpochSampler, EvaluationFrames, TrainingFrames, as_input
from enet_model.training.recipe import Recipe


class FramesModule(lightning.LightningDataModule):
    """Training and validation batches: float N x 3 x H x W in [0, 1] and int64 N x H x W.

    DataSetError where the data is not there.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        if recipe.data.workers:
            # Each worker has one core, and a pool of threads in this process would hang its forks.
            cv2.setNumThreads(1)
        self.recipe = recipe
        data = recipe.data
        self.training = open_data_set(data.name, data.root, data.split, data.size)
        self.validation = open_data_set(data.name, data.root, 'val', data.size)

    def train_dataloader(self) -> DataLoader[Any]:
        trainer, recipe = self._trainer, self.recipe
        frames = TrainingFrames(
            self.training.in_memory() if recipe.data.in_memory else self.training,
            recipe.augmentation,
            recipe.crop_in_pass,
            recipe.seed,
        )
        sampler = EpochSampler(
            len(self.training),
            recipe.seed,
            lambda: trainer.current_epoch,
            trainer.global_rank,
            trainer.world_size,
            recipe.data.passes,
        )
        return self._loader(frames, sampler, recipe.data.batch_size // trainer.world_size)

    def val_dataloader(self) -> DataLoader[Any]:
        trainer = self._trainer
        indices = range(trainer.global_rank, len(self.validation), trainer.world_size)
        return self._loader(EvaluationFrames(self.validation), indices, 1)

    def on_after_batch_transfer(
        self, batch: tuple[Tensor, Tensor], dataloader_idx: int
    ) -> tuple[Tensor, Tensor]:
        """Turn bytes, now on the device that trains, into what network and losses take."""
        images, labels = batch
        # What Lightning does to numbers of a batch, which were none when it came.
        return self._trainer.precision_plugin.convert_input(as_input(images)), labels.long()

    def _loader(
        self, frames: Dataset[Any], sampler: Sampler[Any] | range, batch_size: int
    ) -> DataLoader[Any]:
        return DataLoader(
            frames,
            batch_size,
            sampler=sampler,
            drop_last=True,
            num_workers=self.recipe.data.workers,
            persistent_workers=self.recipe.data.workers > 0,
            pin_memory=self._trainer.strategy.root_device.type == 'cuda',
        )

    @property
    def _trainer(self) -> lightning.Trainer:
        assert self.trainer is not None
        return self.trainer
