# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What decides how a network is trained; :mod:`~enet_model.training.recipe_file` reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from enet_model.datasets.augmentation import Augmentation
from enet_model.errors import UserError
from enet_model.networks.catalog import NetworkName
from enet_model.networks.enet import Layout


class RecipeError(UserError):
    """A recipe that cannot be read; the text names the key, what came and what was wanted."""


@dataclass(frozen=True)
class Phase:
    """A stretch of epochs with one crop and one loss."""

    epochs: int
    crop: tuple[int, int]
    """Height and width, pixels."""
    class_damping: float | None = 1.02
    """c of the class weights 1 / ln(c + p); none weighs all classes alike."""
    cross_entropy: float = 1.0
    """Weight of the cross-entropy."""
    lovasz: float = 0.0
    """Weight of the Lovasz softmax loss."""
    lovasz_stride: int = 1
    """It is taken on one row and column in so many, from a random first one: the sort is slow."""
    auxiliary: float = 0.0
    """Weight of the cross-entropy of a linear classifier on the encoder's output."""
    encoder_only: bool = False
    """Train the encoder and that classifier alone, as the paper begins."""
    freeze_encoder: bool = False
    """Train the decoder alone: half the work, where the encoder is good already."""

    @property
    def classifies_features(self) -> bool:
        """Whether a linear classifier on the encoder's output is trained."""
        return self.encoder_only or self.auxiliary > 0

    def __post_init__(self) -> None:
        _require(self.epochs > 0, f'epochs: {self.epochs} came; wanted 1 or more')
        _require(
            all(side > 0 and side % 8 == 0 for side in self.crop),
            f'crop: {self.crop} came; height and width have to divide by 8',
        )
        _require(
            self.class_damping is None or self.class_damping > 1.0,
            f'class_damping: {self.class_damping} came; wanted more than 1, or null',
        )
        _require(
            self.lovasz_stride > 0, f'lovasz_stride: {self.lovasz_stride} came; wanted 1 or more'
        )
        for name in ('cross_entropy', 'lovasz', 'auxiliary'):
            share = getattr(self, name)
            _require(share >= 0, f'{name}: {share} came; wanted 0 or more')
        _require(
            not (self.encoder_only and self.freeze_encoder),
            'encoder_only and freeze_encoder: both came; nothing would be trained',
        )


@dataclass(frozen=True)
class Data:
    """Which data, and where it lies."""

    name: str = 'camvid'
    root: str = ''
    """Folder of the data set; empty is the environment variable CAMVID_ROOT (and so on by name)."""
    size: tuple[int, int] | None = None
    """Width and height to which frames and labels are scaled as they are read; none keeps them."""
    split: Literal['train', 'trainval'] = 'train'
    """What to train on; scores on val say nothing any more once val is part of it."""
    batch_size: int = 4
    """Samples in a step, over all processes."""
    passes: int = 1
    """Times that an epoch goes through the data: validations and checkpoints between epochs cost
    much where a machine needs a second for a pass."""
    workers: int = 0
    """Processes that draw the samples; 0 is the one that trains."""
    in_memory: bool = False
    """Read each frame once, at the start, and keep it."""

    def __post_init__(self) -> None:
        _require(
            self.size is None or all(side > 0 and side % 8 == 0 for side in self.size),
            f'size: {self.size} came; width and height have to divide by 8',
        )
        _require(self.batch_size > 0, f'batch_size: {self.batch_size} came; wanted 1 or more')
        _require(self.passes > 0, f'passes: {self.passes} came; wanted 1 or more')
        _require(self.workers >= 0, f'workers: {self.workers} came; wanted 0 or more')


@dataclass(frozen=True)
class Optimizer:
    """AdamW with weight decay on convolutions, or the paper's Adam with L2 on everything."""

    name: Literal['adamw', 'adam'] = 'adamw'
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warm_up: float = 0.03
    """Share of all steps in which the rate rises to its full value."""
    cosine: bool = True
    """Fall to zero along a half cosine after that; otherwise stay."""
    clip_norm: float = 1.0
    """Longest gradient; 0 does not clip."""

    def __post_init__(self) -> None:
        _require(self.learning_rate > 0, f'learning_rate: {self.learning_rate} came; wanted > 0')
        _require(
            self.weight_decay >= 0, f'weight_decay: {self.weight_decay} came; wanted 0 or more'
        )
        _require(0 <= self.warm_up <= 1, f'warm_up: {self.warm_up} came; wanted a share, 0 to 1')
        _require(self.clip_norm >= 0, f'clip_norm: {self.clip_norm} came; wanted 0 or more')


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out of a training, but for the data itself."""

    network: NetworkName = 'enet'
    layout: Layout = 'authors'
    initial: str = ''
    """Checkpoint to begin with, but for a last layer of other classes; empty begins anew."""
    seed: int = 1
    data: Data = field(default_factory=Data)
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimizer: Optimizer = field(default_factory=Optimizer)
    dropout: bool = True
    """Leave out channels at random, as the paper does, against fitting the data too closely."""
    synchronized_batch_norm: bool = True
    """Let several processes share their statistics: as one process has them, but waited for."""
    precision: Literal['fp32', 'bf16', 'fp16'] = 'fp32'
    """What the network computes in; weights, losses and statistics stay in 32 bits."""
    compile: bool = False
    """Let torch.compile write code for the network: minutes at the start, then quicker steps."""
    ema_decay: float = 0.997
    """Decay of the averaged weights a step; 0 does not average."""
    validate_every: int = 2
    """Epochs between validations; the last epoch is always validated."""
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.phases), 'phases: none came; a recipe needs at least one phase')
        if self.network != 'enet':
            _require(
                self.layout == 'authors', f'layout: {self.layout!r} came; {self.network} has one'
            )
            for index, phase in enumerate(self.phases):
                _require(
                    not (phase.classifies_features or phase.freeze_encoder),
                    f'phases.{index}: encoder_only, freeze_encoder or auxiliary came; '
                    f'{self.network} is trained as a whole: leave them out',
                )
        _require(0 <= self.ema_decay < 1, f'ema_decay: {self.ema_decay} came; wanted 0 to below 1')
        _require(
            self.validate_every > 0, f'validate_every: {self.validate_every} came; wanted 1 or more'
        )

    @property
    def epochs(self) -> int:
        """Length of the whole training."""
        return sum(phase.epochs for phase in self.phases)

    def phase_at(self, epoch: int) -> Phase:
        """Return the phase that an epoch, counted from 0, belongs to."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        return self.phases[-1]

    def crop_in_pass(self, number: int) -> tuple[int, int]:
        """Return height and width of the crop in a pass through the data, counted from 0."""
        return self.phase_at(number // self.data.passes).crop


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise RecipeError(text)
