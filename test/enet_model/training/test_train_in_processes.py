# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several processes train as one does, and one that was killed as if it had not been."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

import train_exactly  # noqa: E402
from checkpoints import assert_same, read  # noqa: E402

from enet_model.training.recipe_file import load_recipe  # noqa: E402
from enet_model.training.train import train  # noqa: E402

ROOT = Path(__file__).parents[3]
SCRIPT = Path(train_exactly.__file__)
# One step on all frames at once. The gradient is then a tenth of what Adam remembers.
ONE_STEP = """
data: {{root: {root}, batch_size: 6}}
optimizer: {{name: adam, weight_decay: 0, clip_norm: 0}}
ema_decay: 0.5
phases:
  - {{epochs: 1, crop: [48, 64], auxiliary: 0.3}}
"""
EIGHT_EPOCHS = 'phases=[{epochs: 8, crop: [32, 32], auxiliary: 0.3, lovasz: 0.5}]'

pytestmark = pytest.mark.filterwarnings('ignore::UserWarning', 'ignore::FutureWarning')


def environment() -> dict[str, str]:
    """Return that of a process which computes as this one does, in as many threads."""
    return {
        **os.environ,
        'PYTHONPATH': str(ROOT),
        'OMP_NUM_THREADS': str(torch.get_num_threads()),
    }


@pytest.fixture(scope='module')
def noisy_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recipe on six frames of noise, of which each has more void than the one before.

    Noise, since in flat colours rounding decides which pixel wins a pooling, even in 64 bits.
    """
    root = tmp_path_factory.mktemp('noise')
    rng = np.random.default_rng(5)
    for split in ('train', 'val'):
        (root / split).mkdir()
        (root / f'{split}annot').mkdir()
        for index in range(6):
            frame = rng.integers(0, 256, (48, 64, 3), np.uint8)
            labels = rng.integers(0, 11, (48, 64), np.uint8)
            labels[: 7 * index] = 11  # what CamVid's annotations use for unlabelled
            cv2.imwrite(str(root / split / f'{index}.png'), frame)
            cv2.imwrite(str(root / f'{split}annot' / f'{index}.png'), labels)
    path = root / 'recipe.yaml'
    path.write_text(ONE_STEP.format(root=root))
    return path


@pytest.fixture(scope='module')
def of_one_process(noisy_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the checkpoint of a training in this process."""
    folder = tmp_path_factory.mktemp('one')
    with train_exactly.exactly():
        train(load_recipe(noisy_recipe), folder, accelerator='cpu')
    return read(folder / 'last.ckpt')


def test_two_processes_have_the_gradients_of_one(
    noisy_recipe: Path, of_one_process: dict[str, Any], tmp_path: Path
) -> None:
    torchrun = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node=2']
    arguments = ['--config', str(noisy_recipe), '--output', str(tmp_path), '--accelerator', 'cpu']
    result = subprocess.run(
        [*torchrun, str(SCRIPT), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert 'Starting with 2 processes' in result.stderr
    of_two = read(tmp_path / 'last.ckpt')
    assert of_two['global_step'] == of_one_process['global_step'] == 1
    (one,), (two,) = of_one_process['optimizer_states'], of_two['optimizer_states']
    assert one['state'].keys() == two['state'].keys()
    for key, state in one['state'].items():
        gradient = 10 * state['exp_avg']
        error = (10 * two['state'][key]['exp_avg'] - gradient).norm()
        assert error <= 1e-5 * gradient.norm() + 1e-9, f'parameter {key}'
    for name, value in of_one_process['state_dict'].items():
        if name.endswith(('running_mean', 'running_var')):
            torch.testing.assert_close(of_two['state_dict'][name], value)


def test_killed_at_a_random_moment_and_resumed(recipe_file: Path, tmp_path: Path) -> None:
    recipe = load_recipe(recipe_file, [EIGHT_EPOCHS])
    train(recipe, tmp_path / 'undisturbed', accelerator='cpu')

    killed = tmp_path / 'killed'
    command = [sys.executable, '-m', 'enet_model.cli', 'train', '--config', str(recipe_file)]
    with subprocess.Popen(
        [*command, '--output', str(killed), '--accelerator', 'cpu', EIGHT_EPOCHS],
        env=environment(),
        stderr=subprocess.DEVNULL,
    ) as process:
        last = killed / 'last.ckpt'
        first = wait_for_another(last, 0, process)
        second = wait_for_another(last, first, process)
        # Of eight epochs two are over now: two more are not the end.
        moment = random.SystemRandom().uniform(0, 2 * (second - first) / 1e9)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(moment)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert 1 <= read(last)['epoch'] < 7

    train(recipe, killed, accelerator='cpu')
    resumed, undisturbed = (
        read(tmp_path / name / 'last.ckpt') for name in ('killed', 'undisturbed')
    )
    assert resumed['epoch'] == 7
    for part in ('state_dict', 'current_model_state', 'optimizer_states', 'lr_schedulers'):
        assert_same(resumed[part], undisturbed[part], f'after {moment} s, {part}')


def wait_for_another(path: Path, known: int, process: subprocess.Popen[Any]) -> int:
    """Return when a file was written, in ns, as soon as it is not the time that is known."""
    limit = time.monotonic() + 200
    while time.monotonic() < limit:
        assert process.poll() is None, 'the training ended'
        if path.is_file() and (written := path.stat().st_mtime_ns) != known:
            return written
        time.sleep(0.005)
    raise TimeoutError(path)
