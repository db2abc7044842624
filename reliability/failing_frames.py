# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames on which the computation fails, now and then, and thirty in a row."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
from sensor_msgs.msg import Image

from enet_ros import messages
from enet_ros.faults import MAX_FAILURES
from reliability.frames import stamped
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row
from reliability.small_model import HEIGHT, WIDTH, small_model

_DARK, _BRIGHT = 10, 250


def write_touchy_model(path: Path) -> Path:
    """Write the small model so that it fails on frames without a dark pixel."""
    helper, kinds = onnx.helper, onnx.TensorProto
    model = small_model()
    # An element is looked up by the darkest value / 128: of one element, there is no second.
    model.graph.initializer.extend(
        [
            helper.make_tensor('half', kinds.FLOAT, [], [128.0]),
            helper.make_tensor('steps', kinds.FLOAT, [1], [64.0]),
        ]
    )
    looked_up = [
        helper.make_node('ReduceMin', ['pixels'], ['darkest'], keepdims=0),
        helper.make_node('Div', ['darkest', 'half'], ['share']),
        helper.make_node('Cast', ['share'], ['index'], to=kinds.INT64),
        helper.make_node('Gather', ['steps', 'index'], ['step_found'], axis=0),
    ]
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([nodes[0], *looked_up, *nodes[1:]])
    next(node for node in model.graph.node if 'step' in node.input).input[1] = 'step_found'
    onnx.save(model, path)
    return path


def _frame(value: int) -> Image:
    pixels = np.full((HEIGHT, WIDTH, 3), value, np.uint8)
    return messages.image(stamped('camera'), pixels, 'rgb8')


def _run(short: bool) -> Outcome:
    with (
        tempfile.TemporaryDirectory() as folder,
        NodeProcess({'model': write_touchy_model(Path(folder) / 'touchy.onnx')}) as node,
    ):
        results = node.results()
        camera = node.camera()
        for _ in range(3):
            node.label(camera, _frame(_DARK), results)
            for _ in range(MAX_FAILURES // 2):
                camera.publish(_frame(_BRIGHT))
                node.peer.spin_for(0.02)
        node.label(camera, _frame(_DARK), results)
        failed = int(node.status()['frames failed'])
        survived = node.is_alive and failed > 0
        node.peer.spin_while_publishing(
            lambda: camera.publish(_frame(_BRIGHT)), 0.02, lambda: not node.is_alive, 30.0
        )
        status = node.wait()
        fatal = [line for line in node.log.splitlines() if '[FATAL]' in line]
    said = 'survived' if survived else 'NOT survived'
    return Outcome(
        f'{failed} failures with good frames between: {said}; '
        f'{MAX_FAILURES} in a row: status {status}, with {len(fatal)} line that says so',
        survived and status == 1 and len(fatal) == 1,
    )


ROW = Row(
    name='failing_frames',
    fault='a model that fails on some frames, then on 30 in a row',
    required='counted and skipped; then exit status 1',
    run=_run,
)
