# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet train``: a recipe and a data set -> checkpoints and a log.

A run is resumed by starting it again with the same folder: it goes on at the epoch after its last
checkpoint and ends as if it had never been stopped (same weights, bit for bit, on a CPU).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
)
from lightning.pytorch.loggers import TensorBoardLogger
from torch import nn

from enet_model.datasets.annotated_frames import DataSetError
from enet_model.networks.enet import ENet
from enet_model.training.atomic_checkpoints import AtomicCheckpointIO
from enet_model.training.checkpoint import CheckpointError, load_checkpoint, read_checkpoint
from enet_model.training.data_module import FramesModule
from enet_model.training.recipe import Recipe, RecipeError
from enet_model.training.recipe_file import build_recipe
from enet_model.training.segmentation_module import SegmentationModule
from enet_model.training.synchronized_batch_norm import synchronize_batch_norm

PRECISIONS = {'fp32': '32-true', 'bf16': 'bf16-mixed', 'fp16': '16-mixed'}
"""What Lightning calls the precisions of a recipe."""
FREE_SETTINGS = ('data.root', 'data.workers', 'validate_every')
"""What a training may go on with otherwise than it began: its weights do not depend on it."""


def train(
    recipe: Recipe, folder: Path, processes: int = 1, accelerator: str = 'auto', nodes: int = 1
) -> Path:
    """Train, or go on training, in ``folder``; return the path of the best checkpoint.

    It is the last one where the run was too short to be scored. ``processes`` are those on each of
    ``nodes`` machines. DataSetError where the data is not there or is less than one batch,
    RecipeError where the recipe does not fit the processes or the training in the folder,
    CheckpointError where a checkpoint to begin or to go on with cannot be used.
    """
    resumed = find_checkpoint_to_resume(folder, recipe)
    lightning.seed_everything(recipe.seed, verbose=False)
    data = FramesModule(recipe)
    _check_batches(recipe, len(data.training), processes * nodes)
    module = SegmentationModule(recipe, data.training)
    if recipe.initial and resumed is None:
        _begin_with(module.network, Path(recipe.initial))
    if processes * nodes > 1:
        synchronize_batch_norm(module.network)
    if recipe.compile:
        _compile(module.network)
    trainer = lightning.Trainer(
        accelerator=accelerator,
        devices=processes,
        num_nodes=nodes,
        # A phase may leave out a part of the network, whose gradients the processes would wait for.
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
        deterministic='warn',  # on a GPU, some parts of the losses have no deterministic form
    )
    trainer.fit(module, data, ckpt_path=resumed, weights_only=True)
    best = folder / 'best.ckpt'
    return best if best.is_file() else folder / 'last.ckpt'


def find_checkpoint_to_resume(folder: Path, recipe: Recipe) -> Path | None:
    """Return the last checkpoint of the training in a folder; none where there is none.

    RecipeError where it is of another recipe: what comes out would be neither recipe's result.
    """
    path = folder / 'last.ckpt'
    if not path.is_file():
        return None
    try:
        begun = build_recipe(read_checkpoint(path)['hyper_parameters']['recipe'])
    except (KeyError, TypeError, RecipeError) as error:
        raise CheckpointError(f'{path}: no training that can go on: {error}') from error
    before, now = _settings(begun), _settings(recipe)
    changed = [key for key in now if now[key] != before[key] and key not in FREE_SETTINGS]
    if changed:
        raise RecipeError(
            f'{folder} holds a training by another recipe ({", ".join(changed)}): '
            'give that one to go on, or take another folder'
        )
    return path


def _settings(recipe: Recipe) -> dict[str, Any]:
    """Return every setting by its dotted name."""

    def flatten(value: Any, name: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, dict):
            yield name, value
            return
        for key, item in value.items():
            yield from flatten(item, f'{name}.{key}' if name else key)

    return dict(flatten(dataclasses.asdict(recipe), ''))


def _check_batches(recipe: Recipe, frame_count: int, processes: int) -> None:
    size = recipe.data.batch_size
    if size % processes:
        raise RecipeError(
            f'data.batch_size: {size} came for {processes} processes; wanted a multiple of them'
        )
    if frame_count < size:
        raise DataSetError(
            f'{frame_count} training frames came; a batch takes {size}: lower data.batch_size or '
            'bring more frames'
        )


def _callbacks(recipe: Recipe, folder: Path) -> list[Callback]:
    callbacks: list[Callback] = [
        ModelCheckpoint(
            folder, 'best', monitor='val/mean_iou', mode='max', enable_version_counter=False
        ),
        ModelCheckpoint(folder, 'last', save_on_train_epoch_end=True, enable_version_counter=False),
        LearningRateMonitor('step'),
    ]
    if recipe.ema_decay:
        callbacks.append(EMAWeightAveraging(decay=recipe.ema_decay))
    return callbacks


def _compile(network: nn.Module) -> None:
    """Compile the network in place, by the parts that training calls; its weights keep names."""
    parts = (network.encoder, network.decoder) if isinstance(network, ENet) else (network,)
    for part in parts:
        part.compile()


def _begin_with(network: nn.Module, checkpoint: Path) -> None:
    """Copy the weights of a checkpoint; CheckpointError where it is one of another network."""
    trained = load_checkpoint(checkpoint).network
    try:
        network.load_state_dict(trained.state_dict())
    except RuntimeError as error:
        raise CheckpointError(
            f'{checkpoint}: of another network, layout or number of classes than the recipe; '
            'begin with weights of the same'
        ) from error
