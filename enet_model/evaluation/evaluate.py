# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet evaluate``: how right a checkpoint or a model file is on a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.evaluation.metrics import ConfusionMatrix, or_none
from enet_model.predict import segment
from enet_model.resizing import fit, resize_mask
from enet_model.segmenter import Segmenter
from enet_model.spec import ModelSpec

Predictor = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""RGB uint8 H x W x 3 -> class ids uint8 H x W."""

Observer = Callable[[int, NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]], None]
"""Is shown index, frame, labels and prediction of one frame after the other."""


def open_predictor(path: Path, threads: int = 0) -> tuple[Predictor, ModelSpec]:
    """Open an ONNX model file or a checkpoint; return what labels a frame, and its spec.

    A model file takes frames of any size: they are scaled to the network's size, and labels back by
    nearest neighbour. So does a checkpoint, in torch; one whose training did not scale its frames
    sees them at their own size.
    """
    if path.suffix == '.onnx':
        segmenter = Segmenter(path, threads=threads)
        return lambda frame: segment(segmenter, frame).labels, segmenter.spec
    import torch

    from enet_model.datasets.loading import as_input, to_tensors
    from enet_model.training.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(path)

    def predict(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = frame.shape[:2]
        frame = fit(frame, *(checkpoint.size or (width, height)))
        image, _ = to_tensors(frame, frame[..., 0])
        with torch.inference_mode():
            labels = checkpoint.network(as_input(image[None])).argmax(dim=1)[0].byte().numpy()
        return resize_mask(labels, width, height)

    return predict, checkpoint.spec


def evaluate(
    predict: Predictor,
    names: tuple[str, ...],
    frames: AnnotatedFrames,
    observers: Sequence[Observer] = (),
) -> ConfusionMatrix:
    """Count every labelled pixel of a data set.

    DataSetError where the model has other classes, or no pixel is labelled.
    """
    check_classes(names, frames)
    confusion = ConfusionMatrix(len(names))
    for index in tqdm(range(len(frames)), unit='frame', disable=None):
        frame, labels = frames[index]
        predicted = predict(frame)
        confusion.add(labels, predicted)
        for observe in observers:
            observe(index, frame, labels, predicted)
    if not confusion.counts.any():
        raise DataSetError(
            f'{len(frames)} frames of {frames.label_set.name} came, but no labelled pixel; some '
            'benchmarks keep the labels of test to themselves: evaluate on val'
        )
    return confusion


def check_classes(names: tuple[str, ...], frames: AnnotatedFrames) -> None:
    """Raise DataSetError unless a model's classes are those of the data set."""
    if names != frames.label_set.names:
        raise DataSetError(
            f'the model has the classes {", ".join(names)}; {frames.label_set.name} has '
            f'{", ".join(frames.label_set.names)}; evaluate it on the classes it was trained for'
        )


def scores(confusion: ConfusionMatrix, names: tuple[str, ...]) -> dict[str, Any]:
    """Turn a confusion matrix into the tree that ``--json`` writes; void pixels did not count.

    A class that is neither in the data nor predicted has no score: None.
    """
    return {
        'mean_iou': or_none(confusion.mean_iou),
        'class_average': or_none(confusion.class_average),
        'global_accuracy': confusion.global_accuracy,
        'classes': {
            name: {'iou': or_none(iou), 'accuracy': or_none(accuracy)}
            for name, iou, accuracy in zip(names, confusion.iou, confusion.accuracy, strict=True)
        },
        'confusion': confusion.counts.tolist(),
    }


def table(result: dict[str, Any]) -> str:
    """Write the scores as a text table, per cent; those of the benchmark below, if there are."""
    width = max(14, *map(len, result['classes']))
    rows = [f'{"class":<{width}} {"IoU":>6} {"accuracy":>9}']
    for name, row in result['classes'].items():
        rows.append(f'{name:<{width}} {_percent(row["iou"]):>6} {_percent(row["accuracy"]):>9}')
    mean_iou, class_average = _percent(result['mean_iou']), _percent(result['class_average'])
    rows.append(f'{"mean":<{width}} {mean_iou:>6} {class_average:>9}')
    rows.append(f'global accuracy {_percent(result["global_accuracy"])}')
    if 'cityscapes' in result:
        official = result['cityscapes']
        rows.append(f'{"cityscapesscripts":<18} {"IoU":>6} {"iIoU":>6}')
        for kind in ('class', 'category'):
            iou, iiou = official[f'{kind}_iou'], official[f'{kind}_iiou']
            rows.append(f'{kind:<18} {_percent(iou):>6} {_percent(iiou):>6}')
    return '\n'.join(rows)


def _percent(score: float | None) -> str:
    return '-' if score is None else f'{score:.1%}'
