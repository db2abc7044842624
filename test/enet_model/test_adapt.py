# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks of others, exported by torch in several ways, in the hands of the node's engine."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from onnx import TensorProto, helper  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.deployment import adapt_parity  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WIDTH, HEIGHT = 64, 48
Export = Callable[..., Path]


class LiteReducedAspp(nn.Module):
    """In the form of LR-ASPP (MobileNetV3): two scales, one gated; scores at half the size."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.low = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.Hardswish())
        self.high = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.Hardswish())
        self.project = nn.Sequential(nn.Conv2d(16, 8, 1), nn.ReLU())
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 8, 1), nn.Sigmoid())
        self.low_scores, self.high_scores = nn.Conv2d(8, classes, 1), nn.Conv2d(8, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        low = self.low(x)
        high = self.high(low)
        gated = self.project(high) * self.gate(high)
        gated = functional.interpolate(gated, size=low.shape[-2:], mode='bilinear')
        scores: Tensor = self.low_scores(low) + self.high_scores(gated)
        return scores * 8  # as sure as a trained network is


class SmallUNet(nn.Module):
    """In the form of U-Net: a skip over a pooled level; scores at full size, a second head."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.top = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.GroupNorm(2, 8), nn.LeakyReLU())
        self.down = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, 1, 1), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.scores, self.edges = nn.Conv2d(16, classes, 1), nn.Conv2d(8, 40, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        top = self.top(x)
        return self.scores(torch.cat([top, self.up(self.down(top))], 1)) * 8, self.edges(top)


class Then(nn.Module):
    """A network and what is done to its scores."""

    def __init__(self, network: nn.Module, last: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.last = network, last

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.network(x))


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Return a function that exports a network: the file's size is fixed unless ``dynamic``."""

    def write(network: nn.Module, dynamo: bool = False, dynamic: bool = False) -> Path:
        path = tmp_path / 'foreign.onnx'
        names: dict[str, Any] = {'input_names': ['x'], 'output_names': ['scores', 'edges']}
        if not isinstance(network, SmallUNet):
            names['output_names'] = ['scores']
        if dynamic and dynamo:
            names['dynamic_shapes'] = ({0: 'n', 2: 'h', 3: 'w'},)
        elif dynamic:
            names['dynamic_axes'] = {'x': {0: 'n', 2: 'h', 3: 'w'}}
        sample = torch.zeros(2 if dynamic else 1, 3, HEIGHT, WIDTH)
        logging.getLogger('torch.onnx').setLevel(logging.ERROR)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter('ignore')
            torch.onnx.export(
                network.eval(), (sample,), path, dynamo=dynamo, opset_version=18, **names
            )
        return path

    return write


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    path = tmp_path / 'yard.yaml'
    path.write_text(
        'classes: [{name: grass, role: traversable}, {name: wall}, {name: sky, role: background}, '
        '{name: dog, color: [1, 2, 3]}]'
    )
    return path


@pytest.fixture
def two_classes(tmp_path: Path) -> Path:
    path = tmp_path / 'two.yaml'
    path.write_text('classes: [{name: other}, {name: floor, role: traversable}]')
    return path


def frame(width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def run_torch(
    network: nn.Module, pixels: NDArray[np.uint8], *, bgr: bool = False
) -> NDArray[np.float32]:
    """Return the scores, C x H x W, at the frame's size."""
    planes = ((pixels / 255 - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)
    with torch.inference_mode():
        scores = network(torch.from_numpy(planes[::-1].copy() if bgr else planes.copy())[None])
        scores = scores[0] if isinstance(scores, tuple) else scores
        scores = functional.interpolate(scores, size=pixels.shape[:2], mode='bilinear')
    result: NDArray[np.float32] = scores[0].numpy()
    return result


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=0))
    result: NDArray[np.float32] = powers / powers.sum(axis=0)
    return result


def assert_sees(segmenter: Segmenter, pixels: NDArray[np.uint8], wanted: NDArray[Any]) -> None:
    """Assert that a model file says what the probabilities, C x H x W, say."""
    seen = segmenter.run(pixels)
    assert len(np.unique(seen.labels)) > 1, 'a network that sees one class proves nothing'
    assert (seen.labels == wanted.argmax(axis=0)).mean() > 0.998  # ties, but for rounding
    np.testing.assert_allclose(seen.confidence, wanted.max(axis=0) * 255, atol=1.0)


def adapt(*arguments: object) -> int:
    return main(['adapt', *map(str, arguments)])


NORMALIZED = ['--mean', *MEAN, '--std', *STD]


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
    export: Export,
    classes: Path,
    tmp_path: Path,
    architecture: type[nn.Module],
    dynamo: bool,
    dynamic: bool,
) -> None:
    torch.manual_seed(1)
    network = architecture()
    foreign, output = export(network, dynamo, dynamic), tmp_path / 'out' / 'mine.onnx'
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


def test_tensorrt_parses_an_adapted_network(export: Export, classes: Path, tmp_path: Path) -> None:
    trt = pytest.importorskip('tensorrt_rtx', reason='needs NVIDIA TensorRT-RTX, x86-64 alone')
    output = tmp_path / 'mine.onnx'
    assert adapt(export(LiteReducedAspp()), output, '--classes', classes) == 0
    logger = trt.Logger(trt.Logger.ERROR)
    network = trt.Builder(logger).create_network()
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(output.read_bytes()), parser.get_error(0).desc()


def test_blue_first_and_values_up_to_255(export: Export, classes: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    network, output = LiteReducedAspp(), tmp_path / 'mine.onnx'
    in_255 = ['--mean', *(255 * m for m in MEAN), '--std', *(255 * s for s in STD), '--range', 255]
    status = adapt(export(network), output, '--classes', classes, *in_255, '--color-order', 'bgr')
    assert status == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), softmax(run_torch(network, frame(), bgr=True)))


