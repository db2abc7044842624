# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet train``: a recipe and a data set -> checkpoints and a log.

A run is resumed by starting it again with the same folder: it goes on at the epoch after its last
checkpoint and ends as if it had never been stopped (same weights, bit for bit, on a CPU).
"""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from enet_model.datasets.annotated_frames import AnnotatedFrames
from enet_model.datasets.catalog import open_data_set
from enet_model.datasets.loading import EpochSampler, EvaluationFrames, TrainingFrames
from enet_model.networks.catalog import build_network
from enet_model.networks.enet import Encoder
from enet_model.training.losses import class_shares, class_weights, cross_entropy, lovasz_softmax
from enet_model.training.metrics import ConfusionMatrix
from enet_model.training.recipe import Optimizer, Phase, Recipe


def train(
    recipe: Recipe, folder: Path, processes: int = 1, accelerator: str = 'auto', nodes: int = 1
) -> Path:
    """Train, or go on training, in ``folder``; return the path of the best checkpoint.

    DataSetError where the data is not there.
    """
    lightning.seed_everything(recipe.seed, verbose=False)
    training = open_data_set(recipe.data.name, recipe.data.root, 'train')
    validation = open_data_set(recipe.data.name, recipe.data.root, 'val')
    module = SegmentationModule(recipe, training)
    best = ModelCheckpoint(
        folder, 'best', monitor='val/mean_iou', mode='max', enable_version_counter=False
    )
    last = ModelCheckpoint(
        folder, 'last', save_on_train_epoch_end=True, enable_version_counter=False
    )
    callbacks: list[Callback] = [best, last, LearningRateMonitor('step')]
    if recipe.ema_decay:
        callbacks.append(EMAWeightAveraging(decay=recipe.ema_decay))
    trainer = lightning.Trainer(
        accelerator=accelerator,
        devices=processes,
        num_nodes=nodes,
        max_epochs=recipe.epochs,
        check_val_every_n_epoch=recipe.validate_every,
        callbacks=callbacks,
        logger=TensorBoardLogger(folder, name=None, version='log'),
        gradient_clip_val=recipe.optimizer.clip_norm or None,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        deterministic=True,
    )
    data = FramesModule(recipe, training, validation)
    resume = folder / 'last.ckpt'
    trainer.fit(module, data, ckpt_path=resume if resume.is_file() else None, weights_only=True)
    return Path(best.best_model_path)


class FramesModule(lightning.LightningDataModule):
    """Training and validation batches for the processes of a trainer."""

    def __init__(
        self, recipe: Recipe, training: AnnotatedFrames, validation: AnnotatedFrames
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.training = training
        self.validation = validation

    def train_dataloader(self) -> DataLoader[Any]:
        trainer = self.trainer
        assert trainer is not None
        recipe = self.recipe
        frames = TrainingFrames(
            self.training,
            recipe.augmentation,
            lambda epoch: recipe.phase_at(epoch).crop,
            recipe.seed,
        )
        sampler = EpochSampler(
            len(self.training),
            recipe.seed,
            lambda: trainer.current_epoch,
            trainer.global_rank,
            trainer.world_size,
        )
        return DataLoader(
            frames,
            batch_size=max(recipe.data.batch_size // trainer.world_size, 1),
            sampler=sampler,
            num_workers=recipe.data.workers,
            drop_last=True,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        return DataLoader(EvaluationFrames(self.validation), num_workers=self.recipe.data.workers)


class SegmentationModule(lightning.LightningModule):
    """A network with its losses, its optimiser and its scores on val."""

    def __init__(self, recipe: Recipe, training: AnnotatedFrames) -> None:
        super().__init__()
        class_count = len(training.label_set.classes)
        self.recipe = recipe
        # Channels last is the layout in which CPUs and tensor cores convolve fastest.
        self.network = build_network(recipe.network, class_count, recipe.layout)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.auxiliary: nn.Module | None = None
        if any(phase.auxiliary or phase.encoder_only for phase in recipe.phases):
            self.auxiliary = nn.Conv2d(Encoder.channels, class_count, 1)
        self.shares = class_shares(training)
        self.confusion = ConfusionMatrix(class_count)
        # What an export needs to build the network again stands in the checkpoint.
        self.save_hyperparameters(
            {
                'network': recipe.network,
                'layout': recipe.layout,
                'label_set': training.label_set.name,
                'recipe': dataclasses.asdict(recipe),
            }
        )

    def on_train_epoch_start(self) -> None:
        # Dropout draws from torch's generator: start it anew, so that a resumed epoch is the same.
        torch.manual_seed(hash((self.recipe.seed, self.current_epoch, self.global_rank)))

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        image, labels = batch
        image = image.to(memory_format=torch.channels_last)
        phase = self.recipe.phase_at(self.current_epoch)
        weights = None
        if phase.class_damping is not None:
            weights = class_weights(self.shares, phase.class_damping).to(image.device)
        loss = self._loss(image, labels, phase, weights)
        self.log('train/loss', loss, prog_bar=True)
        return loss

    def _loss(self, image: Tensor, labels: Tensor, phase: Phase, weights: Tensor | None) -> Tensor:
        encoded = self.network.encoder(image)
        loss = image.new_zeros(())
        if phase.auxiliary or phase.encoder_only:
            assert self.auxiliary is not None
            logits = self.auxiliary(encoded.features)
            coarse = functional.interpolate(labels[:, None].float(), logits.shape[-2:]).long()[:, 0]
            share = 1.0 if phase.encoder_only else phase.auxiliary
            loss = loss + share * cross_entropy(logits, coarse, weights)
        if phase.encoder_only:
            return loss
        logits = self.network.decoder(encoded)
        loss = loss + phase.cross_entropy * cross_entropy(logits, labels, weights)
        if phase.lovasz:
            loss = loss + phase.lovasz * lovasz_softmax(logits, labels)
        return loss

    def on_validation_epoch_start(self) -> None:
        self.confusion = ConfusionMatrix(self.confusion.class_count)

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        image, labels = batch
        image = image.to(memory_format=torch.channels_last)
        # Until the decoder is trained, the encoder's own classifier is what is scored.
        if self.auxiliary is not None and self.recipe.phase_at(self.current_epoch).encoder_only:
            coarse = self.auxiliary(self.network.encoder(image).features)
            logits = functional.interpolate(coarse, labels.shape[-2:], mode='bilinear')
        else:
            logits = self.network(image)
        self.confusion.add(labels.cpu().numpy(), logits.argmax(dim=1).cpu().numpy())

    def on_validation_epoch_end(self) -> None:
        counts = torch.from_numpy(self.confusion.counts).to(self.device)
        self.confusion.counts = self.trainer.strategy.reduce(counts, reduce_op='sum').cpu().numpy()
        self.log('val/mean_iou', self.confusion.mean_iou, prog_bar=True, rank_zero_only=True)
        self.log('val/class_average', self.confusion.class_average, rank_zero_only=True)

    def configure_optimizers(self) -> Any:
        settings = self.recipe.optimizer
        total = int(self.trainer.estimated_stepping_batches)
        optimizer = _optimizer(self, settings)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: _rate(step, total, settings)
        )
        return {
            'optimizer': optimizer,
            'lr_scheduler': {'scheduler': schedule, 'interval': 'step'},
        }


def _optimizer(module: nn.Module, settings: Optimizer) -> torch.optim.Optimizer:
    if settings.name == 'adam':
        return torch.optim.Adam(
            module.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
    # Decay shrinks what multiplies; slopes and the scales of batch normalisation are left alone.
    groups: list[dict[str, Any]] = [
        {'params': [p for p in module.parameters() if p.ndim > 1]},
        {'params': [p for p in module.parameters() if p.ndim <= 1], 'weight_decay': 0.0},
    ]
    return torch.optim.AdamW(groups, settings.learning_rate, weight_decay=settings.weight_decay)


def _rate(step: int, total: int, settings: Optimizer) -> float:
    """Learning rate at a step as a share of the full one."""
    warm_up = max(round(settings.warm_up * total), 1)
    if step < warm_up:
        return (step + 1) / warm_up
    if not settings.cosine:
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * (step - warm_up) / max(total - warm_up, 1)))
