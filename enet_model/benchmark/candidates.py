# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a name and a size to a model file that can be timed; all files keep the same contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import onnx
from onnx import TensorProto
from torch import nn

from enet_model.benchmark.entrants import ENTRANTS, fresh_network
from enet_model.benchmark.report import Size
from enet_model.benchmark.rivals.tracing import trace_rival
from enet_model.deployment.graph import Graph
from enet_model.deployment.targets import Target, build_from_trace
from enet_model.deployment.tracing import trace
from enet_model.errors import UserError
from enet_model.networks.enet import ENet
from enet_model.segmenter import Segmenter
from enet_model.spec import METADATA_KEY
from enet_model.training.checkpoint import load_checkpoint

BASELINE = 'enet_maxunpool'
"""ENet as a plain export gives it: what the shipped form is compared with."""

NAMES = ('enet', BASELINE, *(name for name in ENTRANTS if name != 'enet'))

TARGETS: dict[str, Target] = {
    'cpu': 'cpu',
    'cuda': 'gpu',
    'tensorrt': 'gpu',
    'openvino': 'openvino',
}
"""The form of ENet's graph that each device runs."""


class BenchmarkError(UserError):
    """Something was asked for that cannot be measured."""


@dataclass(frozen=True)
class Candidate:
    """A model file to be timed."""

    model: str
    title: str
    form: str
    precision: str
    path: Path


def file_candidate(path: Path) -> tuple[Candidate, Size]:
    """Take a model file as it is, with the size of its frames; ModelError where it is none."""
    segmenter = Segmenter(path, 'cpu')
    candidate = Candidate(path.name, path.name, 'file', precision_of(path), path)
    return candidate, (segmenter.width, segmenter.height)


def precision_of(path: Path) -> str:
    """Return the precision of a model file's weights: int8, bf16, fp16 or fp32."""
    graph = onnx.load(path, load_external_data=False).graph
    if any(node.op_type in ('QuantizeLinear', 'DequantizeLinear') for node in graph.node):
        return 'int8'
    kinds = {tensor.data_type for tensor in graph.initializer if tensor.dims}
    if TensorProto.BFLOAT16 in kinds:
        return 'bf16'
    return 'fp16' if TensorProto.FLOAT16 in kinds else 'fp32'


class CandidateWriter:
    """Writes networks as model files into a folder.

    ENet has the weights of a checkpoint; the others are built for its classes. CheckpointError
    where the checkpoint cannot be used.
    """

    def __init__(self, checkpoint: Path, folder: Path) -> None:
        loaded = load_checkpoint(checkpoint)
        if not isinstance(loaded.network, ENet):
            raise BenchmarkError(f'{checkpoint}: is no ENet; name a checkpoint of one')
        self._enet = loaded.network
        self._spec = loaded.spec
        self._folder = folder
        # The network is the same for all sizes, the trace of ENet for all forms of a size.
        self._network = lru_cache(maxsize=None)(self._fresh_network)
        self._trace_enet = lru_cache(maxsize=1)(lambda size: trace(self._enet, size))

    @property
    def class_count(self) -> int:
        """How many classes the networks tell apart."""
        return len(self._spec.classes)

    def write_all(self, names: Sequence[str], size: Size, device: str) -> list[Candidate]:
        """Write those of NAMES that a device can run, ENet in the form for the device."""
        runnable = (name for name in names if name != BASELINE or device == 'cpu')
        return [self._write(name, size, device) for name in runnable]

    def _write(self, name: str, size: Size, device: str) -> Candidate:
        form = TARGETS[device] if name == 'enet' else 'plain'
        path = self._folder / f'{name}_{form}_{size[0]}x{size[1]}.onnx'
        if not path.exists():
            model = self._build(name, size, form)
            Graph(model).drop_output('logits')
            onnx.helper.set_model_props(model, {METADATA_KEY: self._spec.to_json()})
            onnx.save(model, path)
        title = ENTRANTS[name.removesuffix('_maxunpool')].title
        return Candidate(name, title, form, 'fp32', path)

    def _build(self, name: str, size: Size, form: Target) -> onnx.ModelProto:
        if name in ('enet', BASELINE):
            traced = self._trace_enet(size)
        elif name == 'segnet':
            traced = trace(self._network(name), size)
        else:
            traced = trace_rival(self._network(name), size)
        return build_from_trace(traced, self._spec.normalization, form)

    def _fresh_network(self, name: str) -> nn.Module:
        return fresh_network(ENTRANTS[name], self.class_count)
