# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command `enet train`, but in 64 bits and without dropout.

What is left has to be the same in any number of processes: each draws its own dropout, and where
two pixels of a pooling window are nearly equal, rounding in 32 bits decides which one wins.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from unittest import mock

from torch import nn

from enet_model.cli import main
from enet_model.training.train import PRECISIONS


@contextlib.contextmanager
def exactly() -> Iterator[None]:
    """Train in 64 bits and without dropout."""
    with (
        mock.patch.dict(PRECISIONS, fp32='64-true'),
        mock.patch.object(nn.Dropout2d, 'forward', lambda self, input: input),
    ):
        yield


if __name__ == '__main__':
    with exactly():
        sys.exit(main(['train', *sys.argv[1:]]))