def test_labels_are_followed_back_to_the_scores(
    export: Export, classes: Path, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    network, output = LiteReducedAspp(), tmp_path / 'mine.onnx'
    foreign = export(Then(network, lambda scores: scores.argmax(1).int()), dynamo=True)
    assert adapt(foreign, output, '--classes', classes, *NORMALIZED) == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), softmax(run_torch(network, frame())))


def test_probabilities_are_not_made_probabilities_twice(
    export: Export, classes: Path, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    network, output = LiteReducedAspp(), tmp_path / 'mine.onnx'
    with_softmax = Then(network, lambda scores: scores.softmax(1))
    assert adapt(export(with_softmax), output, '--classes', classes, *NORMALIZED) == 0
    assert_sees(Segmenter(output, 'cpu'), frame(), run_torch(with_softmax, frame()))


@pytest.mark.parametrize('sigmoid', [False, True])
def test_one_score_for_two_classes(
    export: Export, two_classes: Path, tmp_path: Path, sigmoid: bool
) -> None:
    torch.manual_seed(1)
    network, output = LiteReducedAspp(classes=1), tmp_path / 'mine.onnx'
    last: Callable[[Tensor], Tensor] = torch.sigmoid if sigmoid else nn.Identity()
    whole = Then(network, last)
    assert adapt(export(whole), output, '--classes', two_classes, *NORMALIZED) == 0
    score = run_torch(whole, frame())[0]
    second = score if sigmoid else 1 / (1 + np.exp(-score))
    assert_sees(Segmenter(output, 'cpu'), frame(), np.stack((1 - second, second)))


def test_a_graph_that_says_something_else_is_not_written(
    export: Export,
    classes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    right = adapt_parity.probabilities_of
    monkeypatch.setattr(adapt_parity, 'probabilities_of', lambda *a, **k: right(*a, **k)[..., ::-1])
    assert adapt(export(SmallUNet()), tmp_path / 'mine.onnx', '--classes', classes) == 1
    assert 'say with --scores' in capsys.readouterr().err
    arguments = ('--classes', classes, '--scores', 'scores')
    assert adapt(export(SmallUNet()), tmp_path / 'mine.onnx', *arguments) == 1
    assert 'labels otherwise' in capsys.readouterr().err
    assert not (tmp_path / 'mine.onnx').exists()


def tiny(tmp_path: Path, *nodes: Any, inputs: Any = None, opset: int = 17, **values: Any) -> Path:
    """Write a graph by hand; ``image``, its shape and type are those of the input."""
    shape, kind = values.get('shape', [1, 3, 8, 8]), values.get('kind', TensorProto.FLOAT)
    inputs = inputs or [helper.make_tensor_value_info('image', kind, shape)]
    outputs = [helper.make_tensor_value_info('out', values.get('gives', TensorProto.FLOAT), None)]
    domains = [helper.make_opsetid('', opset), helper.make_opsetid('com.microsoft', 1)]
    graph = helper.make_graph(nodes, 'tiny', inputs, outputs, values.get('constants', []))
    path = tmp_path / 'tiny.onnx'
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=9), path)
    return path


RELU = helper.make_node('Relu', ['image'], ['out'])


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
    tmp_path: Path,
    classes: Path,
    capsys: pytest.CaptureFixture[str],
    values: dict[str, Any],
    complaint: str,
) -> None:
    assert adapt(tiny(tmp_path, RELU, **values), tmp_path / 'o.onnx', '--classes', classes) == 1
    message = capsys.readouterr().err
    assert complaint in message
    assert message.count('\n') == 1
    assert not (tmp_path / 'o.onnx').exists()


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
    tmp_path: Path,
    classes: Path,
    capsys: pytest.CaptureFixture[str],
    nodes: list[Any],
    complaint: str,
) -> None:
    gives = TensorProto.INT64 if nodes[0].op_type == 'ArgMax' else TensorProto.FLOAT
    path = tiny(tmp_path, *nodes, gives=gives)
    assert adapt(path, tmp_path / 'o.onnx', '--classes', classes) == 1
    message = capsys.readouterr().err
    assert complaint in message
    assert message.count('\n') == 1


def test_other_refusals(tmp_path: Path, classes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refusal(path: Path, *arguments: object) -> str:
        assert adapt(path, tmp_path / 'o.onnx', '--classes', classes, *arguments) == 1
        message: str = capsys.readouterr().err
        assert message.count('\n') == 1
        return message

    two = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8])
        for name in ('left', 'right')
    ]
    add = helper.make_node('Add', ['left', 'right'], ['out'])
    assert 'takes 2 inputs: left, right; wanted one' in refusal(tiny(tmp_path, add, inputs=two))
    assert "has no tensor 'logits'" in refusal(tiny(tmp_path, RELU), '--scores', 'logits')
    assert 'size 16x8 came; leave --size out' in refusal(tiny(tmp_path, RELU), '--size', '16x8')
    broken = tmp_path / 'broken.onnx'
    broken.write_bytes(b'no model')
    assert 'cannot be read' in refusal(broken)
    axes = helper.make_tensor('axes', TensorProto.INT64, [1], [2])
    padded = helper.make_node('Pad', ['image', 'pads', '', 'axes'], ['out'])
    pads = helper.make_tensor('pads', TensorProto.INT64, [2], [1, 1])
    path = tiny(tmp_path, padded, opset=18, constants=[axes, pads])
    three = tmp_path / 'three.yaml'
    three.write_text('classes: [{name: a}, {name: b}, {name: c}]')
    assert 'opset' in refusal(path, '--classes', three)
