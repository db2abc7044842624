# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
lightning = pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from checkpoints import assert_same_end, read  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.datasets.annotated_frames import DataSetError  # noqa: E402
from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.errors import UserError  # noqa: E402
from enet_model.label_sets import CAMVID  # noqa: E402
from enet_model.networks import segnet  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402
from enet_model.training.checkpoint import CheckpointError, load_checkpoint  # noqa: E402
from enet_model.training.recipe import Recipe, RecipeError  # noqa: E402
from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.segmentation_module import SegmentationModule  # noqa: E402
from enet_model.training.synchronized_batch_norm import SynchronizedBatchNorm2d  # noqa: E402
from enet_model.training.train import build_module, train  # noqa: E402

FIRST_WEIGHT = 'network.encoder.initial.convolution.weight'

# Lightning warns that this training is small.
pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')


@pytest.fixture
def recipe(recipe_file: Path) -> Recipe:
    return load_recipe(recipe_file)


class KilledError(Exception):
    pass


def train_killed_and_resumed(recipe: Recipe, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train, but for an end in the middle of the second epoch and another start."""
    step = SegmentationModule.training_step

    def killed_step(self: SegmentationModule, data: Any, index: int) -> Any:
        if (self.current_epoch, index) == (1, 1):
            raise KilledError
        return step(self, data, index)

    with monkeypatch.context() as patch:
        patch.setattr(SegmentationModule, 'training_step', killed_step)
        with pytest.raises(KilledError):
            train(recipe, folder, accelerator='cpu')
    assert read(folder / 'last.ckpt')['epoch'] == 0
    train(recipe, folder, accelerator='cpu')


def test_a_run_that_was_killed_ends_as_one_that_was_not(
    recipe: Recipe, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_killed_and_resumed(recipe, tmp_path, monkeypatch)
    assert_same_end(tmp_path, run_folder)


def test_so_it_does_on_camvid(
    camvid_root: str, recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for split, count in (('train', 4), ('val', 1)):
        for folder in (split, f'{split}annot'):
            (tmp_path / folder).mkdir()
            for file in sorted((Path(camvid_root) / folder).glob('*.png'))[:count]:
                (tmp_path / folder / file.name).symlink_to(file)
    phases = 'phases=[{epochs: 2, crop: [64, 96], lovasz: 0.5, lovasz_stride: 2}]'
    recipe = load_recipe(recipe_file, [f'data.root={tmp_path}', 'validate_every=2', phases])
    train(recipe, tmp_path / 'undisturbed', accelerator='cpu')
    train_killed_and_resumed(recipe, tmp_path / 'killed', monkeypatch)
    assert_same_end(tmp_path / 'killed', tmp_path / 'undisturbed')


def test_a_run_that_is_finished_is_left_alone(recipe: Recipe, run_folder: Path) -> None:
    before = (run_folder / 'last.ckpt').read_bytes()
    assert train(recipe, run_folder, accelerator='cpu') == run_folder / 'best.ckpt'
    assert (run_folder / 'last.ckpt').read_bytes() == before


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        (['initial=/no/such.ckpt'], '/no/such.ckpt: cannot be read: No such file'),
        (['initial={start}', 'layout=paper'], '{start}: of another network or layout'),
    ],
)
def test_weights_that_cannot_be_begun_with(
    recipe_file: Path, run_folder: Path, tmp_path: Path, changes: list[str], text: str
) -> None:
    start = str(run_folder / 'last.ckpt')
    recipe = load_recipe(recipe_file, [change.format(start=start) for change in changes])
    with pytest.raises(CheckpointError, match=text.format(start=start)):
        train(recipe, tmp_path, accelerator='cpu')


def test_the_checkpoint_holds_the_averaged_weights(
    recipe_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[Tensor] = []

    def note(self: SegmentationModule, *arguments: Any) -> None:
        steps.append(self.get_parameter(FIRST_WEIGHT).detach().clone())

    monkeypatch.setattr(SegmentationModule, 'on_train_batch_end', note)
    recipe = load_recipe(recipe_file, ['ema_decay=0.8', 'phases=[{epochs: 1, crop: [32, 32]}]'])
    train(recipe, tmp_path, accelerator='cpu')
    average = steps[0]
    for weight in steps[1:]:
        average = 0.8 * average + 0.2 * weight
    saved = read(tmp_path / 'last.ckpt')
    torch.testing.assert_close(saved['state_dict'][FIRST_WEIGHT], average)
    assert torch.equal(saved['current_model_state'][FIRST_WEIGHT], steps[-1])
    assert (average - steps[-1]).abs().max() > 1e-4


def test_without_averaging_there_is_one_set_of_weights(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['ema_decay=0', 'phases=[{epochs: 1, crop: [32, 32]}]'])
    train(recipe, tmp_path, accelerator='cpu')
    saved = read(tmp_path / 'last.ckpt')
    assert 'current_model_state' not in saved
    assert 'auxiliary.weight' not in saved['state_dict']


def test_mixed_precision_leaves_weights_in_32_bits(recipe_file: Path, tmp_path: Path) -> None:
    phases = 'phases=[{epochs: 1, crop: [32, 32], lovasz: 0.5}]'
    ends = []
    for precision in ('fp32', 'bf16'):
        recipe = load_recipe(recipe_file, [phases, f'precision={precision}'])
        train(recipe, tmp_path / precision, accelerator='cpu')
        ends.append(read(tmp_path / precision / 'last.ckpt')['current_model_state'])
    full, mixed = ends
    assert {mixed[name].dtype for name in mixed} == {full[name].dtype for name in full}
    assert torch.float32 in {value.dtype for value in mixed.values()}
    assert not torch.equal(mixed[FIRST_WEIGHT], full[FIRST_WEIGHT])
    torch.testing.assert_close(mixed[FIRST_WEIGHT], full[FIRST_WEIGHT], rtol=0.0, atol=0.02)


def test_a_cpu_has_no_mixed_precision_in_fp16(recipe_file: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match='precision: fp16 came for a CPU; take fp32 or bf16'):
        train(load_recipe(recipe_file, ['precision=fp16']), tmp_path, accelerator='cpu')


@pytest.mark.parametrize(('processes', 'synchronized'), [(1, True), (2, False), (2, True)])
def test_several_processes_share_statistics_where_the_recipe_says_so(
    recipe: Recipe, processes: int, synchronized: bool
) -> None:
    recipe = dataclasses.replace(recipe, synchronized_batch_norm=synchronized)
    module = build_module(recipe, camvid(Path(recipe.data.root), 'train'), processes)
    kinds = {type(layer) for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)}
    shared = processes > 1 and synchronized
    assert kinds == {SynchronizedBatchNorm2d if shared else nn.BatchNorm2d}


@pytest.fixture
def narrow_segnet(recipe_file: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return changes to the recipe that train a SegNet with a sixteenth of the channels."""
    narrow = tuple(tuple(width // 16 or width for width in row) for row in segnet.ENCODERS)
    monkeypatch.setattr(segnet, 'ENCODERS', narrow)
    return ['network=segnet', 'phases=[{epochs: 1, crop: [32, 32], lovasz: 0.5}]']


def test_segnet_is_trained_and_exported_by_the_same_commands(
    recipe_file: Path, narrow_segnet: list[str], drawn_camvid: Path, tmp_path: Path
) -> None:
    pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
    run, model = ['--output', str(tmp_path), '--accelerator', 'cpu'], str(tmp_path / 'segnet.onnx')
    assert main(['train', '--config', str(recipe_file), *run, *narrow_segnet]) == 0
    best = tmp_path / 'best.ckpt'
    assert isinstance(load_checkpoint(best).network, segnet.SegNet)
    data = ['--size', '64x40', '--root', str(drawn_camvid)]
    assert main(['export', str(best), model, *data]) == 0
    segmenter = Segmenter(Path(model), device='cpu')
    assert segmenter.spec.names == CAMVID.names
    assert segmenter.run(np.zeros((40, 64, 3), np.uint8)).labels.shape == (40, 64)


def test_a_compiled_network_is_trained_to_the_same_weights(
    recipe_file: Path, narrow_segnet: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []

    def note(graph: Any, inputs: Any) -> Any:  # instead of the backend that writes code
        compiled.append(graph)
        return graph.forward

    def compile_in_place(self: nn.Module, **options: Any) -> None:
        original(self, backend=note, **options)

    original = nn.Module.compile
    monkeypatch.setattr(nn.Module, 'compile', compile_in_place)
    for name in ('false', 'true'):
        recipe = load_recipe(recipe_file, [*narrow_segnet, f'compile={name}'])
        train(recipe, tmp_path / name, accelerator='cpu')
    assert len(compiled) == 1, 'for training; none for validation'
    plain, other = (read(tmp_path / name / 'last.ckpt')['state_dict'] for name in ('false', 'true'))
    assert plain.keys() == other.keys()
    for name, value in plain.items():
        torch.testing.assert_close(other[name], value, rtol=1e-3, atol=1e-3)


def test_a_short_run_is_scored_at_its_end(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['validate_every=9', 'phases=[{epochs: 2, crop: [32, 32]}]'])
    best = train(recipe, tmp_path, accelerator='cpu')
    assert best == tmp_path / 'best.ckpt'
    assert read(best)['epoch'] == 1


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


@pytest.mark.skipif(torch.cuda.is_available(), reason='this machine has a GPU')
def test_an_accelerator_that_is_not_there(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'1 processes on gpu came: .*; take another --accelerator'):
        train(recipe, tmp_path, accelerator='gpu')


def test_val_that_cannot_be_dealt_to_the_processes(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['data.batch_size=4'])
    with pytest.raises(DataSetError, match='3 frames of val came for 4 processes; each scores one'):
        train(recipe, tmp_path, processes=4, accelerator='cpu')


def test_a_batch_that_cannot_be_dealt_to_the_processes(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, ['data.batch_size=6'])
    with pytest.raises(RecipeError, match=r'data.batch_size: 6 came for 4 processes; wanted a mul'):
        train(recipe, tmp_path, processes=2, nodes=2, accelerator='cpu')
