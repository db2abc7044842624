# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet train``: a recipe and a data set -> checkpoints and a log.

A run is resumed by starting it again with the same folder: it goes on at the epoch after its last
checkpoint and ends as if it had never been stopped (same weights, bit for bit, on a CPU).
"""

from __future__ import annotations

from pathlib import Path

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.loading import as_it_was_raised
from enet_model.errors import UserError
from enet_model.training.atomic_checkpoints import AtomicCheckpointIO
from enet_model.training.checkpoint import begin_with
from enet_model.training.compilation import compile_network
from enet_model.training.data_module import FramesModule
from enet_model.training.recipe import Recipe, RecipeError
from enet_model.training.resuming import find_checkpoint_to_resume
from enet_model.training.segmentation_module import SegmentationModule
from enet_model.training.synchronized_batch_norm import synchronize_batch_norm

PRECISIONS = {'fp32': '32-true', 'bf16': 'bf16-mixed', 'fp16': '16-mixed'}
"""What Lightning calls the precisions of a recipe."""


def train(
    recipe: Recipe, folder: Path, processes: int = 1, accelerator: str = 'auto', nodes: int = 1
) -> Path:
    """Train, or go on training, in ``folder``; return the path of the best checkpoint.

    ``processes`` are those on each of ``nodes`` machines. DataSetError where the data is not there,
    cannot be read or is less than one batch, RecipeError where the recipe does not fit the
    processes or the training in the folder, CheckpointError where a checkpoint to begin or to go on
    with cannot be used, UserError where the machine does not have the accelerators.
    """
    resumed = find_checkpoint_to_resume(folder, recipe)
    lightning.seed_everything(recipe.seed, verbose=False)
    data = FramesModule(recipe)
    _check_frames(recipe, data, processes * nodes)
    module = build_module(recipe, data.training, processes * nodes)
    if recipe.initial and resumed is None:
        begin_with(module.network, Path(recipe.initial))
    if recipe.compile:
        compile_network(module.network)
    trainer = _build_trainer(recipe, folder, processes, accelerator, nodes)
    on_cpu = trainer.strategy.root_device.type == 'cpu'
    if recipe.precision == 'fp16' and on_cpu:
        raise RecipeError('precision: fp16 came for a CPU; take fp32 or bf16 there')
    # On a GPU some of the losses have no deterministic form: rather the fastest convolutions.
    torch.use_deterministic_algorithms(on_cpu, warn_only=True)
    torch.backends.cudnn.benchmark = not on_cpu
    try:
        trainer.fit(module, data, ckpt_path=resumed, weights_only=True)
    except DataSetError as error:
        raise as_it_was_raised(error) from None
    return folder / 'best.ckpt'


def build_module(recipe: Recipe, training: AnnotatedFrames, processes: int) -> SegmentationModule:
    """Return what so many processes in all train by a recipe, as it is before the first step."""
    module = SegmentationModule(recipe, training)
    if processes > 1 and recipe.synchronized_batch_norm:
        synchronize_batch_norm(module.network)
    return module


class ScoreTheEnd(Callback):
    """Lets the last epoch be scored, however many epochs lie between two scores of a recipe.

    So there is a best checkpoint of the shortest run, and no epoch behind the last score is lost.
    """

    def on_train_epoch_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        if trainer.current_epoch + 1 == trainer.max_epochs:
            trainer.check_val_every_n_epoch = 1


def _build_trainer(
    recipe: Recipe, folder: Path, processes: int, accelerator: str, nodes: int
) -> lightning.Trainer:
    try:
        return lightning.Trainer(
            accelerator=accelerator,
            devices=processes,
            num_nodes=nodes,
            # A phase may leave out a part of the network: its gradients would be waited for.
            strategy='ddp_find_unused_parameters_true' if processes * nodes > 1 else 'auto',
            precision=PRECISIONS[recipe.precision],  # type: ignore[arg-type]
            max_epochs=recipe.epochs,
            check_val_every_n_epoch=recipe.validate_every,
            callbacks=_callbacks(recipe, folder),
            plugins=[AtomicCheckpointIO()],
            logger=TensorBoardLogger(folder, name=None, version='log'),
            gradient_clip_val=recipe.optimizer.clip_norm or None,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
        )
    except MisconfigurationException as error:
        raise UserError(
            f'{processes} processes on {accelerator} came: {" ".join(str(error).split())}; '
            'take another --accelerator, or fewer --processes'
        ) from error


def _check_frames(recipe: Recipe, data: FramesModule, processes: int) -> None:
    size, frame_count = recipe.data.batch_size, len(data.training)
    if size % processes:
        raise RecipeError(
            f'data.batch_size: {size} came for {processes} processes; wanted a multiple of them'
        )
    if frame_count < size:
        raise DataSetError(
            f'{frame_count} training frames came; a batch takes {size}: lower data.batch_size or '
            'bring more frames'
        )
    if len(data.validation) < processes:
        raise DataSetError(
            f'{len(data.validation)} frames of val came for {processes} processes; each scores one '
            'or more: train in fewer processes, or bring more frames'
        )


def _callbacks(recipe: Recipe, folder: Path) -> list[Callback]:
    callbacks: list[Callback] = [
        ModelCheckpoint(
            folder, 'best', monitor='val/mean_iou', mode='max', enable_version_counter=False
        ),
        ModelCheckpoint(folder, 'last', save_on_train_epoch_end=True, enable_version_counter=False),
        LearningRateMonitor('step'),
        ScoreTheEnd(),
    ]
    if recipe.ema_decay:
        callbacks.append(EMAWeightAveraging(decay=recipe.ema_decay))
    return callbacks
