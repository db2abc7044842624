# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recipes as YAML files: see ``recipes/`` beside this module."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from enet_model.training.recipe import Recipe, RecipeError

BUILT_IN = {path.stem: path for path in (Path(__file__).parent / 'recipes').glob('*.yaml')}
"""The recipes that come with the package, by name."""


def load_recipe(source: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe and apply ``key=value`` changes, such as ``data.batch_size=8``, over it.

    source: a file, or the name of a built-in recipe. RecipeError where the recipe cannot be read.
    """
    path = BUILT_IN.get(str(source), Path(source))
    try:
        text = path.read_text()
    except OSError as error:
        raise RecipeError(
            f'{path}: {error.strerror}; wanted a file, or one of {", ".join(sorted(BUILT_IN))}'
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError(f'{path}: not a text: {error}') from error
    tree = _parse(text, str(path))
    for override in overrides:
        key, separator, value = override.partition('=')
        if not separator:
            raise RecipeError(f'{override!r}: wanted key=value, such as data.batch_size=8')
        _set(tree, key.split('.'), _parse(value, key), key)
    return build_recipe(tree)


def build_recipe(tree: Any) -> Recipe:
    """Turn plain values, as YAML and checkpoints hold them, into a recipe; RecipeError."""
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


def _build(kind: Any, value: Any, name: str) -> Any:
    """Turn plain YAML into the type ``kind``; RecipeError names the key that does not fit."""
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(typing.cast(type, kind), value, name)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):  # which of the two, depends on the Python
        if value is None and type(None) in arguments:
            return None
        return _build(arguments[0], value, name)
    if origin is tuple and isinstance(value, list | tuple):
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
    except (RecipeError, ValueError) as error:
        raise RecipeError(prefix + str(error)) from None
