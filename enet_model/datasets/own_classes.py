# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames and masks of one's own, with classes of one's own in a YAML file.

``classes.yaml`` names the classes (see ``enet_model/class_file.py``). ``images/train/``,
``images/val/``, ``images/test/`` hold the frames, ``masks/train/`` and so on their masks: PNG files
of equal stems. Without these folders of splits, ``images/`` and ``masks/`` hold them all, and the
last fifth by name is val: neighbours in a recording are alike, so they stay together.
"""

from __future__ import annotations

from pathlib import Path

from enet_model.class_file import load_classes
from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    DataSetError,
    MaskFile,
    check_file,
    find_frames,
)
from enet_model.splits import Split

CLASS_FILE = 'classes.yaml'

_HINT = (
    f"a data set of one's own is a folder with {CLASS_FILE}, images/train, masks/train, images/val "
    'and masks/val (see docs/data_sets.md); name it by data.root, --root or OWN_CLASSES_ROOT'
)


def own_classes(root: Path, split: Split) -> AnnotatedFrames:
    """Open a split; DataSetError where a file is missing, ClassFileError for bad classes."""
    label_set = load_classes(check_file(root / CLASS_FILE, _HINT))
    images, masks = root / 'images', root / 'masks'
    if (images / 'train').is_dir():
        frames = find_frames(images / split, '*', _HINT)
        masks = masks / split
    else:
        frames = _deal(find_frames(images, '*', _HINT), split, images)
    return AnnotatedFrames(
        label_set,
        tuple(
            (
                frame,
                MaskFile(check_file(masks / f'{frame.stem}.png', _HINT), label_set.annotation_ids),
            )
            for frame in frames
        ),
    )


def _deal(frames: list[Path], split: Split, folder: Path) -> list[Path]:
    validation = max(len(frames) // 5, 1)
    dealt = {'train': frames[:-validation], 'val': frames[-validation:]}
    if not dealt.get(split):
        raise DataSetError(
            f'{folder}: {len(frames)} frames in one folder have no split {split!r}; {_HINT}'
        )
    return dealt[split]
