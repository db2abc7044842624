# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ways of a frame that were weighed against each other, side by side: `make benchmark`.

What the node does is named 'taken'. Labels are those of CamVid val (CAMVID_ROOT) at the network's
size, the camera's picture is of 1920 x 1080.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import pytest

from enet_model.arrays import Scratch
from enet_model.bundled_models import bundled_model
from enet_model.label_sets import CAMVID
from enet_model.overlay import draw
from enet_model.resizing import fit, resize_mask
from enet_ros.occupancy import measure

HEIGHT, WIDTH = 1080, 1920
COLORS = np.array([each.color for each in CAMVID.classes], np.uint8)
CLASSES = len(CAMVID.classes)


@pytest.fixture(scope='module')
def frame() -> np.ndarray:
    root = os.environ.get('CAMVID_ROOT')
    if not root:
        pytest.skip('CAMVID_ROOT is not set: a real frame is wanted')
    picture = cv2.imread(str(sorted((Path(root) / 'val').glob('*.png'))[0]))
    return cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), (WIDTH, HEIGHT))


@pytest.fixture(scope='module')
def labels(frame: np.ndarray) -> np.ndarray:
    from enet_model.segmenter import Segmenter

    segmenter = Segmenter(device='cpu')
    return segmenter.run(fit(frame, segmenter.width, segmenter.height)).labels


@pytest.mark.benchmark(group='occupancy at 1920x1080')
@pytest.mark.parametrize('way', ['at the size of the mask', 'at that of the network: taken'])
def test_occupancy(benchmark: Any, labels: np.ndarray, way: str) -> None:
    if 'taken' in way:
        args: tuple[Any, ...] = (labels, labels, CLASSES, 6, 8, (HEIGHT, WIDTH))
    else:
        mask = resize_mask(labels, WIDTH, HEIGHT)
        args = (mask, mask, CLASSES, 6, 8)
    benchmark(measure, *args)


@pytest.mark.benchmark(group='overlay at 1920x1080')
@pytest.mark.parametrize('way', ['at the size of the mask', 'at that of the network: taken'])
def test_overlay(benchmark: Any, frame: np.ndarray, labels: np.ndarray, way: str) -> None:
    mask = labels if 'taken' in way else resize_mask(labels, WIDTH, HEIGHT)
    benchmark(draw, frame, mask, COLORS, 0.5, np.empty_like(frame))


@pytest.mark.benchmark(group='mask of 1920x1080 into its message')
@pytest.mark.parametrize('way', ['message of its own', 'memory that is kept: taken'])
def test_mask(benchmark: Any, labels: np.ndarray, way: str) -> None:
    messages = pytest.importorskip('enet_ros.messages', reason='ROS 2 is not sourced')
    from std_msgs.msg import Header

    buffer = messages.ImageBuffer('mono8')

    def kept() -> None:
        resize_mask(labels, WIDTH, HEIGHT, out=buffer.pixels((HEIGHT, WIDTH)))
        buffer.message(Header())

    def own() -> None:
        messages.image(Header(), resize_mask(labels, WIDTH, HEIGHT), 'mono8')

    benchmark(kept if 'taken' in way else own)


@pytest.mark.benchmark(group='a bgr8 frame of 1920x1080 converted and scaled')
@pytest.mark.parametrize('way', ['into new memory', 'memory that is kept: taken'])
def test_input(benchmark: Any, frame: np.ndarray, way: str) -> None:
    decoded, halves, fitted = Scratch(), Scratch(), Scratch()

    def kept() -> None:
        converted = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB, decoded.shaped(frame.shape))
        fit(converted, 480, 360, fitted.shaped((360, 480, 3)), halves)

    def new() -> None:
        fit(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), 480, 360)

    benchmark(kept if 'taken' in way else new)


@pytest.mark.benchmark(group='inference')
@pytest.mark.parametrize('way', ['arrays: taken', 'IO binding'])
def test_binding(benchmark: Any, frame: np.ndarray, way: str) -> None:
    session = _session()
    image = fit(frame, 480, 360)[None]
    binding = session.io_binding()
    labels, confidence = (np.empty((1, 360, 480), np.uint8) for _ in range(2))
    for name, array in (('labels', labels), ('confidence', confidence)):
        binding.bind_output(name, 'cpu', 0, np.uint8, array.shape, array.ctypes.data)

    def bound() -> None:
        binding.bind_cpu_input('image', image)
        session.run_with_iobinding(binding)

    benchmark(bound if 'binding' in way else lambda: session.run(None, {'image': image}))


@pytest.fixture(params=['alone', 'beside one busy process'])
def company(request: pytest.FixtureRequest) -> Iterator[str]:
    """Keep a core busy, as a camera driver or a planner does."""
    if request.param == 'alone':
        yield request.param
        return
    with subprocess.Popen([sys.executable, '-c', 'while True: pass']) as neighbour:
        yield request.param
        neighbour.kill()


@pytest.mark.benchmark(group='threads that wait for work')
@pytest.mark.parametrize('spinning', ['1', '0'])
def test_spinning(benchmark: Any, frame: np.ndarray, company: str, spinning: str) -> None:
    session, image = _session(spinning), fit(frame, 480, 360)[None]
    benchmark(lambda: session.run(None, {'image': image}))


def _session(spinning: str = '1') -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    options.inter_op_num_threads = 1
    options.add_session_config_entry('session.intra_op.allow_spinning', spinning)
    model = str(bundled_model('cpu'))
    return onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
