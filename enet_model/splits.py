# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The splits of a data set: what networks are trained on, chosen by and measured on."""

from __future__ import annotations

from typing import Literal, get_args

Split = Literal['train', 'val', 'test']

SPLITS: dict[str, tuple[Split, ...]] = {
    **{split: (split,) for split in get_args(Split)},
    'trainval': ('train', 'val'),
}
"""What can be asked for by name, and the splits that it is made of."""
