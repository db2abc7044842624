# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that is there is whole, whenever the training is killed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lightning.pytorch.plugins.io import TorchCheckpointIO


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place, then moves it there in one step.

    Lightning's own writes it to the folder for temporary files, from where a move to another file
    system is a copy, which a kill leaves half done.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        part = Path(f'{os.fspath(path)}.part')
        super().save_checkpoint(checkpoint, part, storage_options)
        part.replace(path)
