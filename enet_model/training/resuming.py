# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a folder holds a training that a recipe can go on with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from enet_model.training.checkpoint import CheckpointError, read_checkpoint
from enet_model.training.recipe import Recipe, RecipeError
from enet_model.training.recipe_file import build_recipe

FREE_SETTINGS = ('data.root', 'data.workers', 'data.in_memory', 'validate_every')
"""What a training may go on with otherwise than it began: its weights do not depend on it."""


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
