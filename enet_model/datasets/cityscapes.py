# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Cityscapes, 19 classes at 2048 x 1024, fine annotations, as they are downloaded.

M. Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016.
Frames: ``leftImg8bit/<split>/<city>/<frame>_leftImg8bit.png``. Annotations:
``gtFine/<split>/<city>/<frame>_gtFine_labelIds.png``, or ``..._labelTrainIds.png`` as
cityscapesscripts writes them, where the former is missing. Those of the test split are blank: its
labels are kept by the benchmark's server.
"""

from __future__ import annotations

from pathlib import Path

from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    MaskFile,
    check_file,
    find_frames,
)
from enet_model.label_sets import CITYSCAPES
from enet_model.splits import Split

LABEL_IDS = '_gtFine_labelIds.png'
"""End of the name of a file of the ids of cityscapesscripts' table of labels."""

_TRAIN_IDS = '_gtFine_labelTrainIds.png'
_FRAME = '_leftImg8bit.png'
_HINT = (
    'Cityscapes is looked for as leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip of '
    'cityscapes-dataset.com unpack (folders leftImg8bit and gtFine); name the folder that holds '
    'both by data.root, --root or CITYSCAPES_ROOT'
)


def cityscapes(root: Path, split: Split) -> AnnotatedFrames:
    """Open a split; DataSetError where a file is missing."""
    frames = find_frames(root / 'leftImg8bit' / split, f'*/*{_FRAME}', _HINT)
    annotations = root / 'gtFine' / split
    return AnnotatedFrames(
        CITYSCAPES, tuple((frame, _annotation(frame, annotations)) for frame in frames)
    )


def _annotation(frame: Path, annotations: Path) -> MaskFile:
    stem = annotations / frame.parent.name / frame.name.removesuffix(_FRAME)
    label_ids, train_ids = (stem.with_name(stem.name + end) for end in (LABEL_IDS, _TRAIN_IDS))
    if train_ids.is_file() and not label_ids.is_file():
        return MaskFile(train_ids, tuple(range(len(CITYSCAPES.classes))))
    return MaskFile(check_file(label_ids, _HINT), CITYSCAPES.annotation_ids)
