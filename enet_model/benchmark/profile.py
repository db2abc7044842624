# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a model file spends its time: ONNX Runtime's own profile, by kind of operator."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

SCALING = 'Conv, 1 x 1 a channel'
"""How the form for a CPU writes PReLU (see ``rewrites_prelu``): it moves memory, and multiplies
little, so that it is told apart from what the network is made of."""

_KERNEL = '_kernel_time'  # ends the name of the event in which a node computes


@dataclass(frozen=True)
class Profile:
    """What the operators of a model file take for a frame."""

    model: str
    """Name of the network (``candidates.NAMES``)."""
    width: int
    height: int
    threads: int
    milliseconds: Mapping[str, float]
    """By kind of operator, as ONNX Runtime names it; the longest first."""


def profile(path: Path, frames: Sequence[NDArray[np.uint8]], threads: int) -> dict[str, float]:
    """Run a model file on the CPU; return the milliseconds a frame of each kind of operator.

    frames: RGB uint8 height x width x 3 of the model's size; the first one is run twice, to warm
    up. The time of a node is the median over the frames, so that they add up to a typical frame,
    with what the measuring itself costs in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder, 'profile'))
        session = onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
        for frame in (frames[0], *frames):
            session.run(('labels', 'confidence'), {'image': frame[None]})
        events = json.loads(Path(session.end_profiling()).read_text())
    durations: dict[str, list[float]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for event in events:
        name = event['name']
        if event.get('cat') == 'Node' and name.endswith(_KERNEL):
            durations[name].append(event['dur'] / 1e3)
            kinds[name] = kind_of(event['args'])
    totals: dict[str, float] = defaultdict(float)
    for name, times in durations.items():
        totals[kinds[name]] += statistics.median(times[1:])
    return dict(sorted(totals.items(), key=lambda item: -item[1]))


def kind_of(arguments: Mapping[str, Any]) -> str:
    """Return the kind of operator of a node, from what a profile tells of it."""
    kind: str = arguments['op_name']
    if kind == 'Conv':
        _, weights, *_ = (
            shape for entry in arguments['input_type_shape'] for shape in entry.values()
        )
        if weights[1:] == [1, 1, 1]:
            return SCALING
    return kind
