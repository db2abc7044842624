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

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.catalog import open_data_set
from enet_model.datasets.loading import EpochSampler, EvaluationFrames, TrainingFrames
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.networks.catalog import build_network
from enet_model.networks.enet import Encoder
from enet_model.training.checkpoint import CheckpointError, load_checkpoint
from enet_model.training.losses import class_shares, class_weights, cross_entropy, lovasz_softmax
from enet_model.training.recipe import Optimizer, Phase, Recipe


def train(
    recipe: Recipe, folder: Path, processes: int = 1, accelerator: str = 'auto', nodes: int = 1
) -> Path:
    """Train, or go on training, in ``folder``; return the path of the best checkpoint.

    It is the last one where the run was too short to be scored. DataSetError where the data is not
    there, or is less than one batch.
    """
    lightning.seed_everything(recipe.seed, verbose=False)
    training = open_data_set(recipe.data.name, recipe.data.root, 'train')
    validation = open_data_set(recipe.data.name, recipe.data.root, 'val')
    if len(training) < max(recipe.data.batch_size, processes * nodes):
        raise DataSetError(
            f'{len(training)} training frames came; a batch takes {recipe.data.batch_size} and '
            'each process at least one: lower data.batch_size or bring more frames'
        )
    module = SegmentationModule(recipe, training)
    resume = folder / 'last.ckpt'
    if recipe.initial and not resume.is_file():
        _begin_with(module.network, Path(recipe.initial))
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
        # A phase may leave out the decoder, whose gradients the processes would wait for.
        strategy='ddp_find_unused_parameters_true' if processes * nodes > 1 else 'auto',
        max_epochs=recipe.epochs,
        check_val_every_n_epoch=recipe.validate_every,
        callbacks=callbacks,
        logger=TensorBoardLogger(folder, name=None, version='log'),
        gradient_clip_val=recipe.optimizer.clip_norm or None,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        deterministic='warn',  # on a GPU, some parts of the losses have no deterministic form
    )
    data = FramesModule(recipe, training, validation)
    trainer.fit(module, data, ckpt_path=resume if resume.is_file() else None, weights_only=True)
    scored = folder / 'best.ckpt'
    return scored if scored.is_file() else resume


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
            recipe.crop_at,
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
        trainer = self.trainer
        assert trainer is not None
        return DataLoader(
            EvaluationFrames(self.validation),
            sampler=range(trainer.global_rank, len(self.validation), trainer.world_size),
            num_workers=self.recipe.data.workers,
        )


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
        self.class_count = class_count
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
        # A frozen encoder is as it will be used: no dropout, and batch statistics stay.
        self.network.encoder.train(not self._phase.freeze_encoder)

    def on_train_batch_start(self, batch: Any, index: int) -> None:
        # Dropout draws from torch's generator: start it anew, so that a step is the same in a run
        # that was resumed, whatever else has drawn before it.
        torch.manual_seed(hash((self.recipe.seed, self.current_epoch, index, self.global_rank)))

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        image, labels = batch
        image = image.to(memory_format=torch.channels_last)
        phase = self._phase
        weights = None
        if phase.class_damping is not None:
            weights = class_weights(self.shares, phase.class_damping).to(image.device)
        loss = self._loss(image, labels, phase, weights)
        self.log('train/loss', loss, prog_bar=True)
        return loss

    def _loss(self, image: Tensor, labels: Tensor, phase: Phase, weights: Tensor | None) -> Tensor:
        with torch.set_grad_enabled(not phase.freeze_encoder):
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
        self.confusion = ConfusionMatrix(self.class_count)
        self.encoder_confusion = ConfusionMatrix(self.class_count)

    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        image, labels = batch
        encoded = self.network.encoder(image.to(memory_format=torch.channels_last))
        _count(self.confusion, labels, self.network.decoder(encoded))
        if self._phase.encoder_only:
            assert self.auxiliary is not None
            logits = self.auxiliary(encoded.features)
            logits = functional.interpolate(logits, labels.shape[-2:], mode='bilinear')
            _count(self.encoder_confusion, labels, logits)

    def on_validation_epoch_end(self) -> None:
        # A checkpoint is chosen by the score of the whole network always, since that is exported.
        self._log_scores('val', self.confusion)
        if self._phase.encoder_only:
            self._log_scores('val/encoder', self.encoder_confusion)

    @property
    def _phase(self) -> Phase:
        return self.recipe.phase_at(self.current_epoch)

    def _log_scores(self, name: str, confusion: ConfusionMatrix) -> None:
        counts = torch.from_numpy(confusion.counts).to(self.device)
        confusion.counts = self.trainer.strategy.reduce(counts, reduce_op='sum').cpu().numpy()
        self.log(f'{name}/mean_iou', confusion.mean_iou, prog_bar=True, sync_dist=True)
        self.log(f'{name}/class_average', confusion.class_average, sync_dist=True)

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


def _begin_with(network: nn.Module, checkpoint: Path) -> None:
    """Copy the weights of a checkpoint; CheckpointError where it is one of another network."""
    trained, _ = load_checkpoint(checkpoint)
    try:
        network.load_state_dict(trained.state_dict())
    except RuntimeError as error:
        raise CheckpointError(
            f'{checkpoint}: of another network, layout or number of classes than the recipe; '
            'begin with weights of the same'
        ) from error


def _count(confusion: ConfusionMatrix, labels: Tensor, logits: Tensor) -> None:
    confusion.add(labels.cpu().numpy(), logits.argmax(dim=1).cpu().numpy())


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
