# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.datasets.augmentation import Augmentation
from enet_model.training import recipe as module
from enet_model.training.recipe import Phase, Recipe, RecipeError, load_recipe

SHIPPED = sorted((Path(module.__file__).parent / 'recipes').glob('*.yaml'))
SMALL = """
seed: 3
data: {batch_size: 2}
optimizer: {name: adam, learning_rate: 5e-4}
phases:
  - {epochs: 2, crop: [64, 96], encoder_only: true}
  - {epochs: 3, crop: [128, 192], class_damping: null, lovasz: 0.5}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'recipe.yaml'
    path.write_text(SMALL)
    return path


def test_what_stands_in_the_file_and_what_does_not(file: Path) -> None:
    recipe = load_recipe(file)
    assert (recipe.seed, recipe.layout, recipe.augmentation) == (3, 'authors', Augmentation())
    assert (recipe.data.batch_size, recipe.data.name) == (2, 'camvid')
    assert (recipe.optimizer.name, recipe.optimizer.learning_rate) == ('adam', 5e-4)
    assert recipe.phases == (
        Phase(2, (64, 96), encoder_only=True),
        Phase(3, (128, 192), class_damping=None, lovasz=0.5),
    )


def test_phases_follow_one_another(file: Path) -> None:
    recipe = load_recipe(file)
    assert recipe.epochs == 5
    assert [recipe.phase_at(epoch).encoder_only for epoch in range(6)] == [True] * 2 + [False] * 4
    assert [recipe.crop_at(epoch) for epoch in (1, 2)] == [(64, 96), (128, 192)]


@pytest.mark.parametrize('path', SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_loads(path: Path) -> None:
    recipe = load_recipe(path)
    assert recipe.epochs > 0
    assert not recipe.phases[-1].encoder_only
    assert 0 < recipe.optimizer.learning_rate < 0.1


def test_a_recipe_for_the_bundled_model_is_shipped() -> None:
    assert 'camvid' in {path.stem for path in SHIPPED}


def test_changes_from_the_command_line(file: Path) -> None:
    recipe = load_recipe(
        file,
        [
            *('seed=9', 'data.root=/data', 'optimizer.learning_rate=1e-2', 'phases.1.crop=[8, 16]'),
            *('augmentation.scale=[0.5, 2]', 'layout=paper', 'data.root=/other'),
        ],
    )
    assert (recipe.seed, recipe.layout, recipe.data.root) == (9, 'paper', '/other')
    assert recipe.data.batch_size == 2
    assert recipe.optimizer.learning_rate == 0.01
    assert recipe.phases[1].crop == (8, 16)
    assert recipe.phases[0].crop == (64, 96)
    assert recipe.augmentation.scale == (0.5, 2.0)


@pytest.mark.parametrize(
    ('change', 'text'),
    [
        ('seed', "'seed': wanted key=value, such as data.batch_size=8"),
        ('seed=[1', 'seed: not YAML'),
        ('seed=one', "seed: 'one' came; wanted int"),
        ('seed=1.5', 'seed: 1.5 came; wanted int'),
        ('seed=true', 'seed: True came; wanted int'),
        ('seed.deep=1', 'seed.deep: the recipe has no such place'),
        ('phases.7.epochs=1', 'phases.7.epochs: the recipe has no such place'),
        ('phases.7=1', 'phases.7: the recipe has no such place'),
        ('phases.last.epochs=1', 'phases.last.epochs: the recipe has no such place'),
        ('phases=[]', 'phases: none came; a recipe needs at least one phase'),
        ('phases=3', 'phases: 3 came; wanted'),
        ('phases.0=3', 'phases.0: 3 came; wanted a mapping'),
        ('phases.0={epochs: 1}', "no key 'crop' in phases.0; it has no default"),
        ('phases.0.epochs=0', 'phases.0.epochs: 0 came; wanted 1 or more'),
        ('phases.0.crop=[64]', r'phases.0.crop: \[64\] came; wanted'),
        ('phases.1.crop=[64, 90]', r'phases.1.crop: \(64, 90\) came; .* divide by 8'),
        ('phases.1.crop=[64, 0]', r'phases.1.crop: \(64, 0\) came; .* divide by 8'),
        ('phases.0.class_damping=1', 'phases.0.class_damping: 1.0 came; wanted more than 1'),
        ('phases.0.freeze_encoder=true', 'phases.0.encoder_only and freeze_encoder: both came'),
        ('phases.0.encoder_only=1', 'phases.0.encoder_only: 1 came; wanted bool'),
        ('network=unet', "network: 'unet' came; wanted .*enet"),
        ('layout=sketch', "layout: 'sketch' came; wanted .*authors.*paper"),
        ('optimizer.name=sgd', "optimizer.name: 'sgd' came; wanted .*adamw"),
        ('optimizer.learning_rate=fast', "optimizer.learning_rate: 'fast' came; wanted float"),
        ('optimizer.learning_rate=0', 'optimizer.learning_rate: 0.0 came; wanted > 0'),
        ('optimizer.learning_rate=.nan', 'optimizer.learning_rate: nan came; wanted > 0'),
        ('optimizer.momentum=1', "unknown key 'momentum' in optimizer; known are name,"),
        ('optimizer=fast', "optimizer: 'fast' came; wanted a mapping"),
        ('data.batch_size=0', 'data.batch_size: 0 came; wanted 1 or more'),
        ('data.workers=-1', 'data.workers: -1 came; wanted 0 or more'),
        ('ema_decay=1', 'ema_decay: 1.0 came; wanted 0 to below 1'),
        ('validate_every=0', 'validate_every: 0 came; wanted 1 or more'),
        ('size=9', "unknown key 'size'; known are network, layout"),
    ],
)
def test_a_refusal_names_the_key(file: Path, change: str, text: str) -> None:
    with pytest.raises(RecipeError, match=text) as caught:
        load_recipe(file, [change])
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('content', 'text'),
    [
        (None, 'No such file'),
        (b'', 'recipe: None came; wanted a mapping'),
        (b'[1, 2]', r'recipe: \[1, 2\] came; wanted a mapping'),
        (b'phases: [', 'recipe.yaml: not YAML'),
        (b'\xff\xfe\xfd', 'recipe.yaml: not a text'),
        (b'seed: 1', 'phases: none came'),
        (b'{1: 2, a: 3}', 'unknown key 1; known are'),
    ],
)
def test_a_file_that_is_no_recipe(tmp_path: Path, content: bytes | None, text: str) -> None:
    path = tmp_path / 'recipe.yaml'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecipeError, match=text) as caught:
        load_recipe(path)
    assert '\n' not in str(caught.value)


def test_a_recipe_without_phases() -> None:
    with pytest.raises(RecipeError, match='phases: none came'):
        Recipe()
