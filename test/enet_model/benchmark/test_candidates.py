# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import re
from pathlib import Path

import pytest

pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from enet_model.benchmark.candidates import (
    BASELINE,
    NAMES,
    CandidateWriter,
    file_candidate,
    precision_of,
)
from enet_model.benchmark.run import BenchmarkError, Plan
from enet_model.segmenter import ModelError, Segmenter

PLAN = Plan(Path('a.ckpt'), NAMES, (), ((640, 360),), (1,), ('cpu',), budget=1.0, fewest=3)


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        ({'models': ('enet', 'unet')}, "no network 'unet'; known are enet, enet_maxunpool, segnet"),
        ({'sizes': ((480, 270),)}, 'size 480x270 came; .* take 480x272'),
        ({'sizes': ((16, 360),)}, 'size 16x360 came; .* take 32x360'),
        ({'fewest': 1}, '1 turns came; wanted 2 or more'),
    ],
)
def test_a_plan_that_cannot_be_measured(changes: dict[str, object], text: str) -> None:
    PLAN.check()
    with pytest.raises(BenchmarkError, match=text):
        Plan(**(vars(PLAN) | changes)).check()


@pytest.fixture(scope='module')
def writer(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CandidateWriter:
    return CandidateWriter(run_folder / 'last.ckpt', tmp_path_factory.mktemp('candidates'))


def test_every_network_becomes_a_model_file(writer: CandidateWriter) -> None:
    names = ('enet', BASELINE, 'segnet', 'fast_scnn')
    candidates = writer.write_all(names, (64, 40), 'cpu')
    assert [candidate.model for candidate in candidates] == list(names)
    assert [candidate.form for candidate in candidates] == ['cpu', 'plain', 'plain', 'plain']
    frame = np.random.default_rng(0).integers(0, 256, (40, 64, 3), np.uint8)
    for candidate in candidates:
        seen = Segmenter(candidate.path, 'cpu').run(frame)
        assert seen.labels.max() < writer.class_count
    plain = {node.op_type for node in onnx.load(candidates[1].path).graph.node}
    assert 'MaxUnpool' in plain
    shipped = {node.op_type for node in onnx.load(candidates[0].path).graph.node}
    assert 'MaxUnpool' not in shipped


def test_the_baseline_is_for_the_cpu_alone(writer: CandidateWriter) -> None:
    (candidate,) = writer.write_all(('enet', BASELINE), (64, 40), 'tensorrt')
    assert (candidate.model, candidate.form) == ('enet', 'gpu')


def test_a_file_is_taken_at_its_own_size(color_model: Path) -> None:
    candidate, size = file_candidate(color_model)
    assert (candidate.model, candidate.form, candidate.precision) == ('color.onnx', 'file', 'fp32')
    assert size == (32, 24)


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / 'missing.onnx'
    with pytest.raises(ModelError, match=re.escape(str(path))):
        file_candidate(path)


@pytest.mark.parametrize(
    ('kind', 'operator', 'precision'),
    [
        (TensorProto.FLOAT, 'Add', 'fp32'),
        (TensorProto.FLOAT16, 'Add', 'fp16'),
        (TensorProto.BFLOAT16, 'Add', 'bf16'),
        (TensorProto.FLOAT, 'QuantizeLinear', 'int8'),
    ],
)
def test_precision(kind: int, operator: str, precision: str, tmp_path: Path) -> None:
    node = helper.make_node(operator, ['x', 'w'], ['y'])
    weights = helper.make_tensor('w', kind, [2], [1.0, 2.0])
    scalar = numpy_helper.from_array(np.float32(1), 'scalar')  # says nothing of the weights
    border = [helper.make_tensor_value_info(name, kind, [2]) for name in 'xy']
    graph = helper.make_graph([node], 'g', border[:1], border[1:], [weights, scalar])
    path = tmp_path / 'model.onnx'
    onnx.save(helper.make_model(graph), path)
    assert precision_of(path) == precision
