# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

onnx = pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import Tensor, nn  # noqa: E402

from enet_model.bundled_models import bundled_model  # noqa: E402
from enet_model.deployment import export as module  # noqa: E402
from enet_model.deployment import targets  # noqa: E402
from enet_model.deployment.export import ExportError, export, logits_of  # noqa: E402
from enet_model.deployment.graph import Graph, Writer  # noqa: E402
from enet_model.deployment.rewrites_pooling import pool_by_slices  # noqa: E402
from enet_model.label_sets import CAMVID  # noqa: E402
from enet_model.networks.unpooling import max_pool, max_unpool  # noqa: E402
from enet_model.segmenter import Segmenter  # noqa: E402
from enet_model.spec import METADATA_KEY, ModelSpec, Normalization  # noqa: E402
from enet_model.training.checkpoint import load_checkpoint  # noqa: E402

# Operators that all four execution providers run on their own device, floats assumed. From the
# tables of ONNX Runtime (docs/OperatorKernels.md: CPU and CUDA), of TensorRT's parser
# (onnx-tensorrt, docs/operators.md, TensorRT 10.0) and of OpenVINO (Supported Operations, ONNX).
# Left out on purpose: MaxUnpool (not in TensorRT, and a kernel of the CPU alone elsewhere), NonZero
# and ScatterND (results of unknown size, or serial on a GPU), Resize, TopK, Loop, If.
PORTABLE = {
    *('Add', 'ArgMax', 'BatchNormalization', 'Cast', 'Clip', 'Concat', 'Constant'),
    *('ConstantOfShape', 'Conv', 'ConvTranspose', 'DepthToSpace', 'Div', 'Exp', 'Gather'),
    *('Greater', 'GreaterOrEqual', 'Identity', 'MatMul', 'Max', 'MaxPool', 'Min', 'Mul', 'Not'),
    *('PRelu', 'Pad'),
    'Reciprocal',
    *('ReduceMax', 'ReduceSum', 'Relu', 'Reshape', 'Slice', 'Softmax', 'SpaceToDepth', 'Split'),
    *('Squeeze', 'Sub', 'Transpose', 'Unsqueeze', 'Where'),
}
SIZES = {'bundled': (480, 360), 'bundled for a GPU': (480, 360), 'exported': (64, 48)}
RNG = np.random.default_rng(9)


@pytest.fixture(params=SIZES)
def model_file(request: pytest.FixtureRequest) -> tuple[Path, tuple[int, int]]:
    """Return a bundled model or one fresh from the exporter, with its width and height."""
    name: str = request.param
    if name == 'exported':
        return request.getfixturevalue('exported_model'), SIZES[name]
    return bundled_model('cpu' if name == 'bundled' else 'cuda'), SIZES[name]


def border(value: Any) -> tuple[str, int, list[int]]:
    kind = value.type.tensor_type
    return value.name, kind.elem_type, [dimension.dim_value for dimension in kind.shape.dim]


def test_a_model_file_keeps_the_contract(model_file: tuple[Path, tuple[int, int]]) -> None:
    path, (width, height) = model_file
    model = onnx.load(path, load_external_data=False)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [('', 17)]
    assert model.ir_version <= 9
    uint8 = onnx.TensorProto.UINT8
    assert list(map(border, model.graph.input)) == [('image', uint8, [1, height, width, 3])]
    assert list(map(border, model.graph.output)) == [
        ('labels', uint8, [1, height, width]),
        ('confidence', uint8, [1, height, width]),
    ]
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert not list(path.parent.glob('*.onnx.data'))
    spec = json.loads({entry.key: entry.value for entry in model.metadata_props}[METADATA_KEY])
    assert spec['format'] == 1
    assert [label_class['name'] for label_class in spec['classes']] == list(CAMVID.names)


