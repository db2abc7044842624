# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks of others, exported by torch in several ways, in the hands of the node's engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from foreign_networks import (  # noqa: E402
    HEIGHT,
    MEAN,
    STD,
    WIDTH,
    LiteReducedAspp,
    SmallUNet,
    Then,
    export,
    run_torch,
    softmax,
)
from torch import Tensor, nn  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402

NORMALIZED = ['--mean', *MEAN, '--std', *STD]


@pytest.fixture(autouse=True)
def same_weights() -> None:
    torch.manual_seed(1)


def frame(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def assert_sees(segmenter: Segmenter, pixels: NDArray[np.uint8], wanted: NDArray[Any]) -> None:
    """Assert that a model file says what the probabilities, C x H x W, say."""
    seen = segmenter.run(pixels)
    assert len(np.unique(seen.labels)) > 1, 'a network that sees one class proves nothing'
    assert (seen.labels == wanted.argmax(axis=0)).mean() > 0.998  # ties, but for rounding
    np.testing.assert_allclose(seen.confidence, wanted.max(axis=0) * 255, atol=1.0)


def adapt(*arguments: object) -> int:
    return main(['adapt', *map(str, arguments)])


@pytest.mark.parametrize(
    ('architecture', 'dynamo', 'dynamic'),
    [
        (LiteReducedAspp, False, False),
        (LiteReducedAspp, True, True),
        (SmallUNet, False, True),
        (SmallUNet, True, False),
    ],
)
def test_two_architectures_from_both_exporters(
    foreign: Path,
    classes: Path,
    output: Path,
    architecture: type[nn.Module],
    dynamo: bool,
    dynamic: bool,
) -> None:
    network = architecture()
    export(network, foreign, dynamo, dynamic)
    size = (96, 32) if dynamic else (WIDTH, HEIGHT)
    arguments = ['--size', '96x32'] if dynamic else []
    if architecture is SmallUNet:
        arguments += ['--scores', 'scores']

    status = adapt(foreign, output, '--classes', classes, *NORMALIZED, *arguments)
    assert status == 0

    segmenter = Segmenter(output, 'cpu')
    assert (segmenter.width, segmenter.height) == size
    assert segmenter.spec.names == ('grass', 'wall', 'sky', 'dog')
    assert segmenter.spec.data_set == 'yard'
    assert segmenter.spec.normalization.mean == MEAN
    pixels = frame(*size)
    assert_sees(segmenter, pixels, softmax(run_torch(network, pixels)))
    assert_keeps_the_contract(output, size)


def assert_keeps_the_contract(path: Path, size: tuple[int, int]) -> None:
    model = onnx.load(path, load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [('', 17)]
    assert model.ir_version <= 9
    shapes = {
        value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    width, height = size
    mask = [1, height, width]
    assert shapes == {'image': [*mask, 3], 'labels': mask, 'confidence': mask}
    # TensorRT takes uint8 at the borders alone.
    readers = [node.op_type for node in model.graph.node if 'image' in node.input]
    makers = [
        node.op_type
        for node in model.graph.node
        if {'labels', 'confidence'}.intersection(node.output)
    ]
    assert (readers, makers) == (['Cast'], ['Cast', 'Cast'])
    assert not any('edges' in tensor.name for tensor in model.graph.initializer)


def test_tensorrt_parses_an_adapted_network(foreign: Path, classes: Path, output: Path) -> None:
    trt = pytest.importorskip('tensorrt_rtx', reason='needs NVIDIA TensorRT-RTX, x86-64 alone')
    assert adapt(export(LiteReducedAspp(), foreign), output, '--classes', classes) == 0
    logger = trt.Logger(trt.Logger.ERROR)
    network = trt.Builder(logger).create_network()
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(output.read_bytes()), parser.get_error(0).desc()


def test_blue_first_and_values_up_to_255(foreign: Path, classes: Path, output: Path) -> None:
    network = LiteReducedAspp()
    in_255 = ['--mean', *(255 * m for m in MEAN), '--std', *(255 * s for s in STD), '--range', 255]
    arguments = ['--classes', classes, *in_255, '--color-order', 'bgr']
    assert adapt(export(network, foreign), output, *arguments) == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), softmax(run_torch(network, frame(), bgr=True)))


def test_labels_are_followed_back_to_the_scores(foreign: Path, classes: Path, output: Path) -> None:
    network = LiteReducedAspp()
    export(Then(network, lambda scores: scores.argmax(1).int()), foreign, dynamo=True)
    assert adapt(foreign, output, '--classes', classes, *NORMALIZED) == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), softmax(run_torch(network, frame())))


@pytest.mark.parametrize('opset', [11, 17])  # the older has a transposition at either side of it
def test_probabilities_are_not_made_probabilities_twice(
    foreign: Path, classes: Path, output: Path, opset: int
) -> None:
    network = LiteReducedAspp()
    with_softmax = Then(network, lambda scores: scores.softmax(1))
    export(with_softmax, foreign, opset=opset)
    assert adapt(foreign, output, '--classes', classes, *NORMALIZED) == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), run_torch(with_softmax, frame()))


@pytest.mark.parametrize('sigmoid', [False, True])
def test_one_score_for_two_classes(
    foreign: Path, tmp_path: Path, output: Path, sigmoid: bool
) -> None:
    two_classes = tmp_path / 'two.yaml'
    two_classes.write_text('classes: [{name: other}, {name: floor, role: traversable}]')
    network = LiteReducedAspp(classes=1)
    last: Callable[[Tensor], Tensor] = torch.sigmoid if sigmoid else nn.Identity()
    whole = Then(network, last)
    assert adapt(export(whole, foreign), output, '--classes', two_classes, *NORMALIZED) == 0
    score = run_torch(whole, frame())[0]
    second = score if sigmoid else 1 / (1 + np.exp(-score))
    assert_sees(Segmenter(output, 'cpu'), frame(), np.stack((1 - second, second)))
