# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each rewrite of the form for a CPU gives: `make benchmark`.

The bundled network at 640 x 360 on real frames (CAMVID_ROOT), ONNX Runtime, one thread. A rung is
the plain graph with one rewrite more than the rung before; the rungs take turns, frame by frame.
"""

import os
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip('torch', reason="exports need torch: pip install '.[train]'")

import onnxruntime

from enet_model.bundled_models import BUNDLED_CHECKPOINT
from enet_model.datasets.camvid import camvid
from enet_model.deployment.borders import add_input, add_outputs
from enet_model.deployment.graph import Graph
from enet_model.deployment.targets import REWRITES
from enet_model.deployment.tracing import trace
from enet_model.resizing import fit
from enet_model.spec import Normalization
from enet_model.training.checkpoint import load_checkpoint

WIDTH, HEIGHT = 640, 360
WANTED_GAIN = 1.8


def open_session(model: Any) -> onnxruntime.InferenceSession:
    """Return a session of a copy of the model without its logits."""
    copy = type(model)()
    copy.CopyFrom(model)
    Graph(copy).drop_output('logits')
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        copy.SerializeToString(), options, providers=['CPUExecutionProvider']
    )


@pytest.fixture(scope='module')
def rungs() -> dict[str, onnxruntime.InferenceSession]:
    model = trace(load_checkpoint(BUNDLED_CHECKPOINT).network, (WIDTH, HEIGHT))
    add_input(model, Normalization())
    add_outputs(model)
    sessions = {'plain': open_session(model)}
    for rewrite in REWRITES['cpu']:
        rewrite(model)
        if rewrite is not REWRITES['cpu'][0]:  # the first one serves the second
            sessions[rewrite.__name__] = open_session(model)
    return sessions


def test_ladder(
    benchmark: Any,
    rungs: dict[str, onnxruntime.InferenceSession],
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = os.environ.get('CAMVID_ROOT')
    if not root:
        pytest.skip('CAMVID_ROOT is not set: real frames are wanted')
    data = camvid(Path(root), 'val')
    frames = cycle([fit(data[i][0], WIDTH, HEIGHT)[None] for i in range(0, len(data), 10)])
    times: dict[str, list[float]] = {name: [] for name in rungs}

    def turn() -> None:
        frame = next(frames)
        for name, session in rungs.items():
            start = time.perf_counter()
            session.run(None, {'image': frame})
            times[name].append(1000 * (time.perf_counter() - start))

    benchmark.pedantic(turn, rounds=30, warmup_rounds=2)
    medians = {name: float(np.median(values[2:])) for name, values in times.items()}
    benchmark.extra_info.update(medians)
    with capsys.disabled():
        print()
        for name, median in medians.items():
            print(f'{name:40} {median:7.1f} ms {medians["plain"] / median:6.2f}')
    assert medians['plain'] / list(medians.values())[-1] >= WANTED_GAIN
