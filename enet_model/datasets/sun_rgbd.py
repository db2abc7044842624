# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""SUN RGB-D, 37 classes indoors, as it is downloaded, with the metadata of its toolbox.

S. Song, S. P. Lichtenberg, J. Xiao, "SUN RGB-D: A RGB-D Scene Understanding Benchmark Suite", CVPR
2015. ``SUNRGBD/<sensor>/.../<frame>/image/*.jpg`` are the frames; in ``SUNRGBDtoolbox``,
``Metadata/SUNRGBDMeta.mat`` lists them, ``Metadata/SUNRGBD2Dseg.mat`` holds the labels in
that order, and ``traintestSUNRGBD/allsplit.mat`` says what is for training (split there into
train and val) and what for testing. The depth images are not used.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    DataSetError,
    check_file,
    to_class_ids,
)
from enet_model.label_sets import SUN_RGBD
from enet_model.splits import Split

_HINT = (
    'SUN RGB-D is looked for as SUNRGBD.zip and SUNRGBDtoolbox.zip of rgbd.cs.princeton.edu unpack '
    '(folders SUNRGBD and SUNRGBDtoolbox); name the folder that holds both by data.root, --root or '
    'SUN_RGBD_ROOT'
)


@dataclass(frozen=True)
class MatlabLabels:
    """The labels of one frame in SUNRGBD2Dseg.mat, a file of several gigabytes in HDF5."""

    path: Path
    index: int
    """Place of the frame in the list of SUNRGBDMeta.mat, from 0."""

    def __str__(self) -> str:
        return f'{self.path}, entry {self.index + 1}'

    def read(self) -> NDArray[np.uint8]:
        with _installed():
            import h5py
        try:
            # Opened for each frame: an open file must not be shared by the processes that load.
            with h5py.File(self.path) as file:
                reference = file['SUNRGBD2Dseg/seglabel'][self.index, 0]
                # MATLAB stores column by column. 0 is unlabelled.
                labels = file[reference][()].T.astype(np.uint8)
        except (OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
            raise DataSetError(
                f'{self}: no labels that can be read: {" ".join(str(error).split())}; '
                'unpack SUNRGBDtoolbox.zip again'
            ) from error
        return to_class_ids(labels, SUN_RGBD.annotation_ids)


def sun_rgbd(root: Path, split: Split) -> AnnotatedFrames:
    """Open a split; DataSetError where a file, or a library that reads MATLAB's, is missing."""
    toolbox = root / 'SUNRGBDtoolbox'
    splits, frames, labels = (
        check_file(toolbox / name, _HINT)
        for name in (
            'traintestSUNRGBD/allsplit.mat',
            'Metadata/SUNRGBDMeta.mat',
            'Metadata/SUNRGBD2Dseg.mat',
        )
    )
    wanted = _folders_of(splits, split)
    pairs = tuple(
        (check_file(root / 'SUNRGBD' / frame, _HINT), MatlabLabels(labels, index))
        for index, frame in enumerate(_list_frames(frames))
        if str(PurePosixPath(frame).parents[1]) in wanted
    )
    if not pairs:
        raise DataSetError(f'{toolbox}: its files name no frame of the split {split!r}; {_HINT}')
    return AnnotatedFrames(SUN_RGBD, pairs)


@functools.lru_cache(maxsize=1)  # it takes a minute to read: boxes of all objects are in it, too
def _list_frames(path: Path) -> tuple[str, ...]:
    """Return each frame's image file, relative to SUNRGBD, in the order of the labels."""
    with _reading(path) as tree:
        return tuple(_relative(frame.rgbpath) for frame in np.atleast_1d(tree['SUNRGBDMeta']))


def _folders_of(path: Path, split: Split) -> set[str]:
    """Return the folders of a split's frames, relative to SUNRGBD."""
    with _reading(path) as tree:
        chosen = tree['alltest'] if split == 'test' else getattr(tree['trainvalsplit'], split)
        return {_relative(folder) for folder in np.atleast_1d(chosen)}


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[dict[str, Any]]:
    """Read a file of MATLAB's older format; DataSetError where it is not what it should be."""
    with _installed():
        from scipy.io import loadmat
    try:
        yield loadmat(path, squeeze_me=True, struct_as_record=False)
    except Exception as error:  # foreign bytes make scipy raise nearly anything
        raise DataSetError(
            f"{path}: not the file of SUN RGB-D's toolbox, or cut off: "
            f'{" ".join(str(error).split())}; unpack SUNRGBDtoolbox.zip again'
        ) from error


def _relative(path: str) -> str:
    """Turn a path on its authors' machines, /n/fs/sun3d/data/SUNRGBD/..., into one to SUNRGBD."""
    return str(PurePosixPath(path.partition('/SUNRGBD/')[2]))


@contextlib.contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise DataSetError(
            f'{error.name} is not installed, and reads what MATLAB wrote: '
            "pip install 'enet_model[sun-rgbd]'"
        ) from error
