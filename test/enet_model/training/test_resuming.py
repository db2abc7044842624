# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from enet_model.training.checkpoint import CheckpointError  # noqa: E402
from enet_model.training.recipe import RecipeError  # noqa: E402
from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.resuming import find_checkpoint_to_resume  # noqa: E402


def test_an_empty_folder(recipe_file: Path, tmp_path: Path) -> None:
    assert find_checkpoint_to_resume(tmp_path / 'new', load_recipe(recipe_file)) is None


@pytest.mark.parametrize(
    'changes',
    [[], ['data.root=/elsewhere'], ['data.workers=2', 'validate_every=3', 'data.in_memory=true']],
)
def test_the_same_recipe(recipe_file: Path, run_folder: Path, changes: list[str]) -> None:
    recipe = load_recipe(recipe_file, changes)
    assert find_checkpoint_to_resume(run_folder, recipe) == run_folder / 'last.ckpt'


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        (['seed=7'], r'another recipe \(seed\): give that one to go on, or take another folder'),
        (['optimizer.learning_rate=1', 'ema_decay=0'], r'\(optimizer.learning_rate, ema_decay\)'),
        (['phases.1.epochs=9'], r'\(phases\)'),
        (['phases=[{epochs: 1, crop: [32, 32], encoder_only: true}]'], r'\(phases\)'),
        (['augmentation.rotation=0.5'], r'\(augmentation.rotation\)'),
    ],
)
def test_another_recipe(recipe_file: Path, run_folder: Path, changes: list[str], text: str) -> None:
    with pytest.raises(RecipeError, match=text) as caught:
        find_checkpoint_to_resume(run_folder, load_recipe(recipe_file, changes))
    assert str(caught.value).startswith(f'{run_folder} holds a training by another recipe')


@pytest.mark.parametrize(
    ('settings', 'text'),
    [
        (None, 'NoneType'),
        ({}, 'recipe'),
        ({'recipe': {'phases': [], 'speed': 9}}, "unknown key 'speed'"),
    ],
)
def test_a_checkpoint_without_a_recipe_that_is_known(
    recipe_file: Path, tmp_path: Path, settings: object, text: str
) -> None:
    torch.save({'hyper_parameters': settings}, tmp_path / 'last.ckpt')
    with pytest.raises(CheckpointError, match=f'no training that can go on: .*{text}'):
        find_checkpoint_to_resume(tmp_path, load_recipe(recipe_file))
