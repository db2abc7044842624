# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet export`: a checkpoint -> a model file for the node."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments, positive, size

HELP = 'write a checkpoint as a model file for the node'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('checkpoint', type=Path, help="checkpoint of 'enet train'")
    command.add_argument('output', type=Path, help='model file to write; .ckpt: the weights alone')
    command.add_argument(
        '--target',
        choices=('cpu', 'gpu', 'openvino', 'plain'),
        default='cpu',
        help='what it has to be fast on; plain is the usual form, for comparisons',
    )
    command.add_argument(
        '--size', type=size, help='width x height of frames; none is that of training, or 480x360'
    )
    add_data_arguments(command)
    command.add_argument(
        '--frames', type=positive(int), default=20, help='frames to compare with torch'
    )
    command.add_argument('--license', default='', help='licence of the weights, for the metadata')


def run(options: argparse.Namespace) -> None:
    """Write the model file, compared with torch on frames and with its score in it.

    A score on frames of its training is left out: there it would be taken for one on others.
    """
    if options.output.suffix == '.ckpt':
        from enet_model.deployment.weights import write_weights

        write_weights(options.checkpoint, options.output)
        print(f'{options.output}: {options.output.stat().st_size / 2**20:.2f} MiB')
        return
    from enet_model.datasets.catalog import open_data_set
    from enet_model.deployment.export import check_size, export
    from enet_model.evaluation.evaluate import evaluate, open_predictor
    from enet_model.resizing import fit
    from enet_model.training.checkpoint import load_checkpoint

    checkpoint = load_checkpoint(options.checkpoint)
    frame_size = options.size or checkpoint.size or (480, 360)
    check_size(frame_size)  # before the evaluation, which takes long
    frames = open_data_set(options.data, options.root, options.split)
    predict, spec = open_predictor(options.checkpoint)
    confusion = evaluate(predict, spec.names, frames)
    seen = spec.has_seen(frames.label_set.name, options.split)
    metrics = {
        f'{options.split}_mean_iou': round(confusion.mean_iou, 4),
        f'{options.split}_class_average': round(confusion.class_average, 4),
    }
    spec = dataclasses.replace(spec, license=options.license, metrics={} if seen else metrics)
    compared = (fit(frame, *frame_size) for frame in frames.sample(options.frames))
    parity = export(checkpoint.network, spec, options.output, frame_size, compared, options.target)
    print(
        f'{options.output}: {options.split} mean IoU {confusion.mean_iou:.1%}'
        f'{", of frames of its training" if seen else ""}; '
        f'{parity.changed_labels} of {parity.compared_labels} labels and '
        f'{parity.logit_error:.1g} in the logits differ from torch'
    )
