# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")

from enet_model.training.atomic_checkpoints import AtomicCheckpointIO  # noqa: E402


def test_a_checkpoint_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / 'run' / 'last.ckpt'
    for epoch in (1, 2):
        AtomicCheckpointIO().save_checkpoint({'epoch': epoch}, path)
        assert torch.load(path, weights_only=True) == {'epoch': epoch}
    assert [file.name for file in path.parent.iterdir()] == ['last.ckpt']


def test_one_that_is_not_finished_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / 'last.ckpt'
    AtomicCheckpointIO().save_checkpoint({'epoch': 1}, path)

    def half(checkpoint: object, file: Path) -> None:
        Path(file).write_bytes(b'half')
        raise KeyboardInterrupt

    monkeypatch.setattr('lightning.fabric.plugins.io.torch_io._atomic_save', half)
    with pytest.raises(KeyboardInterrupt):
        AtomicCheckpointIO().save_checkpoint({'epoch': 2}, path)
    assert torch.load(path, weights_only=True) == {'epoch': 1}