def test_every_provider_has_every_operator(model_file: tuple[Path, tuple[int, int]]) -> None:
    graph = onnx.load(model_file[0]).graph
    assert {node.domain for node in graph.node} <= {'', 'ai.onnx'}
    assert {node.op_type for node in graph.node} - PORTABLE == set()
    assert all(len(node.output) == 1 for node in graph.node), 'MaxPool with indices, and its like'


def test_uint8_is_at_the_borders_alone(model_file: tuple[Path, tuple[int, int]]) -> None:
    """TensorRT takes nothing else: a Cast to float first, a Cast to uint8 last."""
    graph = onnx.load(model_file[0]).graph
    casts = {node.output[0]: node.attribute[0].i for node in graph.node if node.op_type == 'Cast'}
    makers = {name: node for node in graph.node for name in node.output}
    (first,) = [node for node in graph.node if 'image' in node.input]
    assert (first.op_type, casts[first.output[0]]) == ('Cast', onnx.TensorProto.FLOAT)
    for output in graph.output:
        assert makers[output.name].op_type == 'Cast'
        assert casts[output.name] == onnx.TensorProto.UINT8
        assert not any(output.name in node.input for node in graph.node)
    inner = {name: kind for name, kind in casts.items() if name not in ('labels', 'confidence')}
    assert onnx.TensorProto.UINT8 not in inner.values()


def test_the_spec_of_enet_export(exported_model: Path) -> None:
    spec = Segmenter(exported_model, device='cpu').spec
    assert spec.classes == CAMVID.classes
    assert (spec.data_set, spec.license) == ('camvid', 'CC0-1.0')
    assert set(spec.metrics) == {'val_mean_iou', 'val_class_average'}
    assert all(0.0 <= value <= 1.0 for value in spec.metrics.values())


def test_a_model_file_says_nothing_of_where_it_was_made(exported_model: Path) -> None:
    content = exported_model.read_bytes()
    for trace in (b'.py', b'site-packages', str(Path.home()).encode() + b'/'):
        assert trace not in content


def test_labels_and_confidence_are_those_of_torch(run_folder: Path, exported_model: Path) -> None:
    network = load_checkpoint(run_folder / 'last.ckpt').network
    segmenter = Segmenter(exported_model, device='cpu')
    for _ in range(3):
        noise = RNG.integers(0, 256, (48, 64, 3), np.uint8)
        with torch.inference_mode():
            image = torch.from_numpy(noise).permute(2, 0, 1)[None] / 255.0
            probability, labels = network(image).softmax(dim=1).max(dim=1)
        result = segmenter.run(noise)
        assert (result.labels != labels[0].numpy()).mean() < 1e-3
        difference = result.confidence - 255.0 * probability[0].numpy()
        assert np.quantile(np.abs(difference), 0.999) <= 0.51


