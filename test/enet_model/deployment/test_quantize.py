# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('torch', reason="the data sets need torch: pip install 'enet_model[train]'")

from graphs import Nodes, graph_of, kinds  # noqa: E402

from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.deployment.borders import add_input, add_outputs  # noqa: E402
from enet_model.deployment.graph import Graph  # noqa: E402
from enet_model.deployment.quantize import QuantizeError, compare, to_fp16, to_int8  # noqa: E402
from enet_model.label_sets import CAMVID  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402
from enet_model.spec import METADATA_KEY, ModelSpec, Normalization  # noqa: E402

RNG = np.random.default_rng(15)
NODES: Nodes = (
    ('Conv', ['x', 'w'], ['c'], {'pads': [1, 1, 1, 1]}),
    ('Relu', ['c'], ['r'], {}),
    ('Conv', ['r', 'v'], ['logits'], {}),
)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """Return a small model file for frames of 64 x 48 pixels."""
    weights = {'w': RNG.normal(size=(16, 3, 3, 3)), 'v': RNG.normal(size=(11, 16, 1, 1))}
    model = graph_of(NODES, (1, 3, 48, 64), weights, output='logits')
    model.graph.input[0].name = model.graph.node[0].input[0] = 'pixels'
    add_input(model, Normalization())
    add_outputs(model)
    del model.graph.output[2]
    spec = ModelSpec(CAMVID.classes, data_set='camvid')
    onnx.helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    path = tmp_path / 'single.onnx'
    onnx.save(model, path)
    return path


def noise() -> np.ndarray:
    return RNG.integers(0, 256, (48, 64, 3), np.uint8)


def changed(one: Path, other: Path) -> float:
    """Return the share of labels that differ on a noise image; there are several classes."""
    frame = noise()
    before, after = (Segmenter(path, 'cpu', 1).run(frame).labels for path in (one, other))
    assert len(np.unique(before)) > 5
    return float((before != after).mean())


def kinds_of_constants(model: Any) -> list[int]:
    return [constant.data_type for constant in model.graph.initializer if len(constant.dims) == 4]


def test_half_precision_up_to_the_logits(model_file: Path, tmp_path: Path) -> None:
    model = onnx.load(model_file)
    to_fp16(model)
    onnx.checker.check_model(model, full_check=True)
    path = tmp_path / 'half.onnx'
    onnx.save(model, path)
    assert 0.0 < changed(model_file, path) < 0.01
    graph = Graph(model)
    (first,) = graph.users('image')
    assert (first.op_type, first.attribute[0].i) == ('Cast', onnx.TensorProto.FLOAT)
    assert set(kinds_of_constants(model)) == {onnx.TensorProto.FLOAT16}
    types = {
        value.name: value.type.tensor_type.elem_type
        for value in onnx.shape_inference.infer_shapes(model).graph.value_info
    }
    assert types['r'] == onnx.TensorProto.FLOAT16
    assert types['logits'] == onnx.TensorProto.FLOAT


def test_a_model_without_logits(model_file: Path) -> None:
    model = onnx.load(model_file)
    for node in model.graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                names[index] = name.replace('logits', 'scores')
    with pytest.raises(QuantizeError, match="no tensor 'logits'; give one of 'enet export"):
        to_fp16(model)


def test_eight_bits(model_file: Path, tmp_path: Path) -> None:
    path = tmp_path / 'int8.onnx'
    to_int8(model_file, path, [noise() for _ in range(3)])
    model = onnx.load(path)
    assert kinds(model).count('DequantizeLinear') >= 4
    assert {entry.domain: entry.version for entry in model.opset_import}[''] == 17
    assert kinds_of_constants(model).count(onnx.TensorProto.INT8) == 2
    assert 0.0 < changed(model_file, path) < 0.2
    assert Segmenter(path, 'cpu').spec == Segmenter(model_file, 'cpu').spec


def test_what_is_compared(model_file: Path, drawn_camvid: Path) -> None:
    frames = camvid(drawn_camvid, 'val')
    segmenter = Segmenter(model_file, 'cpu', 1)
    same = compare(segmenter, segmenter, frames)
    assert same.changed_labels == 0.0
    assert same.mean_iou_before == same.mean_iou_after
    assert 0.0 <= same.mean_iou_before < 1.0
    assert min(same.ms_before, same.ms_after) > 0.0
    assert (same.device, same.threads) == ('cpu', 1)
    assert set(same.as_tree()) == {
        *('mean_iou_before', 'mean_iou_after', 'changed_labels', 'ms_before', 'ms_after'),
        *('device', 'threads'),
    }
