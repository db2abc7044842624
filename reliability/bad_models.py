# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad model files under a running node that is asked to load them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from enet_model.model_file import MAX_MODEL_BYTES
from enet_ros import messages
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row
from reliability.small_model import HEIGHT, WIDTH, small_model, write_small_model


def bad_models() -> Mapping[str, Callable[[Path], None]]:
    """Return what puts a bad model at a path, by what is bad about it."""
    good = small_model().SerializeToString()

    def sparse(path: Path) -> None:
        with path.open('wb') as file:
            file.truncate(MAX_MODEL_BYTES + 1)

    return {
        'missing': lambda path: None,
        'a folder': Path.mkdir,
        'a pipe': os.mkfifo,
        'empty': Path.touch,
        'larger than a model may be': sparse,
        'text': lambda path: _put(path, b'a text, not a model\n' * 9),
        'noise': lambda path: _put(path, np.random.default_rng(0).bytes(5000)),
        'cut off': lambda path: _put(path, good[: len(good) // 2]),
        'of an unknown opset': _changed(_set_opset),
        'without image': _changed(_rename_input),
        'without confidence': _changed(lambda model: model.graph.output.pop()),
        'of a huge image': _changed(_enlarge),
        'without its classes': _changed(lambda model: model.metadata_props.pop()),
        'of a class with a line break': _changed(_break_name),
        'with weights in /etc/passwd': _changed(_point_outside),
        'with a compiled engine': _changed(_name_engine),
        'with graphs nested without end': _changed(_nest),
    }


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _changed(change: Callable[[onnx.ModelProto], Any]) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        model = small_model()
        change(model)
        path.write_bytes(model.SerializeToString())

    return put


def _set_opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 99


def _rename_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].name = model.graph.node[0].input[0] = 'data'


def _enlarge(model: onnx.ModelProto) -> None:
    for value in (*model.graph.input, *model.graph.output):
        for dimension in value.type.tensor_type.shape.dim[1:3]:
            dimension.dim_value = 2**20


def _break_name(model: onnx.ModelProto) -> None:
    model.metadata_props[0].value = model.metadata_props[0].value.replace('wall', 'wa\\nll')


def _point_outside(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[2]
    tensor.ClearField('float_data')
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key='location', value='../../../../../../etc/passwd')


def _name_engine(model: onnx.ModelProto) -> None:
    node = onnx.helper.make_node(
        'EPContext', ['image'], ['x'], domain='com.microsoft', ep_cache_context='../engine.trt'
    )
    model.graph.node.append(node)


def _nest(model: onnx.ModelProto) -> None:
    graph = onnx.helper.make_graph([], 'inner', [], [])
    for _ in range(15):
        node = onnx.helper.make_node('Loop', [], [], body=graph)
        graph = onnx.helper.make_graph([node], 'outer', [], [])
    model.graph.node.extend(graph.node)


def _run(short: bool) -> Outcome:
    kinds = bad_models()
    frame = messages.image(
        Header(frame_id='camera'), np.full((HEIGHT, WIDTH, 3), (70, 200, 0), np.uint8), 'rgb8'
    )
    wrong = []
    with NodeProcess({'device': 'cpu'}, small=True) as node:
        path = Path(node.model)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        results = node.results()
        camera = node.camera()
        node.label(camera, frame, results)
        for kind, put in kinds.items():
            _remove(path)
            put(path)
            answer = _reload(node)
            if answer.success or '\n' in answer.message or str(path) not in answer.message:
                wrong.append(f'{kind}: {answer.message}')
            mask: Image = node.label(camera, frame, results)
            if set(mask.data) != {1}:
                wrong.append(f'{kind}: other labels than before')
        if node.status()['model sha256'] != sha256:
            wrong.append('another model than before')
        _remove(path)
        write_small_model(path)
        if not _reload(node).success:
            wrong.append('the good model was refused at the end')
    told = f': {"; ".join(wrong)}' if wrong else ''
    return Outcome(
        f'{len(kinds)} files ({", ".join(kinds)}), {len(wrong)} not refused with one line, or '
        f'with another model afterwards{told}',
        not wrong,
    )


def _reload(node: NodeProcess) -> Any:
    answer = node.peer.call(
        Trigger, f'{node.namespace}/segmentation_node/reload_model', Trigger.Request()
    )
    if answer is None:
        raise TimeoutError('reload_model was not answered')
    return answer


def _remove(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


ROW = Row(
    name='bad_models',
    fault='bad model files, by `~/reload_model`',
    required='12 or more, every one refused with one line, the old model kept',
    run=_run,
    mended='weights in other files were left to ONNX Runtime, whose releases differ in what they '
    'allow; a pipe was waited for without end; the size of a file, and of the image that it asks '
    'for, had no limit',
)
