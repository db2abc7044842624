# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from enet_model.datasets.augmentation import Augmentation
from enet_model.training.recipe import Phase, Recipe, RecipeError
from enet_model.training.recipe_file import BUILT_IN, build_recipe, load_recipe

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
    assert [recipe.crop_in_pass(number) for number in (1, 2)] == [(64, 96), (128, 192)]
    twice = load_recipe(file, ['data.passes=2'])
    assert [twice.crop_in_pass(number) for number in (3, 4)] == [(64, 96), (128, 192)]


@pytest.mark.parametrize('name', sorted(BUILT_IN))
def test_a_built_in_recipe_loads_by_its_name(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe == load_recipe(BUILT_IN[name])
    assert recipe.epochs > 0
    assert not recipe.phases[-1].encoder_only
    assert 0 < recipe.optimizer.learning_rate < 0.1


def test_what_is_built_in() -> None:
    assert {'camvid', 'camvid_paper', 'segnet_camvid'} <= BUILT_IN.keys()


def test_the_recipe_of_the_paper() -> None:
    """Section 5.1: "batch size of 10", "Adam", learning rate 5e-4, L2 2e-4, c = 1.02."""
    recipe = load_recipe('camvid_paper')
    optimizer = recipe.optimizer
    assert (optimizer.name, optimizer.learning_rate, optimizer.weight_decay) == ('adam', 5e-4, 2e-4)
    assert (optimizer.cosine, optimizer.warm_up, optimizer.clip_norm) == (False, 0, 0)
    assert (recipe.network, recipe.data.batch_size, recipe.ema_decay) == ('enet', 10, 0)
    first, second = recipe.phases
    assert (first.encoder_only, second.encoder_only) == (True, False)
    assert first.class_damping == second.class_damping == 1.02
    assert second.auxiliary == second.lovasz == 0


def test_a_recipe_comes_back_from_plain_values(file: Path) -> None:
    """As a checkpoint holds them: without classes, with tuples."""
    recipe = load_recipe(file)
    assert build_recipe(dataclasses.asdict(recipe)) == recipe


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
        ('phases.1.lovasz_stride=0', 'phases.1.lovasz_stride: 0 came; wanted 1 or more'),
        ('phases.0.lovasz=-1', 'phases.0.lovasz: -1.0 came; wanted 0 or more'),
        ('phases.1.auxiliary=.nan', 'phases.1.auxiliary: nan came; wanted 0 or more'),
        ('augmentation.scale=[0, 1]', r'augmentation.scale: \(0.0, 1.0\) came; wanted a range'),
        ('augmentation.scale=[2, 1]', r'augmentation.scale: \(2.0, 1.0\) came; wanted a range'),
        ('augmentation.light=-0.1', 'augmentation.light: -0.1 came; wanted a number of 0 or more'),
        ('augmentation.color=.inf', 'augmentation.color: inf came; wanted a number of 0 or more'),
        ('augmentation.mix=1.5', 'augmentation.mix: 1.5 came; wanted a share, 0 to 1'),
        ('network=unet', "network: 'unet' came; wanted .*enet"),
        ('network=segnet', 'phases.0: encoder_only, freeze_encoder or auxiliary came; segnet is'),
        ('precision=fp8', "precision: 'fp8' came; wanted .*fp32.*bf16.*fp16"),
        ('compile=1', 'compile: 1 came; wanted bool'),
        ('layout=sketch', "layout: 'sketch' came; wanted .*authors.*paper"),
        ('optimizer.name=sgd', "optimizer.name: 'sgd' came; wanted .*adamw"),
        ('optimizer.learning_rate=fast', "optimizer.learning_rate: 'fast' came; wanted float"),
        ('optimizer.learning_rate=0', 'optimizer.learning_rate: 0.0 came; wanted > 0'),
        ('optimizer.learning_rate=.nan', 'optimizer.learning_rate: nan came; wanted > 0'),
        ('optimizer.weight_decay=-1', 'optimizer.weight_decay: -1.0 came; wanted 0 or more'),
        ('optimizer.warm_up=2', 'optimizer.warm_up: 2.0 came; wanted a share, 0 to 1'),
        ('optimizer.clip_norm=-1', 'optimizer.clip_norm: -1.0 came; wanted 0 or more'),
        ('optimizer.momentum=1', "unknown key 'momentum' in optimizer; known are name,"),
        ('optimizer=fast', "optimizer: 'fast' came; wanted a mapping"),
        ('data.batch_size=0', 'data.batch_size: 0 came; wanted 1 or more'),
        ('data.passes=0', 'data.passes: 0 came; wanted 1 or more'),
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


@pytest.mark.parametrize(
    'phase', [Phase(1, (8, 8), auxiliary=0.3), Phase(1, (8, 8), freeze_encoder=True)]
)
def test_segnet_is_trained_as_a_whole(phase: Phase) -> None:
    whole = Phase(1, (8, 8), lovasz=1.0)
    assert Recipe(network='segnet', phases=(whole,)).epochs == 1
    with pytest.raises(RecipeError, match=r'phases.1: .* came; segnet is trained as a whole'):
        Recipe(network='segnet', phases=(whole, phase))


def test_segnet_has_one_layout() -> None:
    with pytest.raises(RecipeError, match="layout: 'paper' came; segnet has one"):
        Recipe(network='segnet', layout='paper', phases=(Phase(1, (8, 8)),))


def test_a_recipe_without_phases() -> None:
    with pytest.raises(RecipeError, match='phases: none came'):
        Recipe()
