# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what `enet benchmark --node` asks for, print it and write it down."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from enet_model.benchmark.document import write_sections
from enet_model.benchmark.machine import describe_machine
from enet_ros import messages
from enet_ros.dds_profile import use_profile
from enet_ros.isolation import isolate
from enet_ros.node_benchmark import report
from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.frames import ENCODINGS, Frames, encoded
from enet_ros.node_benchmark.processes import BenchmarkError
from enet_ros.node_benchmark.results import Result, summarize
from enet_ros.node_benchmark.running import Recording, run_node, run_transport
from enet_ros.node_benchmark.transports import TRANSPORTS, environment_of

Run = Callable[[Case, Path, Path, float, Mapping[str, str]], Recording]

TRANSPORT_SIZES = ((640, 480), (1920, 1080))
TRANSPORT_RATE = 30.0
USUAL_RATE = 30.0
"""Of a camera on a robot [Hz]: the README shows what becomes of that."""
_REPEATS = 20


def run(options: argparse.Namespace) -> None:
    """Measure node or transport; see ``enet benchmark --help`` for the options."""
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Frames(options.source), Path(folder), options.seconds)
        sections, found = (
            _measure_transport(bench) if options.transport else _measure_rates(bench, options)
        )
    machine = describe_machine()
    remark = f'{machine}. {bench.frames.described}; {options.seconds:g} s a case.'
    sections = {name: f'{table}\n\n{remark}' for name, table in sections.items()}
    print('\n\n'.join(sections.values()))
    if options.json:
        tree = {'machine': machine.to_json(), 'frames': bench.frames.described, **found}
        options.json.write_text(json.dumps(tree, indent=1) + '\n')
    for document in options.document:
        write_sections(document, sections)


class _Bench:
    """Runs cases one after another."""

    def __init__(self, frames: Frames, folder: Path, seconds: float) -> None:
        self.frames = frames
        self.folder = folder
        self._seconds = seconds

    def measure(self, run: Run, case: Case, environment: Mapping[str, str]) -> Result:
        """Run a case in an environment of its processes."""
        file = self.folder / f'{case.width}x{case.height}.npy'
        if not file.is_file():
            np.save(file, self.frames.scaled(case.width, case.height))
        print(
            f'{case.cameras} x {case.width}x{case.height} {case.encoding} at {case.rate:g} Hz',
            file=sys.stderr,
        )
        return summarize(case, run(case, file, self.folder, self._seconds, environment))

    def measure_node(self, case: Case, environment: Mapping[str, str]) -> Result:
        """Run a case through the node; BenchmarkError where no frame was labelled in time."""
        result = self.measure(run_node, case, environment)
        if not result.stages:
            raise BenchmarkError(
                f'no frame was labelled in {self._seconds:g} s; take more with --seconds'
            )
        return result


def _measure_rates(
    bench: _Bench, options: argparse.Namespace
) -> tuple[dict[str, str], dict[str, Any]]:
    unknown = [name for name in options.encodings if name not in ENCODINGS]
    if unknown:
        raise BenchmarkError(
            f'encodings {", ".join(unknown)} came; wanted some of {", ".join(ENCODINGS)}'
        )
    environment = _alone()
    use_profile(environment)
    engines = [
        {'model': str(model), 'device': device}
        for device in options.devices
        for model in options.model or ('',)
    ]
    profiles = []
    for engine in engines:
        for width, height in options.camera_sizes:
            for encoding in options.encodings:
                case = Case(width, height, min(options.rates), encoding=encoding, **engine)
                result = bench.measure_node(case, environment)
                profiles.append((result, _deserializing(width, height, encoding)))
    results = [
        bench.measure_node(Case(width, height, rate, cameras, **engine), environment)
        for engine in engines
        for width, height in options.camera_sizes
        for cameras in options.cameras
        for rate in options.rates
    ]
    sections = {
        'node profile': report.profile_table(profiles),
        'node rates': report.rate_table(results),
    }
    usual = [r for r in results if (r.case.cameras, r.case.rate) == (1, USUAL_RATE)]
    if usual:
        sections['node'] = report.rate_table(usual)
    return (
        sections,
        {
            'profiles': [
                {**_tree(result), 'deserializing': seconds} for result, seconds in profiles
            ],
            'rates': [_tree(result) for result in results],
        },
    )


def _measure_transport(bench: _Bench) -> tuple[dict[str, str], dict[str, Any]]:
    results = []
    for size in TRANSPORT_SIZES:
        for transport in TRANSPORTS:
            environment = environment_of(transport, _alone(), bench.folder)
            result = bench.measure(run_transport, Case(*size, TRANSPORT_RATE), environment)
            results.append((transport.name, result))
    return (
        {'node transport': report.transport_table(results)},
        {'transport': [{'transport': name, **_tree(result)} for name, result in results]},
    )


def _alone() -> dict[str, str]:
    """Return an environment for processes that keep to themselves, unless told otherwise."""
    environment = dict(os.environ)
    isolate(environment)
    return environment


def _tree(result: Result) -> dict[str, Any]:
    """Return what a JSON file holds of a result; JSON has no NaN."""
    values = dataclasses.asdict(result)
    return {key: None if value != value else value for key, value in values.items()}


def _deserializing(width: int, height: int, encoding: str) -> float:
    """Return what rclpy needs to make a message of the bytes that have arrived [ms]."""
    frame = encoded(np.zeros((height, width, 3), np.uint8), encoding)
    serialized = serialize_message(messages.image(Header(), frame, encoding))
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        deserialize_message(serialized, Image)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1e3
