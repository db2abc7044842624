# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet quantize`: a model file in lower precision, measured beside the one that it came from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments, check_folders_of, positive
from enet_model.segmenter import DEVICES, Segmenter

HELP = 'write a model file in lower precision'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('model', type=Path, help="model file of 'enet export --target gpu'")
    command.add_argument('output', type=Path, help='model file to write')
    command.add_argument(
        '--precision',
        choices=('fp16', 'int8'),
        default='fp16',
        help='fp16 is for GPUs; int8 for TensorRT, and for CPUs with instructions for it (VNNI). '
        'bf16 needs no file: OpenVINO takes it by itself on a CPU that has it',
    )
    add_data_arguments(command)
    command.add_argument(
        '--frames', type=positive(int), default=64, help='of train, for the ranges of int8'
    )
    command.add_argument('--device', choices=DEVICES, default='auto', help='to measure on')
    command.add_argument('--threads', type=int, default=0, help='of a CPU; 0 is one a core')
    command.add_argument('--json', type=Path, help='write the figures to a file')


def run(options: argparse.Namespace) -> None:
    """Write the model file; print scores, changed labels and speed of both."""
    import onnx

    from enet_model.datasets.catalog import open_data_set
    from enet_model.deployment.quantize import compare, to_fp16, to_int8
    from enet_model.evaluation.evaluate import check_classes
    from enet_model.resizing import fit

    check_folders_of(options.json)
    frames = open_data_set(options.data, options.root, options.split)
    before = Segmenter(options.model, options.device, options.threads)
    check_classes(before.spec.names, frames)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    if options.precision == 'fp16':
        model = onnx.load(options.model)
        to_fp16(model)
        onnx.save(model, options.output)
    else:
        training = open_data_set(options.data, options.root, 'train')
        seen = (
            fit(frame, before.width, before.height) for frame in training.sample(options.frames)
        )
        to_int8(options.model, options.output, seen)
    after = Segmenter(options.output, options.device, options.threads)
    result = compare(before, after, frames)
    print(
        f'{options.output}: {options.split} mean IoU {result.mean_iou_before:.2%} -> '
        f'{result.mean_iou_after:.2%}, {result.changed_labels:.2%} of the labels changed; '
        f'{result.ms_before:.1f} -> {result.ms_after:.1f} ms a frame on {result.device}, '
        f'{result.threads} threads'
    )
    if options.json:
        options.json.write_text(json.dumps(result.as_tree(), indent=1) + '\n')
