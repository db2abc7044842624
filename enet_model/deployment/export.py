# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet export``: a network -> a model file, checked against torch before it is written."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from enet_model.deployment import rewrites
from enet_model.errors import UserError
from enet_model.networks.unpooling import max_pool, max_unpool
from enet_model.spec import METADATA_KEY, ModelSpec, Normalization

# How far a graph may be from torch. Where two pixels of a pooling window are equal but for
# rounding, another one may win, which moves a value by a pixel and changes the logits around it for
# good. So the error that counts is that of all but one logit in a thousand, and a few labels may
# change.
LARGEST_LOGIT_ERROR = 1e-4
LARGEST_LABEL_CHANGE = 1e-4


class ExportError(UserError):
    """The graph does not compute what the network computes, or cannot be written."""


@dataclass(frozen=True)
class Parity:
    """How a graph compares with the network it came from."""

    logit_error: float
    """Difference of logits on a noise image, exceeded by one in a thousand."""
    changed_labels: int
    """Labels that differ on the frames."""
    compared_labels: int


class DeployedNetwork(nn.Module):
    """The network between the borders of the model contract.

    uint8 RGB frames N x H x W x 3 -> labels and confidence, uint8 N x H x W, and logits. TensorRT
    takes uint8 at the borders alone: the cast is the first operator on the way in and the last on
    the way out.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, normalization: Normalization) -> None:
        super().__init__()
        self.network = network
        self.register_buffer('mean', torch.tensor(normalization.mean).view(1, 3, 1, 1) * 255.0)
        self.register_buffer('std', torch.tensor(normalization.std).view(1, 3, 1, 1) * 255.0)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        logits = self.network((image.float().permute(0, 3, 1, 2) - self.mean) / self.std)
        best = logits.amax(dim=1, keepdim=True)
        # The largest of the softmax is 1 / sum(exp(logit - best)).
        confidence = 255.0 / (logits - best).exp().sum(dim=1) + 0.5
        return logits.argmax(dim=1).byte(), confidence.byte(), logits


def export(
    network: nn.Module,
    spec: ModelSpec,
    path: Path,
    size: tuple[int, int],
    frames: Iterable[NDArray[np.uint8]] = (),
) -> Parity:
    """Write ``network`` as a model file for frames of width and height ``size``.

    frames: RGB uint8 of that size, on which the labels are compared with torch's.
    Raises ExportError, and writes nothing, where the graph is not the network's function.
    """
    width, height = size
    if width % 8 or height % 8 or min(size) < 8:
        raise ExportError(f'size {width}x{height} came; width and height have to divide by 8')
    check_unpooling()
    deployed = DeployedNetwork(network, spec.normalization).eval()
    noise = np.random.default_rng(0).integers(0, 256, (1, height, width, 3), np.uint8)
    model = _trace(deployed, torch.from_numpy(noise))
    rewrites.lower_to_opset_17(model)
    rewrites.drop_provenance(model)
    onnx.checker.check_model(model, full_check=True)
    channels = model.graph.output[2].type.tensor_type.shape.dim[1].dim_value
    if channels != len(spec.classes):
        raise ExportError(
            f'the network tells {channels} classes apart, the specification names '
            f'{len(spec.classes)}; give the classes that it was trained for'
        )
    parity = compare(deployed, model, noise, frames)
    rewrites.drop_output(model, 'logits')
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    model.producer_name = 'enet_ros'
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return parity


def compare(
    deployed: nn.Module,
    model: onnx.ModelProto,
    noise: NDArray[np.uint8],
    frames: Iterable[NDArray[np.uint8]],
) -> Parity:
    """Compare logits on noise and labels on frames; ExportError where they are too far apart."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    with torch.inference_mode():
        expected = deployed(torch.from_numpy(noise))[2].numpy()
        logits = session.run(('logits',), {'image': noise})[0]
        error = float(np.quantile(np.abs(logits - expected), 0.999))
        changed = compared = 0
        for frame in frames:
            labels = deployed(torch.from_numpy(frame[None]))[0].numpy()
            changed += int((session.run(('labels',), {'image': frame[None]})[0] != labels).sum())
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


def check_unpooling() -> None:
    """Check pooling and unpooling against torch's own, bit for bit, on a tensor full of ties."""
    ties = torch.from_numpy(np.random.default_rng(0).integers(0, 3, (1, 4, 45, 60))).float()
    pooled, winners = max_pool(ties)
    expected, indices = functional.max_pool2d(ties, 2, return_indices=True)
    unpooled = max_unpool(pooled, winners, (45, 60))
    if not torch.equal(pooled, expected) or not torch.equal(
        unpooled, functional.max_unpool2d(expected, indices, [2, 2], output_size=[45, 60])
    ):
        raise ExportError('portable unpooling differs from torch; report this with its version')


def _trace(deployed: nn.Module, image: Tensor) -> onnx.ModelProto:
    # The exporter talks of its progress and of packages that nobody asked for.
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            deployed,
            (image,),
            dynamo=True,
            opset_version=18,
            input_names=['image'],
            output_names=['labels', 'confidence', 'logits'],
            verbose=False,
        )
    assert program is not None
    return program.model_proto
