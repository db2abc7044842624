# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of a model file, and the frames; devices are in test_segmenter_devices.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enet_model.segmenter import ModelError, Segmenter

onnx = pytest.importorskip('onnx', reason='the models are made with onnx: pip install onnx')

RNG = np.random.default_rng(5)


def frame(height: int = 24, width: int = 32) -> np.ndarray:
    return RNG.integers(0, 256, (height, width, 3), np.uint8)


def write(tmp_path: Path, color_model: Path, change: Callable[[Any], None]) -> Path:
    """Write the colour model with a change."""
    model = onnx.load(color_model)
    change(model)
    path = tmp_path / 'changed.onnx'
    path.write_bytes(model.SerializeToString())
    return path


def refusal(path: Path) -> str:
    """Return the text of the ModelError that a file leads to; it names the file on one line."""
    with pytest.raises(ModelError) as caught:
        Segmenter(path, device='cpu')
    text = str(caught.value)
    assert str(path) in text
    assert '\n' not in text
    return text


def test_labels_and_confidence_are_those_of_the_pixels(color_model: Path) -> None:
    segmenter = Segmenter(color_model, device='cpu')
    assert (segmenter.height, segmenter.width) == (24, 32)
    assert segmenter.spec.names == ('road', 'wall', 'sky', 'car')
    picture = frame()
    result = segmenter.run(picture)
    assert result.labels.dtype == result.confidence.dtype == np.uint8
    np.testing.assert_array_equal(result.labels, picture[..., 0] // 64)
    np.testing.assert_array_equal(result.confidence, picture[..., 1])


def test_a_view_of_a_larger_picture(color_model: Path) -> None:
    picture = frame(30, 70)[3:27, 68:4:-2]
    assert not picture.flags.c_contiguous
    labels = Segmenter(color_model, device='cpu').run(picture).labels
    np.testing.assert_array_equal(labels, picture[..., 0] // 64)


@pytest.mark.parametrize(
    'picture',
    [frame(32, 24), frame()[..., :2], frame()[None], frame().astype(np.float32), frame()[..., 0]],
    ids=lambda picture: f'{picture.dtype}{picture.shape}',
)
def test_another_shape_or_type_is_refused(color_model: Path, picture: np.ndarray) -> None:
    segmenter = Segmenter(color_model, device='cpu')
    with pytest.raises(ValueError, match=r'came; the network takes uint8 \(24, 32, 3\)'):
        segmenter.run(picture)


def test_the_sha256_is_that_of_the_file(color_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / 'copy.onnx'
    copy.write_bytes(color_model.read_bytes())
    assert Segmenter(copy).sha256 == Segmenter(color_model).sha256
    assert len(Segmenter(copy).sha256) == 64


def test_threads_are_explicit(color_model: Path) -> None:
    for threads in (1, 2, 0):
        segmenter = Segmenter(color_model, 'cpu', threads)
        assert segmenter.threads == (threads or len(os.sched_getaffinity(0)))
        options = segmenter._session.get_session_options()
        assert options.intra_op_num_threads == segmenter.threads
        assert options.inter_op_num_threads == 1


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (None, 'cannot be read: No such file'),
        (b'', 'is empty'),
        (RNG.bytes(5000), 'is no ONNX file'),
        (b'a text, not a model\n' * 9, 'is no ONNX file'),
    ],
    ids=['missing', 'empty', 'random', 'text'],
)
def test_what_is_no_model(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / 'model.onnx'
    if content is not None:
        path.write_bytes(content)
    text = refusal(path)
    assert reason in text
    assert any(remedy in text for remedy in ('name an ONNX file', 'export'))


@pytest.mark.parametrize('share', [0.2, 0.5, 0.95])
def test_a_file_that_is_cut_off(color_model: Path, tmp_path: Path, share: float) -> None:
    path = tmp_path / 'cut.onnx'
    content = color_model.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert 'enet export' in refusal(path)


def test_a_folder(tmp_path: Path) -> None:
    assert 'Is a directory' in refusal(tmp_path)


def unknown_opset(model: Any) -> None:
    model.opset_import[0].version = 99


def no_spec(model: Any) -> None:
    del model.metadata_props[:]


def broken_spec(model: Any) -> None:
    onnx.helper.set_model_props(model, {'enet.spec': '{"format": 2}'})


def rename_input(model: Any) -> None:
    model.graph.input[0].name = model.graph.node[0].input[0] = 'data'


def drop_confidence(model: Any) -> None:
    del model.graph.output[1]


def float_image(model: Any) -> None:
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT


def channels_first(model: Any) -> None:
    for size, dimension in zip(
        (1, 3, 24, 32), model.graph.input[0].type.tensor_type.shape.dim, strict=True
    ):
        dimension.dim_value = size
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    del model.graph.output[1].type.tensor_type.shape.dim[:]


def free_size(model: Any) -> None:
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[1].dim_param = 'H'


def batch_of_four(model: Any) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 4


def wide_labels(model: Any) -> None:
    model.graph.node[4].attribute[0].i = onnx.TensorProto.INT64
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.INT64


def wrong_shape(model: Any) -> None:
    model.graph.node[5].attribute[0].i = 2
    model.graph.output[1].type.tensor_type.ClearField('shape')


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        (unknown_opset, 'cannot run it'),
        (no_spec, "has no metadata 'enet.spec' that names its classes"),
        (broken_spec, "metadata 'enet.spec': format 2 came; this release reads format 1"),
        (rename_input, 'takes data and gives labels, confidence; wanted image in'),
        (drop_confidence, 'takes image and gives labels; wanted image in'),
        (float_image, 'image is tensor(float)'),
        (channels_first, 'image is tensor(uint8) [1, 3, 24, 32]; wanted tensor(uint8) [N, H, W,'),
        (free_size, "image is tensor(uint8) ['N', 'H', 32, 3]; wanted"),
        (batch_of_four, 'cannot run it'),
        (wide_labels, 'gives labels as int64 (24, 32); wanted uint8 (24, 32)'),
        (wrong_shape, 'gives confidence as uint8 (24, 3); wanted uint8 (24, 32)'),
    ],
)
def test_a_model_of_another_contract(
    color_model: Path, tmp_path: Path, change: Callable[[Any], None], reason: str
) -> None:
    text = refusal(write(tmp_path, color_model, change))
    assert reason in text
    assert "'enet export'" in text


