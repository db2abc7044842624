# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""NVIDIA's own parser and builder judge the model file: no GPU is needed to build an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enet_model.bundled_models import bundled_model

trt = pytest.importorskip('tensorrt_rtx', reason='pip install tensorrt-rtx-cu12 (x86-64 alone)')
onnx = pytest.importorskip('onnx', reason='a graph is made with onnx: pip install onnx')


def parse(model: bytes) -> tuple[Any, Any, list[str]]:
    """Return builder, network and the parser's errors."""
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network()
    parser = trt.OnnxParser(network, logger)
    parser.parse(model)
    return builder, network, [parser.get_error(i).desc() for i in range(parser.num_errors)]


@pytest.mark.parametrize('device', ['tensorrt', 'cpu'])
def test_the_bundled_model_becomes_an_engine(device: str) -> None:
    builder, network, errors = parse(bundled_model(device).read_bytes())
    assert errors == []
    borders = [network.get_input(i) for i in range(network.num_inputs)]
    borders += [network.get_output(i) for i in range(network.num_outputs)]
    assert [(border.name, border.dtype) for border in borders] == [
        (name, trt.uint8) for name in ('image', 'labels', 'confidence')
    ]
    # Compute capability 8.6: Ampere, the nearest to Jetson Orin's 8.7 that this builder knows.
    config = builder.create_builder_config()
    config.num_compute_capabilities = 1
    assert config.set_compute_capability(trt.ComputeCapability.SM86, 0)
    engine = builder.build_serialized_network(network, config)
    assert engine is not None
    assert engine.nbytes > 0


def max_unpool(folder: Path) -> bytes:
    """Return what an exporter makes of torch's own pooling and unpooling."""
    helper, kinds = onnx.helper, onnx.TensorProto
    window = {'kernel_shape': [2, 2], 'strides': [2, 2]}
    graph = helper.make_graph(
        [
            helper.make_node('MaxPool', ['x'], ['pooled', 'indices'], **window),
            helper.make_node('MaxUnpool', ['pooled', 'indices'], ['y'], **window),
        ],
        'unpooling',
        [helper.make_tensor_value_info('x', kinds.FLOAT, [1, 4, 8, 8])],
        [helper.make_tensor_value_info('y', kinds.FLOAT, [1, 4, 8, 8])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def test_what_the_portable_operators_are_for(tmp_path: Path) -> None:
    """The check can fail: TensorRT refuses the usual form of ENet's unpooling."""
    _, _, errors = parse(max_unpool(tmp_path))
    assert errors
    assert any('MaxUnpool' in error or 'MaxPool' in error for error in errors), errors
