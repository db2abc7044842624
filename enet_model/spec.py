# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a model file says of itself: its classes, their roles and colours, its origin.

The specification travels inside the ONNX file, as JSON in the metadata entry ``enet.spec``; it is
the only home of these facts at run time.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.label_sets import VOID, LabelClass, Role
from enet_model.splits import SPLITS

METADATA_KEY = 'enet.spec'
FORMAT = 1
MAX_NAME_LENGTH = 100
MAX_TEXT_LENGTH = 100_000
"""Characters of a class's name, and of the whole text: 255 classes need a tenth of that."""


class SpecError(UserError):
    """A specification that cannot be used; the text names the entry and what was wanted."""


@dataclass(frozen=True)
class Normalization:
    """The graph computes (value / 255 - mean) / std for each channel, red first."""

    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, self.mean)):
            raise SpecError(f'normalization.mean: {self.mean} came; wanted three numbers')
        if not all(math.isfinite(std) and std > 0 for std in self.std):
            raise SpecError(f'normalization.std: {self.std} came; wanted three numbers above 0')


@dataclass(frozen=True)
class ModelSpec:
    """The specification; class i is ``classes[i]``."""

    classes: tuple[LabelClass, ...]
    data_set: str = ''
    license: str = ''
    """Licence of the weights."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    normalization: Normalization = Normalization()
    training_split: str = ''
    """The part of the data set that it was trained on: train, or trainval for train and val."""

    def __post_init__(self) -> None:
        names = self.names
        if not 1 <= len(names) <= VOID:
            raise SpecError(f'classes: {len(names)} came; wanted 1 to {VOID}')
        for name in names:
            if (
                not 1 <= len(name) <= MAX_NAME_LENGTH
                or not name.isprintable()
                or names.count(name) > 1
            ):
                raise SpecError(
                    f'classes: the name {name[:MAX_NAME_LENGTH]!r} is empty, longer than '
                    f'{MAX_NAME_LENGTH}, not printable or stands there twice'
                )

    def has_seen(self, data_set: str, split: str) -> bool:
        """Return whether the network was trained on frames of a split, as far as is known."""
        trained_on, asked = (SPLITS.get(name, ()) for name in (self.training_split, split))
        return data_set == self.data_set and not set(trained_on).isdisjoint(asked)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, by id."""
        return tuple(label_class.name for label_class in self.classes)

    @property
    def colors(self) -> NDArray[np.uint8]:
        """RGB of each class, uint8 [classes, 3]."""
        return np.array([label_class.color for label_class in self.classes], np.uint8)

    def to_json(self) -> str:
        """Write the text of the metadata entry."""
        classes = [
            {'id': index, 'name': c.name, 'color': list(c.color), 'role': c.role.value}
            for index, c in enumerate(self.classes)
        ]
        normalization = {
            'mean': list(self.normalization.mean),
            'std': list(self.normalization.std),
        }
        return json.dumps(
            {
                'format': FORMAT,
                'data_set': self.data_set,
                'training_split': self.training_split,
                'license': self.license,
                'metrics': dict(self.metrics),
                'normalization': normalization,
                'classes': classes,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        """Read and check the text of the metadata entry; SpecError where it does not fit."""
        if len(text) > MAX_TEXT_LENGTH:
            raise SpecError(f'{len(text)} characters came; wanted {MAX_TEXT_LENGTH} at most')
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SpecError(f'not JSON: {error}') from error
        if not isinstance(tree, dict):
            raise SpecError(f'a {type(tree).__name__} came; wanted an object')
        if tree.get('format') != FORMAT:
            raise SpecError(
                f'format {tree.get("format")!r} came; this release reads format {FORMAT}'
            )
        classes = tree.get('classes')
        if not isinstance(classes, list):
            raise SpecError('classes: wanted a list of classes')
        metrics = _mapping(tree, 'metrics')
        normalization = _mapping(tree, 'normalization')
        return cls(
            classes=tuple(_read_class(index, entry) for index, entry in enumerate(classes)),
            data_set=_text(tree, 'data_set'),
            training_split=_text(tree, 'training_split'),
            license=_text(tree, 'license'),
            metrics={str(name): value for name, value in metrics.items() if _is_number(value)},
            normalization=Normalization(
                _three_numbers(normalization, 'mean', 0.0),
                _three_numbers(normalization, 'std', 1.0),
            ),
        )


def _read_class(index: int, entry: Any) -> LabelClass:
    where = f'classes[{index}]'
    if not isinstance(entry, dict):
        raise SpecError(f'{where}: {entry!r} came; wanted an object')
    if entry.get('id') != index:
        raise SpecError(f'{where}: id {entry.get("id")!r} came; ids count from 0 in order')
    name, color, role = entry.get('name'), entry.get('color'), entry.get('role')
    if not isinstance(name, str):
        raise SpecError(f'{where}: name {name!r} came; wanted a text')
    if (
        not isinstance(color, list)
        or len(color) != 3
        or not all(type(value) is int and 0 <= value <= 255 for value in color)
    ):
        raise SpecError(f'{where}: color {color!r} came; wanted three integers from 0 to 255')
    roles = [known.value for known in Role]
    if role not in roles:
        raise SpecError(f'{where}: role {role!r} came; wanted one of {", ".join(roles)}')
    return LabelClass(name, (color[0], color[1], color[2]), Role(role))


def _mapping(tree: dict[str, Any], key: str) -> dict[str, Any]:
    value = tree.get(key, {})
    if not isinstance(value, dict):
        raise SpecError(f'{key}: {value!r} came; wanted an object')
    return value


def _text(tree: dict[str, Any], key: str) -> str:
    value = tree.get(key, '')
    if not isinstance(value, str):
        raise SpecError(f'{key}: {value!r} came; wanted a text')
    return value


def _three_numbers(tree: dict[str, Any], key: str, default: float) -> tuple[float, float, float]:
    value = tree.get(key, [default] * 3)
    if not isinstance(value, list) or len(value) != 3 or not all(map(_is_number, value)):
        raise SpecError(f'normalization.{key}: {value!r} came; wanted three numbers')
    return float(value[0]), float(value[1]), float(value[2])


def _is_number(value: Any) -> bool:
    # Python's reader of JSON also gives booleans, NaN, infinities and integers beyond any float.
    return type(value) in (int, float) and abs(value) <= sys.float_info.max
