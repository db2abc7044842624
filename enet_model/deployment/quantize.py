# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet quantize``: a model file in lower precision, and what that costs and gives.

Both precisions keep the borders of the contract: uint8 frames in, uint8 labels and confidence out.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from enet_model.datasets.annotated_frames import AnnotatedFrames
from enet_model.deployment.graph import Graph, Writer
from enet_model.errors import UserError
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.resizing import fit, resize_mask
from enet_model.segmenter import Segmenter


class QuantizeError(UserError):
    """A model file that has no form in the precision that is wanted."""


def to_fp16(model: onnx.ModelProto) -> None:
    """Let everything from the image to the logits compute in half precision, in place.

    Labels and confidence are made of single precision, since exp soon ends in half. QuantizeError
    where the model has no logits: that is the form for a CPU, which gains nothing by it.
    """
    graph = Graph(model)
    logits = graph.maker('logits')
    if logits is None:
        raise QuantizeError(
            "the model has no tensor 'logits'; give one of 'enet export --target gpu'"
        )
    behind = _nodes_behind(graph, 'logits')
    halves: dict[str, str] = {}
    for node in graph.nodes():
        if node in behind:
            continue
        for index, name in enumerate(node.input):
            constant = graph.constant(name)
            if constant is not None and constant.dtype == np.float32:
                if name not in halves:
                    halves[name] = graph.new_name(f'{name}_half')
                    half = numpy_helper.from_array(constant.astype(np.float16), halves[name])
                    model.graph.initializer.append(half)
                node.input[index] = halves[name]
    (first,) = graph.users('image')
    pixels, first.output[0] = first.output[0], graph.new_name('image_single')
    _cast_behind(graph, first, pixels, TensorProto.FLOAT16)
    logits.output[0] = graph.new_name('logits_half')
    _cast_behind(graph, logits, 'logits', TensorProto.FLOAT)
    del model.graph.value_info[:]
    graph.prune()


def _nodes_behind(graph: Graph, tensor: str) -> list[onnx.NodeProto]:
    reached, nodes = {tensor}, []
    for node in graph.nodes():
        if reached.intersection(node.input):
            reached.update(node.output)
            nodes.append(node)
    return nodes


def _cast_behind(graph: Graph, node: onnx.NodeProto, output: str, kind: int) -> None:
    write = Writer(graph, 'precision')
    write('Cast', node.output[0], to=kind, output=output)
    graph.replace(node, [node, *write.nodes])


def to_int8(source: Path, path: Path, frames: Iterable[NDArray[np.uint8]]) -> None:
    """Write the convolutions of a model file in int8, QDQ, with ranges seen on frames.

    frames: RGB uint8 of the model's size. Weights have a scale for each output channel. All zero
    points are zero, as TensorRT wants it.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._frames: Iterator[NDArray[np.uint8]] = iter(frames)

        def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
            frame = next(self._frames, None)
            return None if frame is None else {'image': frame[None]}

    quantize_static(
        source,
        path,
        Reader(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=['Conv'],
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        extra_options={'ActivationSymmetric': True, 'WeightSymmetric': True},
    )


@dataclass(frozen=True)
class Comparison:
    """A model file beside the one that it came from, on the same frames."""

    mean_iou_before: float
    mean_iou_after: float
    changed_labels: float
    """Share of all labels."""
    ms_before: float
    """Median of a frame, on this machine."""
    ms_after: float
    device: str
    threads: int

    def as_tree(self) -> dict[str, Any]:
        """Return what ``--json`` writes."""
        return dict(vars(self))


def compare(before: Segmenter, after: Segmenter, frames: AnnotatedFrames) -> Comparison:
    """Run both models in turns on every frame; labels are compared at the model's size."""
    names = frames.label_set.names
    scores = [ConfusionMatrix(len(names)) for _ in range(2)]
    seconds: list[list[float]] = [[], []]
    changed = compared = 0
    for index in range(len(frames)):
        frame, truth = frames[index]
        scaled = fit(frame, before.width, before.height)
        labels = []
        for segmenter, score, times in zip((before, after), scores, seconds, strict=True):
            start = time.perf_counter()
            labels.append(segmenter.run(scaled).labels)
            times.append(time.perf_counter() - start)
            score.add(truth, resize_mask(labels[-1], frame.shape[1], frame.shape[0]))
        changed += int((labels[0] != labels[1]).sum())
        compared += labels[0].size
    iou_before, iou_after = (score.mean_iou for score in scores)
    ms_before, ms_after = (1000.0 * float(np.median(times)) for times in seconds)
    return Comparison(
        iou_before,
        iou_after,
        changed / compared,
        ms_before,
        ms_after,
        after.device,
        after.threads,
    )
