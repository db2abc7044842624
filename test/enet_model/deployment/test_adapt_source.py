# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What `enet adapt` refuses, with a reason in one line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from foreign_networks import SmallUNet, export, write_graph  # noqa: E402
from onnx import TensorProto, helper  # noqa: E402

from enet_model.cli import main  # noqa: E402

RELU = helper.make_node('Relu', ['image'], ['out'])


@pytest.fixture
def refusal(classes: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return what `enet adapt` says against a file: one line, and nothing is written."""

    def refuse(path: Path, *arguments: object) -> str:
        words = ['adapt', path, output, '--classes', classes, *arguments]
        assert main(list(map(str, words))) == 1
        message: str = capsys.readouterr().err
        assert message.count('\n') == 1
        assert not output.exists()
        return message

    return refuse


@pytest.mark.parametrize(
    ('values', 'complaint'),
    [
        ({'shape': [1, 3, 'h', 'w']}, '[1, 3, ?, ?], of any size; choose one with --size'),
        ({}, 'tells 3 classes apart, 4 are named'),
        ({'shape': [1, 8, 8, 3]}, 'is float [1, 8, 8, 3]; wanted float [1, 3, H, W]'),
        ({'shape': [4, 3, 8, 8]}, 'is float [4, 3, 8, 8]; wanted float [1, 3, H, W]'),
        ({'kind': TensorProto.FLOAT16, 'gives': TensorProto.FLOAT16}, 'is float16 [1, 3, 8, 8]'),
        ({'shape': [3, 8]}, 'is float [3, 8]; wanted float [1, 3, H, W]'),
    ],
)
def test_input_or_classes_that_do_not_fit(
    foreign: Path, refusal: Any, values: dict[str, Any], complaint: str
) -> None:
    assert complaint in refusal(write_graph(foreign, RELU, **values))


@pytest.mark.parametrize(
    ('nodes', 'complaint'),
    [
        (
            [
                helper.make_node('MaxPool', ['image'], ['y', 'i'], kernel_shape=[2, 2]),
                helper.make_node('MaxUnpool', ['y', 'i'], ['out'], kernel_shape=[2, 2]),
            ],
            'MaxPool with indices came, which TensorRT does not know',
        ),
        (
            [helper.make_node('Gelu', ['image'], ['out'], domain='com.microsoft')],
            'the operator com.microsoft.Gelu came',
        ),
        (
            [helper.make_node('ReduceMax', ['image'], ['out'], axes=[1], keepdims=0)],
            'out is float32 [1, 8, 8]; wanted the scores, float32 [1, C, h, w]',
        ),
        ([helper.make_node('ArgMax', ['image'], ['out'], axis=3)], 'out is int64 [1, 3, 8, 1]'),
        ([helper.make_node('Concat', ['image', 'image'], ['out'], axis=7)], 'ONNX Runtime cannot'),
    ],
)
def test_graphs_that_cannot_be_adapted(
    foreign: Path, refusal: Any, nodes: list[Any], complaint: str
) -> None:
    gives = TensorProto.INT64 if nodes[0].op_type == 'ArgMax' else TensorProto.FLOAT
    assert complaint in refusal(write_graph(foreign, *nodes, gives=gives))


def test_many_inputs(foreign: Path, refusal: Any) -> None:
    two = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8])
        for name in ('left', 'right')
    ]
    add = helper.make_node('Add', ['left', 'right'], ['out'])
    message = refusal(write_graph(foreign, add, inputs=two))
    assert 'takes 2 inputs: left, right; wanted one' in message


def test_many_outputs(foreign: Path, refusal: Any) -> None:
    assert 'gives scores, edges; say with --scores' in refusal(export(SmallUNet(), foreign))


def test_a_tensor_or_size_that_the_file_does_not_have(foreign: Path, refusal: Any) -> None:
    write_graph(foreign, RELU)
    assert "has no tensor 'logits'" in refusal(foreign, '--scores', 'logits')
    assert 'size 16x8 came; leave --size out' in refusal(foreign, '--size', '16x8')


def test_what_is_no_model(foreign: Path, refusal: Any) -> None:
    foreign.write_bytes(b'no model')
    assert 'cannot be read' in refusal(foreign)


def test_what_opset_17_cannot_say(foreign: Path, tmp_path: Path, refusal: Any) -> None:
    axes = helper.make_tensor('axes', TensorProto.INT64, [1], [2])
    pads = helper.make_tensor('pads', TensorProto.INT64, [2], [1, 1])
    padded = helper.make_node('Pad', ['image', 'pads', '', 'axes'], ['out'])
    write_graph(foreign, padded, opset=18, constants=[axes, pads])
    three = tmp_path / 'three.yaml'
    three.write_text('classes: [{name: a}, {name: b}, {name: c}]')
    assert 'export it with opset_version=17' in refusal(foreign, '--classes', three)


def test_shapes_that_a_file_tells_wrongly_are_not_believed(
    foreign: Path, tmp_path: Path, output: Path
) -> None:
    three = tmp_path / 'three.yaml'
    three.write_text('classes: [{name: a}, {name: b}, {name: c}]')
    nodes = [helper.make_node('Relu', ['image'], ['r']), helper.make_node('Neg', ['r'], ['out'])]
    wrong = helper.make_tensor_value_info('r', TensorProto.FLOAT, [1, 3, 99, 99])
    write_graph(foreign, *nodes, between=[wrong])
    assert main(['adapt', str(foreign), str(output), '--classes', str(three)]) == 0