def test_the_hash_of_a_named_file_is_asked_for(color_model: Path) -> None:
    sha256 = Segmenter(color_model, device='cpu').sha256
    assert Segmenter(color_model, device='cpu', sha256=sha256).sha256 == sha256
    with pytest.raises(ModelError, match='wanted 0000'):
        Segmenter(color_model, device='cpu', sha256='0' * 64)


def test_an_image_that_is_too_large_is_refused_before_it_is_made(
    color_model: Path, tmp_path: Path
) -> None:
    def enlarge(model: Any) -> None:
        for value in (*model.graph.input, *model.graph.output):
            for dimension in value.type.tensor_type.shape.dim[1:3]:
                dimension.dim_value = 2**20

    assert 'wanted 16777216 pixels at most' in refusal(write(tmp_path, color_model, enlarge))


def test_no_connection_is_opened(color_model: Path) -> None:
    code = (
        'import os, sys; asked = []; '
        "sys.addaudithook(lambda event, _: event.startswith('socket.') and asked.append(event)); "
        'import numpy as np; from enet_model.segmenter import Segmenter; '
        "Segmenter(sys.argv[1], 'cpu').run(np.zeros((24, 32, 3), np.uint8)); "
        "links = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')[:-1]]; "
        "print(asked, [link for link in links if link.startswith('socket')])"
    )
    done = subprocess.run(
        [sys.executable, '-c', code, str(color_model)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout == '[] []\n'
