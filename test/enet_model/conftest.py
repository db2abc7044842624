# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data for the tests of the network: small drawn data sets, CamVid, and a short training."""

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_data_sets import Labels, draw_cityscapes, draw_own_classes, draw_sun_rgbd

from enet_model.label_sets import CAMVID

RECIPE = """
data: {{root: {root}, batch_size: 2}}
ema_decay: 0.5
validate_every: 1
phases:
  - {{epochs: 1, crop: [32, 32], encoder_only: true}}
  - {{epochs: 2, crop: [32, 32], auxiliary: 0.3, lovasz: 0.5}}
"""


@pytest.fixture(autouse=True)
def leave_torch_as_it_was() -> Iterator[None]:
    """Training asks torch for deterministic algorithms; the next test does not."""
    yield
    if 'torch' in sys.modules:
        sys.modules['torch'].use_deterministic_algorithms(False)


@pytest.fixture(scope='session')
def drawn_camvid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CamVid of 6 + 3 streets, 64 x 48 pixels, in which each class has one colour."""
    root = tmp_path_factory.mktemp('camvid')
    rng = np.random.default_rng(4)
    palette = np.array([(*label_class.color,) for label_class in CAMVID.classes] + [(0, 0, 0)])
    for split, count in (('train', 6), ('val', 3)):
        for folder in (root / split, root / f'{split}annot'):
            folder.mkdir()
        for index in range(count):
            ids = np.zeros((48, 64), np.uint8)  # sky
            ids[24:] = CAMVID.id_of('road')
            left, width = rng.integers(0, 40), rng.integers(8, 24)
            ids[10:30, left : left + width] = rng.integers(1, 11)
            ids[44:, :8] = 11  # what CamVid's annotations use for unlabelled
            frame = palette[ids].astype(np.uint8)
            cv2.imwrite(str(root / split / f'{index}.png'), frame[..., ::-1])
            cv2.imwrite(str(root / f'{split}annot' / f'{index}.png'), ids)
    return root


@pytest.fixture(scope='session')
def drawn_cityscapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('cityscapes')
    draw_cityscapes(root)
    return root


@pytest.fixture(scope='session')
def drawn_sun_rgbd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Labels]]:
    """Return the root, and the labels of each frame by its folder."""
    for library in ('h5py', 'scipy'):
        pytest.importorskip(library, reason="needs pip install 'enet_model[sun-rgbd]'")
    root = tmp_path_factory.mktemp('sun_rgbd')
    return root, draw_sun_rgbd(root)


@pytest.fixture(scope='session')
def drawn_own_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('own_classes')
    draw_own_classes(root, {'train': 4, 'val': 2})
    return root


@pytest.fixture(scope='session')
def camvid_root() -> str:
    """Return the folder of the real CamVid; skip where there is none."""
    root = os.environ.get('CAMVID_ROOT', '')
    if not root:
        pytest.skip('CAMVID_ROOT does not name the folder of CamVid (train, trainannot, val, ...)')
    return root


@pytest.fixture(scope='session')
def recipe_file(drawn_camvid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recipe of three short epochs on the drawn CamVid, the first without decoder."""
    path = tmp_path_factory.mktemp('recipe') / 'tiny.yaml'
    path.write_text(RECIPE.format(root=drawn_camvid))
    return path


@pytest.fixture(scope='session')
def run_folder(recipe_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a training by that recipe which nobody disturbed."""
    torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
    pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")
    from enet_model.training.recipe_file import load_recipe
    from enet_model.training.train import train

    folder = tmp_path_factory.mktemp('run')
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # Lightning's: that the training is small
        train(load_recipe(recipe_file), folder, accelerator='cpu')
    torch.use_deterministic_algorithms(False)
    return folder


@pytest.fixture(scope='session')
def exported_model(run_folder: Path, drawn_camvid: Path) -> Path:
    """Return what `enet export` makes of that training: a model of 64 x 48 pixels."""
    pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
    from enet_model.cli import main

    path = run_folder / 'exported' / 'tiny.onnx'
    arguments = ['--size', '64x48', '--root', str(drawn_camvid), '--license', 'CC0-1.0']
    assert main(['export', str(run_folder / 'last.ckpt'), str(path), *arguments]) == 0
    return path
