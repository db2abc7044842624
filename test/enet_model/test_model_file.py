# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enet_model import model_file
from enet_model.model_file import ModelError, read_model

onnx = pytest.importorskip('onnx', reason='the models are made with onnx: pip install onnx')

WEIGHTS = Path(model_file.__file__).parent / 'weights'
_SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(path: Path, sha256: str = '') -> str:
    """Return the text of the ModelError that a file leads to; it names the file on one line."""
    with pytest.raises(ModelError) as caught:
        read_model(path, sha256)
    text = str(caught.value)
    assert text.startswith(f'{path}: ')
    assert '\n' not in text
    return text


@pytest.mark.parametrize('path', sorted(WEIGHTS.glob('*.onnx')), ids=lambda path: path.stem)
def test_a_bundled_model_is_read_whole(path: Path) -> None:
    model = read_model(path)
    assert model.content == path.read_bytes()
    assert model.sha256 == hashlib.sha256(model.content).hexdigest()
    assert read_model(path, model.sha256.upper()) == model


def test_another_hash_is_refused(color_model: Path) -> None:
    wanted = 'ab' * 32
    text = refusal(color_model, wanted)
    assert f'wanted {wanted}' in text
    assert hashlib.sha256(color_model.read_bytes()).hexdigest() in text


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / 'pipe.onnx'
    os.mkfifo(pipe)
    assert 'no regular file' in refusal(pipe)
    assert 'Is a directory' in refusal(tmp_path)
    assert 'no regular file' in refusal(Path('/dev/zero'))


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / 'large.onnx'
    with path.open('wb') as file:
        file.truncate(model_file.MAX_MODEL_BYTES + 1)
    assert '536870913 bytes; wanted 536870912 at most' in refusal(path)


def external(name: str = 'w') -> Any:
    tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=[1])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key='location', value='weights.bin')
    return tensor


def in_the_graph(model: Any) -> None:
    model.graph.initializer.append(external())


def in_an_attribute(model: Any) -> None:
    model.graph.node.append(onnx.helper.make_node('Constant', [], ['c'], value=external()))


def in_a_graph_within(model: Any) -> None:
    inner = onnx.helper.make_graph([], 'inner', [], [], [external()])
    model.graph.node.append(onnx.helper.make_node('If', ['c'], ['d'], then_branch=inner))


def in_a_sparse_tensor(model: Any) -> None:
    model.graph.sparse_initializer.add().values.CopyFrom(external())


def in_a_function(model: Any) -> None:
    function = model.functions.add(name='f')
    function.node.append(onnx.helper.make_node('Constant', [], ['c'], value=external()))


def in_the_training(model: Any) -> None:
    model.training_info.add().algorithm.initializer.append(external())


def by_location_alone(model: Any) -> None:
    model.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL


def by_path_alone(model: Any) -> None:
    model.graph.initializer[0].external_data.add(key='location', value='/etc/passwd')


@pytest.mark.parametrize(
    'change',
    [
        in_the_graph,
        in_an_attribute,
        in_a_graph_within,
        in_a_sparse_tensor,
        in_a_function,
        in_the_training,
        by_location_alone,
        by_path_alone,
    ],
)
def test_weights_in_another_file_are_found_wherever_they_are(
    color_model: Path, tmp_path: Path, change: Callable[[Any], None]
) -> None:
    model = onnx.load(color_model)
    change(model)
    path = tmp_path / 'changed.onnx'
    path.write_bytes(model.SerializeToString())
    assert 'keeps weights in another file' in refusal(path)


def test_a_compiled_engine_is_refused(color_model: Path, tmp_path: Path) -> None:
    model = onnx.load(color_model)
    model.graph.node.append(onnx.helper.make_node('EPContext', ['image'], ['x'], domain='x'))
    path = tmp_path / 'engine.onnx'
    path.write_bytes(model.SerializeToString())
    assert 'compiled engine' in refusal(path)


def test_graphs_without_end_are_refused(tmp_path: Path) -> None:
    message = b''
    for _ in range(2000):  # a graph in an attribute in a node in a graph
        for tag in (b'\x32', b'\x2a', b'\x0a'):
            size = len(message)
            length = bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14])
            message = tag + length + message
    path = tmp_path / 'deep.onnx'
    size = len(message)
    path.write_bytes(
        b'\x3a' + bytes([size & 127 | 128, size >> 7 & 127 | 128, size >> 14]) + message
    )
    assert 'more than 32 deep' in refusal(path)


def outcome(path: Path) -> str:
    """Return whether a file is read whole or refused by its name."""
    try:
        model = read_model(path)
    except ModelError as error:
        return 'refused' if str(error).startswith(f'{path}: ') else str(error)
    return 'read' if model.content == path.read_bytes() else 'read in part'


@_SETTINGS
@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'any.onnx'
    path.write_bytes(content)
    assert outcome(path) in ('read', 'refused')


@_SETTINGS
@given(st.data())
def test_a_cut_or_changed_file_is_read_or_refused(
    tmp_path: Path, color_model: Path, data: st.DataObject
) -> None:
    content = bytearray(color_model.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / 'changed.onnx'
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    assert outcome(path) in ('read', 'refused')
