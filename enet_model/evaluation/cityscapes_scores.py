# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The scores of the Cityscapes benchmark, by its authors' own program, cityscapesscripts.

Beside the IoU of classes and categories it gives iIoU, in which every pixel of a thing counts by
the size of the thing: M. Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene
Understanding", CVPR 2016, section 4.1.
"""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError, MaskFile
from enet_model.datasets.cityscapes import LABEL_IDS
from enet_model.evaluation.metrics import or_none
from enet_model.label_sets import CITYSCAPES

_INSTANCE_IDS = '_gtFine_instanceIds.png'


def why_not(frames: AnnotatedFrames) -> str:
    """Say what is missing for official scores of these frames of Cityscapes; nothing: ''."""
    if importlib.util.find_spec('cityscapesscripts') is None:
        return "cityscapesscripts is not installed: pip install 'enet_model[cityscapes]'"
    for truth in _truths(frames):
        if not truth.name.endswith(LABEL_IDS):
            return f'{truth}: cityscapesscripts wants a file *{LABEL_IDS}'
        instances = truth.with_name(truth.name.replace(LABEL_IDS, _INSTANCE_IDS))
        if not instances.is_file():
            return f'no file {instances}, which is part of gtFine_trainvaltest.zip'
    return ''


class CityscapesScores:
    """Observes an evaluation, writes every prediction as a file, and has these scored.

    frames: of Cityscapes, for which :func:`why_not` finds nothing.
    folder: for the files of the predictions, a few kilobytes each; written in the form that the
        benchmark's server takes.
    """

    def __init__(self, frames: AnnotatedFrames, folder: Path) -> None:
        self._truths = _truths(frames)
        self._predictions = [
            folder / truth.name.replace(LABEL_IDS, '.png') for truth in self._truths
        ]
        # Void is label 0, unlabelled, to cityscapesscripts.
        self._label_ids = np.zeros(256, np.uint8)
        self._label_ids[: len(CITYSCAPES.classes)] = CITYSCAPES.annotation_ids

    def __call__(
        self,
        index: int,
        frame: NDArray[np.uint8],
        labels: NDArray[np.uint8],
        predicted: NDArray[np.uint8],
    ) -> None:
        cv2.imwrite(str(self._predictions[index]), self._label_ids[predicted])

    def score(self) -> dict[str, Any]:
        """Return IoU and iIoU of classes and categories, and their means, as ``--json`` has them.

        A score that does not exist is None: only countable things have an iIoU. DataSetError where
        an annotation cannot be scored.
        """
        from cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling import (
            args,
            evaluateImgLists,
        )

        if not hasattr(np, 'in1d'):  # NumPy 2.4 took it away; cityscapesscripts 2.3 calls it
            np.in1d = np.isin  # type: ignore[attr-defined]
        settings = copy.copy(args)
        settings.quiet, settings.JSONOutput, settings.evalInstLevelScore = True, False, True
        try:
            found = evaluateImgLists(
                [str(path) for path in self._predictions],
                [str(path) for path in self._truths],
                settings,
            )
        except SystemExit:
            raise DataSetError(
                'cityscapesscripts ended for the reason that stands above; restore gtFine'
            ) from None
        return {
            'class_iou': or_none(found['averageScoreClasses']),
            'class_iiou': or_none(found['averageScoreInstClasses']),
            'category_iou': or_none(found['averageScoreCategories']),
            'category_iiou': or_none(found['averageScoreInstCategories']),
            'classes': {
                name: _both(found['classScores'][name], found['classInstScores'][name])
                for name in CITYSCAPES.names
            },
            'categories': {
                name: _both(iou, found['categoryInstScores'][name])
                for name, iou in found['categoryScores'].items()
                if name != 'void'
            },
        }


def _truths(frames: AnnotatedFrames) -> list[Path]:
    masks = [annotation for _, annotation in frames.pairs if isinstance(annotation, MaskFile)]
    assert len(masks) == len(frames), 'Cityscapes keeps its labels in files of images'
    return [mask.path for mask in masks]


def _both(iou: float, iiou: float) -> dict[str, float | None]:
    return {'iou': or_none(iou), 'iiou': or_none(iiou)}