class Tiny(nn.Module):
    """A network that is quick to export and pools, unpools and strides as ENet does."""

    def __init__(self, classes: int = 11) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.last = nn.ConvTranspose2d(8, classes, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        pooled, winners = max_pool(self.first(x))
        return self.last(max_pool(max_unpool(pooled, winners))[0])


SPEC = ModelSpec(CAMVID.classes, normalization=Normalization((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))


def frames(count: int) -> list[NDArray[np.uint8]]:
    return [RNG.integers(0, 256, (16, 24, 3), np.uint8) for _ in range(count)]


def test_normalisation_is_in_the_graph(tmp_path: Path) -> None:
    path = tmp_path / 'new' / 'folder' / 'tiny.onnx'
    parity = export(Tiny(), SPEC, path, (24, 16), frames(2))
    assert parity.compared_labels == 2 * 16 * 24
    assert parity.changed_labels == 0
    assert parity.logit_error < 1e-5
    segmenter = Segmenter(path, device='cpu')
    assert segmenter.spec == SPEC
    (frame,) = frames(1)
    image = (torch.from_numpy(frame) / 255.0 - torch.tensor([0.5, 0.4, 0.3])) / torch.tensor(
        [0.2, 0.3, 0.4]
    )
    with torch.inference_mode():
        expected = Tiny()(image.permute(2, 0, 1)[None]).argmax(dim=1)[0].numpy()
    np.testing.assert_array_equal(segmenter.run(frame).labels, expected)
    assert len(set(expected.ravel().tolist())) > 2


@pytest.mark.parametrize('size', [(24, 12), (20, 16), (0, 8), (8, -8), (4, 4)])
def test_sizes_that_the_network_cannot_take(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / 'tiny.onnx'
    with pytest.raises(ExportError, match=f'size {size[0]}x{size[1]} came; .* divide by 8'):
        export(Tiny(), SPEC, path, size)
    assert not path.exists()


def test_a_network_of_other_classes(tmp_path: Path) -> None:
    path = tmp_path / 'tiny.onnx'
    with pytest.raises(ExportError, match='tells 12 classes apart, the specification names 11'):
        export(Tiny(12), SPEC, path, (24, 16))
    assert not path.exists()


@pytest.fixture
def tamper(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], None]], None]:
    """Return what lets a fault happen to every graph that is built."""

    def install(fault: Callable[[Any], None]) -> None:
        def build(*arguments: Any) -> Any:
            model = targets.build(*arguments)
            fault(model)
            return model

        monkeypatch.setattr(module, 'build', build)

    return install


@pytest.mark.parametrize('name', ['weight', 'image_constant'])
def test_a_graph_that_is_not_the_network_is_not_written(
    tmp_path: Path, tamper: Callable[..., None], name: str
) -> None:
    path = tmp_path / 'folder' / 'tiny.onnx'

    def scale_a_constant(model: Any) -> None:
        constant = next(c for c in model.graph.initializer if c.name.startswith(name))
        values = 1.01 * onnx.numpy_helper.to_array(constant)
        constant.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float32), constant.name))

    tamper(scale_a_constant)
    with pytest.raises(ExportError, match=r'differs from torch by .* in the logits'):
        export(Tiny(), SPEC, path, (24, 16), frames(1))
    assert not path.parent.exists()


def test_labels_that_differ_are_not_written(tmp_path: Path, tamper: Callable[..., None]) -> None:
    """The labels are compared on their own: a fault behind the logits shows too."""
    path = tmp_path / 'folder' / 'tiny.onnx'

    def shift_the_labels(model: Any) -> None:
        graph = Graph(model)
        cast = graph.maker('labels')
        assert cast is not None
        write = Writer(graph, 'shift')
        write('Cast', write('Add', cast.input[0], 1), to=onnx.TensorProto.UINT8, output='labels')
        graph.replace(cast, write.nodes)

    tamper(shift_the_labels)
    with pytest.raises(ExportError, match='gives 384 of 384 labels otherwise than torch'):
        export(Tiny(), SPEC, path, (24, 16), frames(1))
    assert not path.parent.exists()


@pytest.mark.parametrize('target', targets.REWRITES)
def test_unpooling_without_the_tie_break_is_found_out(
    monkeypatch: pytest.MonkeyPatch, target: targets.Target
) -> None:
    module.check_unpooling(target)

    def break_ties(model: Any) -> None:
        pool_by_slices(model)
        for node in model.graph.node:
            if node.op_type == 'GreaterOrEqual':
                node.op_type = 'Greater'

    monkeypatch.setitem(targets.REWRITES, target, (break_ties,))
    with pytest.raises(ExportError, match='unpooling differs from torch'):
        module.check_unpooling(target)


def test_what_torch_is_asked() -> None:
    (frame,) = frames(1)
    seen = logits_of(nn.Identity(), SPEC.normalization, frame)
    expected = (frame / 255.0 - SPEC.normalization.mean) / SPEC.normalization.std
    np.testing.assert_allclose(seen, expected.transpose(2, 0, 1), rtol=1e-5, atol=1e-6)
