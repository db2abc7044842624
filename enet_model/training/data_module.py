# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The batches of a recipe, dealt to the processes of a training."""

from __future__ import annotations

from typing import Any

import lightning
from torch.utils.data import DataLoader, Dataset, Sampler

from enet_model.datasets.catalog import open_data_set
from enet_model.datasets.loading import EpochSampler, EvaluationFrames, TrainingFrames
from enet_model.training.recipe import Recipe


class FramesModule(lightning.LightningDataModule):
    """Training and validation batches: float N x 3 x H x W in [0, 1] and int64 N x H x W.

    DataSetError where the data is not there.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        data = recipe.data
        self.training = open_data_set(data.name, data.root, data.split, data.size)
        self.validation = open_data_set(data.name, data.root, 'val', data.size)

    def train_dataloader(self) -> DataLoader[Any]:
        trainer, recipe = self._trainer, self.recipe
        frames = TrainingFrames(self.training, recipe.augmentation, recipe.crop_at, recipe.seed)
        sampler = EpochSampler(
            len(self.training),
            recipe.seed,
            lambda: trainer.current_epoch,
            trainer.global_rank,
            trainer.world_size,
        )
        return self._loader(frames, sampler, recipe.data.batch_size // trainer.world_size)

    def val_dataloader(self) -> DataLoader[Any]:
        trainer = self._trainer
        indices = range(trainer.global_rank, len(self.validation), trainer.world_size)
        return self._loader(EvaluationFrames(self.validation), indices, 1)

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
