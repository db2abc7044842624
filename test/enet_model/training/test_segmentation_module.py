# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
lightning = pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from checkpoints import read  # noqa: E402

from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.training.recipe import Recipe  # noqa: E402
from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.segmentation_module import SegmentationModule  # noqa: E402
from enet_model.training.train import train  # noqa: E402

# Lightning warns that this training is small.
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')


@pytest.fixture
def recipe(recipe_file: Path) -> Recipe:
    return load_recipe(recipe_file)


def fresh(recipe: Recipe) -> SegmentationModule:
    """Return the module as training by the recipe starts with it."""
    lightning.seed_everything(recipe.seed, verbose=False)
    return SegmentationModule(recipe, camvid(Path(recipe.data.root), 'train'))


def test_the_encoder_is_trained_alone_first(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['phases=[{epochs: 2, crop: [32, 32], encoder_only: true}]'])
    train(recipe, tmp_path, accelerator='cpu')
    before = fresh(recipe).state_dict()
    after = read(tmp_path / 'last.ckpt')['state_dict']
    assert before.keys() == after.keys()
    for name in before:
        same = torch.equal(before[name], after[name])
        assert same == name.startswith('network.decoder'), name


def test_the_decoder_is_trained_alone_on_an_encoder_that_is_good(
    recipe_file: Path, run_folder: Path, tmp_path: Path
) -> None:
    start = run_folder / 'last.ckpt'
    phases = 'phases=[{epochs: 1, crop: [32, 32], freeze_encoder: true}]'
    recipe = load_recipe(recipe_file, [phases, f'initial={start}'])
    train(recipe, tmp_path, accelerator='cpu')
    before = read(start)['state_dict']
    after = read(tmp_path / 'last.ckpt')['state_dict']
    assert after.keys() == {name for name in before if name.startswith('network.')}
    for name in after:
        same = torch.equal(before[name], after[name])
        assert same == name.startswith('network.encoder'), name


def test_then_all_is_trained(recipe: Recipe, run_folder: Path) -> None:
    before = dict(fresh(recipe).named_parameters())
    after = read(run_folder / 'last.ckpt')['state_dict']
    assert [name for name in before if torch.equal(before[name], after[name])] == []


@pytest.mark.parametrize('dropout', [True, False])
def test_channels_are_left_out_at_random_where_the_recipe_says_so(
    recipe: Recipe, dropout: bool
) -> None:
    module = fresh(dataclasses.replace(recipe, dropout=dropout)).train()
    image = torch.rand(1, 3, 32, 32)
    first, second = (module.network(image) for _ in range(2))
    assert torch.equal(first, second) != dropout
    assert module.state_dict().keys() == fresh(recipe).state_dict().keys()


def test_a_checkpoint_is_chosen_by_the_score_of_the_whole_network(
    recipe: Recipe, run_folder: Path
) -> None:
    """Not by that of the encoder's own classifier, which no model file holds."""
    from enet_model.evaluation.evaluate import evaluate, open_predictor

    frames = camvid(Path(recipe.data.root), 'val')
    states = read(run_folder / 'best.ckpt')['callbacks']
    (score,) = {
        state['best_model_score'].item()
        for state in states.values()
        if 'best_model_score' in state and state['monitor'] == 'val/mean_iou'
    }
    predict, spec = open_predictor(run_folder / 'best.ckpt')
    assert evaluate(predict, spec.names, frames).mean_iou == pytest.approx(score, abs=1e-6)
