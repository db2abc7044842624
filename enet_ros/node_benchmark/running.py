# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run a case and return what its processes have noted."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from enet_ros.node_arguments import node_arguments
from enet_ros.node_benchmark.cases import Cameras, Case, Listener, to_file
from enet_ros.node_benchmark.processes import Processes

_WARMING = 1.0  # s before the window: caches fill, queues settle
_SETTLING = 1.0  # s after it, for results that are on their way


@dataclass(frozen=True)
class Recording:
    """What was noted of a case. Times are those of the system's clock [s]."""

    start: float
    end: float
    """The window in which frames count, by their stamp."""
    sent: dict[str, list[float]]
    """Of each topic: stamps of the images."""
    heard: dict[str, list[tuple[float, float]]]
    """Of each topic: stamp, and age when it was heard."""
    processor: dict[str, float]
    """Share of one core that each process has used in the window, by name."""
    frames: list[dict[str, Any]]
    """Of the node: see node_process.py."""


def run_node(
    case: Case, frames: Path, folder: Path, seconds: float, environment: Mapping[str, str]
) -> Recording:
    """Send the images of ``frames`` through the node; ``folder`` is for notes."""
    images = tuple(f'{name}/image' for name in case.names)
    labels = tuple(f'{name}/segmentation' for name in case.names)
    notes = folder / 'node.json'
    with Processes(environment) as processes:
        processes.start('node', 'node_process', str(notes), *_node_arguments(case))
        recording = _record(processes, case, frames, folder, seconds, images, labels)
    return Recording(**recording, frames=json.loads(notes.read_text()))


def run_transport(
    case: Case, frames: Path, folder: Path, seconds: float, environment: Mapping[str, str]
) -> Recording:
    """Send the images of ``frames`` straight to the listener."""
    images = tuple(f'{name}/image' for name in case.names)
    with Processes(environment) as processes:
        recording = _record(processes, case, frames, folder, seconds, images, images)
    return Recording(**recording, frames=[])


def _record(
    processes: Processes,
    case: Case,
    frames: Path,
    folder: Path,
    seconds: float,
    sent_to: tuple[str, ...],
    heard_on: tuple[str, ...],
) -> dict[str, Any]:
    sent, heard = folder / 'sent.json', folder / 'heard.json'
    to_file(Listener(heard_on, str(heard)), folder / 'listener.json')
    cameras = Cameras(str(frames), case.encoding, case.rate, sent_to, str(sent))
    to_file(cameras, folder / 'cameras.json')
    processes.start('listener', 'listener_process', str(folder / 'listener.json'))
    processes.start('cameras', 'camera_process', str(folder / 'cameras.json'))
    processes.wait_until_ready('listener')
    time.sleep(_WARMING)
    start, before = time.time(), processes.processor_seconds()
    time.sleep(seconds)
    end, after = time.time(), processes.processor_seconds()
    time.sleep(_SETTLING)
    processes.check()
    processes.end('cameras')
    processes.end('listener')
    return {
        'start': start,
        'end': end,
        'sent': json.loads(sent.read_text()),
        'heard': json.loads(heard.read_text()),
        'processor': {name: (after[name] - before[name]) / (end - start) for name in before},
    }


def _node_arguments(case: Case) -> list[str]:
    parameters = {
        'autostart': True,
        'cameras': case.names,
        'model': case.model,
        'device': case.device,
    }
    return ['--ros-args', '--log-level', 'warn', *node_arguments(parameters)]
