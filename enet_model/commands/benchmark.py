# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet benchmark`: how fast ENet is, beside SegNet, other networks and the machine's own limit."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime

from enet_model.bundled_models import BUNDLED_CHECKPOINT
from enet_model.commands.arguments import add_data_arguments, check_folders_of, positive, size
from enet_model.commands.node_arguments import add_node_arguments
from enet_model.segmenter import PROVIDERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HELP = 'measure speed and cost: the tables of the paper, other networks, the limit of the machine'
SIZES = ((480, 320), (640, 360), (1280, 720), (1920, 1080))


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        '--node', action='store_true', help='measure the node between processes instead (ROS 2)'
    )
    command.add_argument(
        '--checkpoint', type=Path, default=BUNDLED_CHECKPOINT, help='weights of ENet'
    )
    command.add_argument('--sizes', type=size, nargs='+', default=SIZES, help='WIDTHxHEIGHT ...')
    command.add_argument('--models', nargs='+', metavar='NAME', help='networks; none is all')
    command.add_argument(
        '--model',
        type=Path,
        action='append',
        default=[],
        metavar='FILE',
        help='measure this model file too, at its own size; may be repeated',
    )
    command.add_argument(
        '--threads', type=positive(int), nargs='+', help='none is 1 and one for each core'
    )
    command.add_argument(
        '--devices',
        choices=PROVIDERS,
        nargs='+',
        default=_devices(),
        help='tensorrt takes minutes to start',
    )
    command.add_argument('--budget', type=positive(float), default=1.5, help='seconds a row')
    command.add_argument('--fewest', type=int, default=3, help='turns a row, whatever they take')
    add_data_arguments(command)
    command.add_argument('--frames', type=positive(int), default=8, help='frames of the data set')
    command.add_argument('--json', type=Path, help='write what was measured to a file')
    command.add_argument('--plot', type=Path, help='draw accuracy against speed into a PNG file')
    command.add_argument(
        '--document',
        type=Path,
        action='append',
        default=[],
        metavar='FILE',
        help='write the tables between the markers of a Markdown file; may be repeated',
    )
    add_node_arguments(command)


def run(options: argparse.Namespace) -> None:
    """Measure, print the tables and write what was asked for."""
    check_folders_of(options.json, options.plot, *options.document)
    if options.node:
        from enet_ros.node_benchmark import measure_node

        measure_node(options)
        return
    from enet_model.benchmark.candidates import NAMES
    from enet_model.benchmark.document import write_sections
    from enet_model.benchmark.run import Plan, benchmark
    from enet_model.benchmark.tables import sections

    plan = Plan(
        checkpoint=options.checkpoint,
        models=options.models or NAMES,
        files=options.model,
        sizes=options.sizes,
        threads=options.threads or sorted({1, len(os.sched_getaffinity(0))}),
        devices=options.devices,
        budget=options.budget,
        fewest=options.fewest,
    )
    frames, described = _frames(options)
    report = benchmark(plan, frames, described, lambda text: print(text, file=sys.stderr))
    found = sections(report)
    print('\n\n'.join(found.values()))
    if options.json:
        options.json.write_text(json.dumps(report.to_json(), indent=1) + '\n')
    if options.plot:
        from enet_model.benchmark.plot import draw_plot

        draw_plot(report, options.plot)
    for document in options.document:
        if options.plot:
            link = Path(os.path.relpath(options.plot, document.parent)).as_posix()
            found['plot'] = f'![Published accuracy against measured speed]({link})'
        write_sections(document, found)


def _devices() -> list[str]:
    """Return the devices that there are and that start at once."""
    there = onnxruntime.get_available_providers()
    return [name for name in ('cpu', 'openvino', 'cuda') if PROVIDERS[name] in there]


def _frames(options: argparse.Namespace) -> tuple[list[NDArray[np.uint8]], str]:
    """Return frames from all over the data set, and what they are."""
    from enet_model.datasets.catalog import open_data_set

    data_set = open_data_set(options.data, options.root, options.split)
    frames = list(data_set.sample(options.frames))
    return frames, f'{len(frames)} of {options.data} {options.split}, scaled to each size'
