# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.camvid import camvid
from enet_model.datasets.cityscapes import cityscapes
from enet_model.datasets.own_classes import own_classes
from enet_model.datasets.sun_rgbd import sun_rgbd
from enet_model.splits import SPLITS, Split

DATA_SETS: dict[str, Callable[[Path, Split], AnnotatedFrames]] = {
    'camvid': camvid,
    'cityscapes': cityscapes,
    'sun_rgbd': sun_rgbd,
    'own_classes': own_classes,
}


def open_data_set(
    name: str, root: str, split: str, size: tuple[int, int] | None = None
) -> AnnotatedFrames:
    """Open a split of a data set; an empty root is the variable CAMVID_ROOT, by the set's name.

    split: train, val, test, or trainval for the first two.
    size: width and height to which frames and labels are scaled; none leaves them as they are.
    DataSetError where name, split or folder is not what it should be.
    """
    if name not in DATA_SETS:
        raise DataSetError(f'no data set {name!r}; known are {", ".join(DATA_SETS)}')
    if split not in SPLITS:
        raise DataSetError(f'no split {split!r}; known are {", ".join(SPLITS)}')
    variable = f'{name.upper()}_ROOT'
    folder = root or os.environ.get(variable, '')
    if not folder:
        raise DataSetError(
            f'no folder for {name}: name it by data.root, --root or {variable}; another data set '
            'is named by data.name or --data'
        )
    parts = [DATA_SETS[name](Path(folder), part) for part in SPLITS[split]]
    pairs = tuple(pair for part in parts for pair in part.pairs)
    return AnnotatedFrames(parts[0].label_set, pairs, size)
