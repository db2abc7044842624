# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.camvid import Split, camvid

DATA_SETS = {'camvid': camvid}


def open_data_set(name: str, root: str, split: str) -> AnnotatedFrames:
    """Open a split of a data set; an empty root is the variable CAMVID_ROOT, by the set's name.

    DataSetError where name, split or folder is not what it should be.
    """
    if name not in DATA_SETS:
        raise DataSetError(f'no data set {name!r}; known are {", ".join(DATA_SETS)}')
    if split not in get_args(Split):
        raise DataSetError(f'no split {split!r}; known are {", ".join(get_args(Split))}')
    variable = f'{name.upper()}_ROOT'
    folder = root or os.environ.get(variable, '')
    if not folder:
        raise DataSetError(f'no folder for {name}: name it by data.root, --root or {variable}')
    return DATA_SETS[name](Path(folder), split)  # type: ignore[arg-type]
