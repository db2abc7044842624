# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a network is trained, as one YAML file: see ``recipes/`` beside this module."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from enet_model.datasets.augmentation import Augmentation
from enet_model.errors import UserError
from enet_model.networks.catalog import NetworkName
from enet_model.networks.enet import Layout


BUNDLED_RECIPE = Path(__file__).parent / 'recipes' / 'camvid.yaml'
"""The recipe of the bundled model."""


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
    auxiliary: float = 0.0
    """Weight of the cross-entropy of a linear classifier on the encoder's output."""
    encoder_only: bool = False
    """Train the encoder and that classifier alone, as the paper begins."""
    freeze_encoder: bool = False
    """Train the decoder alone: half the work, where the encoder is good already."""

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
            not (self.encoder_only and self.freeze_encoder),
            'encoder_only and freeze_encoder: both came; nothing would be trained',
        )


@dataclass(frozen=True)
class Data:
    """Which data, and where it lies."""

    name: str = 'camvid'
    root: str = ''
    """Folder of the data set; empty is the environment variable CAMVID_ROOT (and so on by name)."""
    batch_size: int = 4
    """Samples in a step, over all processes."""
    workers: int = 0

    def __post_init__(self) -> None:
        _require(self.batch_size > 0, f'batch_size: {self.batch_size} came; wanted 1 or more')
        _require(self.workers >= 0, f'workers: {self.workers} came; wanted 0 or more')


@dataclass(frozen=True)
class Optimizer:
    """AdamW with weight decay on convolutions, or the paper's Adam with L2 on everything."""

    name: typing.Literal['adamw', 'adam'] = 'adamw'
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


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out of a training, but for the data itself."""

    network: NetworkName = 'enet'
    layout: Layout = 'authors'
    initial: str = ''
    """Checkpoint whose weights are the first ones; empty begins anew."""
    seed: int = 1
    data: Data = field(default_factory=Data)
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimizer: Optimizer = field(default_factory=Optimizer)
    ema_decay: float = 0.997
    """Decay of the averaged weights a step; 0 does not average."""
    validate_every: int = 2
    """Epochs between validations."""
    phases: tuple[Phase, ...] = ()

    def __post_init__(self) -> None:
        _require(bool(self.phases), 'phases: none came; a recipe needs at least one phase')
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

    def crop_at(self, epoch: int) -> tuple[int, int]:
        """Return height and width of the crop at an epoch."""
        return self.phase_at(epoch).crop


def load_recipe(path: Path, overrides: typing.Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply ``key=value`` changes, such as ``data.batch_size=8``, over it."""
    try:
        text = path.read_text()
    except OSError as error:
        raise RecipeError(f'{path}: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise RecipeError(f'{path}: not a text: {error}') from error
    tree = _parse(text, str(path))
    for override in overrides:
        key, separator, value = override.partition('=')
        if not separator:
            raise RecipeError(f'{override!r}: wanted key=value, such as data.batch_size=8')
        _set(tree, key.split('.'), _parse(value, key), key)
    return typing.cast(Recipe, _build(Recipe, tree, ''))


def _parse(text: str, name: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f'{name}: not YAML: {" ".join(str(error).split())}') from error


def _set(tree: Any, keys: list[str], value: Any, name: str) -> None:
    *path, last = keys
    try:
        for key in path:
            tree = tree[int(key)] if isinstance(tree, list) else tree.setdefault(key, {})
        tree[int(last) if isinstance(tree, list) else last] = value
    except (ValueError, IndexError, AttributeError, TypeError):
        raise RecipeError(f'{name}: the recipe has no such place') from None


def _require(condition: bool, text: str) -> None:
    if not condition:
        raise RecipeError(text)


def _build(kind: Any, value: Any, name: str) -> Any:
    """Turn plain YAML into the type ``kind``; RecipeError names the key that does not fit."""
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(typing.cast(type, kind), value, name)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):  # which of the two, depends on the Python
        if value is None and type(None) in arguments:
            return None
        return _build(arguments[0], value, name)
    if origin is tuple and isinstance(value, list):
        kinds = [arguments[0]] * len(value) if arguments[-1] is ... else list(arguments)
        if len(kinds) == len(value):
            return tuple(
                _build(k, v, f'{name}.{i}')
                for i, (k, v) in enumerate(zip(kinds, value, strict=True))
            )
    if origin is typing.Literal and value in arguments:
        return value
    if kind is float and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    if isinstance(kind, type) and type(value) is kind:
        return value
    wanted = arguments if origin is typing.Literal else getattr(kind, '__name__', str(kind))
    raise RecipeError(f'{name}: {value!r} came; wanted {wanted}')


def _build_dataclass(kind: type, value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise RecipeError(f'{name or "recipe"}: {value!r} came; wanted a mapping')
    kinds = typing.get_type_hints(kind)
    where = f' in {name}' if name else ''
    for key in value:
        if key not in kinds:
            raise RecipeError(f'unknown key {key!r}{where}; known are {", ".join(kinds)}')
    for entry in dataclasses.fields(kind):
        required = entry.default is entry.default_factory is dataclasses.MISSING
        if required and entry.name not in value:
            raise RecipeError(f'no key {entry.name!r}{where}; it has no default')
    prefix = f'{name}.' if name else ''
    items = {key: _build(kinds[key], item, prefix + key) for key, item in value.items()}
    try:
        return kind(**items)
    except RecipeError as error:
        raise RecipeError(prefix + str(error)) from None
