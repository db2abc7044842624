# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
lightning = pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from torch import Tensor  # noqa: E402

from enet_model.datasets.annotated_frames import DataSetError  # noqa: E402
from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.training.checkpoint import CheckpointError  # noqa: E402
from enet_model.training.recipe import Recipe  # noqa: E402
from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.segmentation_module import SegmentationModule  # noqa: E402
from enet_model.training.train import train  # noqa: E402

# Lightning warns that this training is small.
FIRST_WEIGHT = 'network.encoder.initial.convolution.weight'

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')


@pytest.fixture
def recipe(recipe_file: Path) -> Recipe:
    return load_recipe(recipe_file)


def checkpoint(path: Path) -> dict[str, Any]:
    """Return what a checkpoint holds; nothing but tensors and plain values may be in it."""
    return torch.load(path, weights_only=True)


def fresh(recipe: Recipe) -> SegmentationModule:
    """Return the module as training by the recipe starts with it."""
    lightning.seed_everything(recipe.seed, verbose=False)
    return SegmentationModule(recipe, camvid(Path(recipe.data.root), 'train'))


def assert_same(one: Any, other: Any, where: str = '') -> None:
    """Fail, saying where, unless two trees of tensors and plain values are equal bit for bit."""
    assert type(one) is type(other), where
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other), where
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            assert_same(one[key], other[key], f'{where}/{key}')
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for index, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f'{where}/{index}')
    else:
        assert one == other, where


class KilledError(Exception):
    pass


def test_a_run_that_was_killed_ends_as_one_that_was_not(
    recipe: Recipe, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = SegmentationModule.training_step

    def killed_step(self: SegmentationModule, data: Any, index: int) -> Any:
        if (self.current_epoch, index) == (1, 1):
            raise KilledError
        return step(self, data, index)

    monkeypatch.setattr(SegmentationModule, 'training_step', killed_step)
    with pytest.raises(KilledError):
        train(recipe, tmp_path, accelerator='cpu')
    monkeypatch.undo()
    assert checkpoint(tmp_path / 'last.ckpt')['epoch'] == 0

    train(recipe, tmp_path, accelerator='cpu')
    resumed, undisturbed = checkpoint(tmp_path / 'last.ckpt'), checkpoint(run_folder / 'last.ckpt')
    assert resumed['epoch'] == recipe.epochs - 1
    for part in ('state_dict', 'current_model_state', 'optimizer_states', 'lr_schedulers'):
        assert_same(resumed[part], undisturbed[part], part)


def test_a_run_that_is_finished_is_left_alone(recipe: Recipe, run_folder: Path) -> None:
    before = (run_folder / 'last.ckpt').read_bytes()
    assert train(recipe, run_folder, accelerator='cpu') == run_folder / 'best.ckpt'
    assert (run_folder / 'last.ckpt').read_bytes() == before


def test_the_encoder_is_trained_alone_first(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['phases=[{epochs: 2, crop: [32, 32], encoder_only: true}]'])
    train(recipe, tmp_path, accelerator='cpu')
    before = fresh(recipe).state_dict()
    after = checkpoint(tmp_path / 'last.ckpt')['state_dict']
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
    before = checkpoint(start)['state_dict']
    after = checkpoint(tmp_path / 'last.ckpt')['state_dict']
    assert after.keys() == {name for name in before if name.startswith('network.')}
    for name in after:
        same = torch.equal(before[name], after[name])
        assert same == name.startswith('network.encoder'), name


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        (['initial=/no/such.ckpt'], '/no/such.ckpt: cannot be read: No such file'),
        (['initial={start}', 'layout=paper'], '{start}: of another network, layout or number'),
    ],
)
def test_weights_that_cannot_be_begun_with(
    recipe_file: Path, run_folder: Path, tmp_path: Path, changes: list[str], text: str
) -> None:
    start = str(run_folder / 'last.ckpt')
    recipe = load_recipe(recipe_file, [change.format(start=start) for change in changes])
    with pytest.raises(CheckpointError, match=text.format(start=start)):
        train(recipe, tmp_path, accelerator='cpu')


def test_then_all_is_trained(recipe: Recipe, run_folder: Path) -> None:
    before = dict(fresh(recipe).named_parameters())
    after = checkpoint(run_folder / 'last.ckpt')['state_dict']
    assert [name for name in before if torch.equal(before[name], after[name])] == []


def test_the_checkpoint_holds_the_averaged_weights(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[Tensor] = []

    def note(self: SegmentationModule, *arguments: Any) -> None:
        steps.append(self.network.encoder.initial.convolution.weight.detach().clone())

    monkeypatch.setattr(SegmentationModule, 'on_train_batch_end', note)
    recipe = load_recipe(recipe_file, ['ema_decay=0.8', 'phases=[{epochs: 1, crop: [32, 32]}]'])
    train(recipe, tmp_path, accelerator='cpu')
    average = steps[0]
    for weight in steps[1:]:
        average = 0.8 * average + 0.2 * weight
    saved = checkpoint(tmp_path / 'last.ckpt')
    torch.testing.assert_close(saved['state_dict'][FIRST_WEIGHT], average)
    assert torch.equal(saved['current_model_state'][FIRST_WEIGHT], steps[-1])
    assert (average - steps[-1]).abs().max() > 1e-4


def test_without_averaging_there_is_one_set_of_weights(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['ema_decay=0', 'phases=[{epochs: 1, crop: [32, 32]}]'])
    train(recipe, tmp_path, accelerator='cpu')
    saved = checkpoint(tmp_path / 'last.ckpt')
    assert 'current_model_state' not in saved
    assert 'auxiliary.weight' not in saved['state_dict']


def test_a_run_too_short_to_be_scored_ends_with_its_last_checkpoint(
    recipe_file: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file, ['validate_every=2', 'phases=[{epochs: 1, crop: [32, 32]}]'])
    assert train(recipe, tmp_path, accelerator='cpu') == tmp_path / 'last.ckpt'


def test_a_checkpoint_is_chosen_by_the_score_of_the_whole_network(
    recipe: Recipe, run_folder: Path
) -> None:
    """Not by that of the encoder's own classifier, which no model file holds."""
    from enet_model.evaluation.evaluate import evaluate, open_predictor

    frames = camvid(Path(recipe.data.root), 'val')
    states = checkpoint(run_folder / 'best.ckpt')['callbacks']
    (score,) = {
        state['best_model_score'].item()
        for state in states.values()
        if 'best_model_score' in state and state['monitor'] == 'val/mean_iou'
    }
    predict, names = open_predictor(run_folder / 'best.ckpt')
    assert evaluate(predict, names, frames).mean_iou == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        (['data.batch_size=7'], '6 training frames came; a batch takes 7'),
        (['data.root=/no/such/folder'], 'no folder /no/such/folder/train'),
        (['data.name=kitti'], "no data set 'kitti'"),
    ],
)
def test_data_that_cannot_be_trained_on(
    recipe_file: Path, tmp_path: Path, changes: list[str], text: str
) -> None:
    with pytest.raises(DataSetError, match=text):
        train(load_recipe(recipe_file, changes), tmp_path / 'run', accelerator='cpu')
    assert not (tmp_path / 'run').exists()
