# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet export``: a network -> a model file, checked against torch before it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto
from torch import nn
from torch.nn import functional

from enet_model.deployment.graph import Graph
from enet_model.deployment.opset import IR_VERSION, OPSET
from enet_model.deployment.targets import REWRITES, Target, build
from enet_model.errors import UserError
from enet_model.spec import METADATA_KEY, ModelSpec, Normalization

# How far a graph may be from torch. Where two pixels of a pooling window are equal but for
# rounding, another one may win, which moves a value by a pixel and changes the logits around it for
# good. So the error that counts is that of all but one logit in a hundred. Drawn pictures are full
# of such windows, and some labels may change; a graph that is wrong changes far more.
LARGEST_LOGIT_ERROR = 1e-4
LARGEST_LABEL_CHANGE = 5e-3


class ExportError(UserError):
    """The graph does not compute what the network computes, or cannot be written."""


@dataclass(frozen=True)
class Parity:
    """How a graph compares with the network it came from."""

    logit_error: float
    """Difference of logits on a noise image, exceeded by one in a hundred."""
    changed_labels: int
    """Labels that differ on the frames."""
    compared_labels: int


def export(
    network: nn.Module,
    spec: ModelSpec,
    path: Path,
    size: tuple[int, int],
    frames: Iterable[NDArray[np.uint8]] = (),
    target: Target = 'cpu',
) -> Parity:
    """Write ``network`` as a model file for frames of width and height ``size``.

    frames: RGB uint8 of that size, on which the labels are compared with torch's.
    Raises ExportError, and writes nothing, where the graph is not the network's function.
    """
    width, height = size
    check_size(size)
    check_unpooling(target)
    model = build(network, spec.normalization, size, target)
    onnx.checker.check_model(model, full_check=True)
    channels = Graph(model).shape('logits')[1]
    if channels != len(spec.classes):
        raise ExportError(
            f'the network tells {channels} classes apart, the specification names '
            f'{len(spec.classes)}; give the classes that it was trained for'
        )
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    parity = compare(network, spec.normalization, model, noise, frames)
    Graph(model).drop_output('logits')
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    model.producer_name = 'enet_ros'
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return parity


def check_size(size: tuple[int, int]) -> None:
    """Raise ExportError for a width and height that the networks cannot take."""
    width, height = size
    if width % 8 or height % 8 or min(size) < 8:
        raise ExportError(f'size {width}x{height} came; width and height have to divide by 8')


def compare(
    network: nn.Module,
    normalization: Normalization,
    model: onnx.ModelProto,
    noise: NDArray[np.uint8],
    frames: Iterable[NDArray[np.uint8]],
) -> Parity:
    """Compare logits on noise and labels on frames; ExportError where they are too far apart."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    expected = logits_of(network, normalization, noise)
    (logits,) = session.run(('logits',), {'image': noise[None]})
    error = float(np.quantile(np.abs(logits[0] - expected), 0.99))
    changed = compared = 0
    for frame in frames:
        labels = logits_of(network, normalization, frame).argmax(axis=0)
        changed += int((session.run(('labels',), {'image': frame[None]})[0][0] != labels).sum())
        compared += labels.size
    if error > LARGEST_LOGIT_ERROR:
        raise ExportError(
            f'the graph differs from torch by {error:.2g} in the logits of a noise image; '
            f'wanted at most {LARGEST_LOGIT_ERROR:g}; report this with the checkpoint'
        )
    if changed > compared * LARGEST_LABEL_CHANGE:
        raise ExportError(
            f'the graph gives {changed} of {compared} labels otherwise than torch; wanted at most '
            f'{LARGEST_LABEL_CHANGE:.2%}; report this with the checkpoint'
        )
    return Parity(error, changed, compared)


def logits_of(
    network: nn.Module, normalization: Normalization, frame: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Return what torch makes of an RGB frame, uint8 H x W x 3: float32 classes x H x W."""
    mean, std = (torch.tensor(three) for three in (normalization.mean, normalization.std))
    pixels = (torch.from_numpy(frame) / 255.0 - mean) / std
    with torch.inference_mode():
        return network(pixels.permute(2, 0, 1)[None])[0].numpy()


def check_unpooling(target: Target) -> None:
    """Check a target's pooling and unpooling against torch, bit for bit, on a tensor of ties."""
    ties = np.random.default_rng(0).integers(0, 3, (1, 8, 44, 60)).astype(np.float32)
    window = {'kernel_shape': [2, 2], 'strides': [2, 2]}
    floats = onnx.helper.make_tensor_value_info
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            [
                onnx.helper.make_node('MaxPool', ['x'], ['pooled', 'winners'], **window),
                onnx.helper.make_node('MaxUnpool', ['pooled', 'winners'], ['y'], **window),
            ],
            'ties',
            [floats('x', TensorProto.FLOAT, ties.shape)],
            [floats('y', TensorProto.FLOAT, ties.shape)],
        ),
        opset_imports=[onnx.helper.make_opsetid('', OPSET)],
        ir_version=IR_VERSION,
    )
    for rewrite in REWRITES[target]:
        rewrite(model)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    (unpooled,) = session.run(None, {'x': ties})
    pooled, indices = functional.max_pool2d(torch.from_numpy(ties), 2, return_indices=True)
    if not np.array_equal(unpooled, functional.max_unpool2d(pooled, indices, [2, 2]).numpy()):
        raise ExportError('unpooling differs from torch; report this with the version of torch')
