# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command `enet`: train, evaluate, export, predict.

A half of the package is imported only when its command is called, so that labelling a picture
needs no torch. Bad input ends a command with status 1 and one line that says what to do.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.predict import Drawer, predict
from enet_model.segmenter import BUNDLED_MODEL, DEVICES, Segmentation, Segmenter
from enet_model.spec import ModelSpec


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (UserError, OSError) as error:
        print(f'enet {options.command}: {error}', file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f"enet {options.command}: needs {error.name}: pip install 'enet_model[train]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser('enet', description='ENet for semantic segmentation')
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name, add_arguments, run, help_text in (
        ('train', _train_arguments, _train, 'train a network, or go on with a training'),
        ('evaluate', _evaluate_arguments, _evaluate, 'measure a checkpoint or a model file'),
        ('export', _export_arguments, _export, 'write a checkpoint as a model file for the node'),
        ('predict', _predict_arguments, _predict, 'draw what a model sees in pictures'),
    ):
        command = commands.add_parser(
            name,
            help=help_text,
            description=help_text,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        add_arguments(command)
        command.set_defaults(run=run)
    return parser


def _train_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument('--config', type=Path, help='recipe; none is the one of the bundled model')
    command.add_argument('--output', type=Path, default=Path('runs/enet'), help='folder of the run')
    command.add_argument('--processes', type=int, default=1, help='on this machine, or GPUs')
    command.add_argument('--nodes', type=int, default=1, help='machines, started by torchrun')
    command.add_argument('--accelerator', default='auto', help='cpu, gpu or auto')
    command.add_argument(
        'changes', nargs='*', metavar='key=value', help='changes to the recipe: data.batch_size=8'
    )


def _train(options: argparse.Namespace) -> None:
    from enet_model.training.recipe import load_recipe
    from enet_model.training.train import train

    config = options.config or Path(__file__).parent / 'training' / 'recipes' / 'camvid.yaml'
    best = train(
        load_recipe(config, options.changes),
        options.output,
        options.processes,
        options.accelerator,
        options.nodes,
    )
    print(f'best on val: {best}')


def _data_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument('--data', default='camvid', help='name of the data set')
    command.add_argument('--root', default='', help='its folder; none is the variable CAMVID_ROOT')
    command.add_argument('--split', default='val', help='train, val or test')


def _evaluate_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument('model', type=Path, nargs='?', default=BUNDLED_MODEL, help='ONNX or ckpt')
    _data_arguments(command)
    command.add_argument('--json', type=Path, help='write the scores to a file')


def _evaluate(options: argparse.Namespace) -> None:
    from enet_model.datasets.catalog import open_data_set
    from enet_model.training.evaluate import evaluate, open_predictor, scores, table

    frames = open_data_set(options.data, options.root, options.split)
    predict, names = open_predictor(options.model)
    result = scores(evaluate(predict, names, frames), names)
    print(f'{options.model} on {options.data} {options.split}, {len(frames)} frames')
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + '\n')


def _export_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument('checkpoint', type=Path, help="checkpoint of 'enet train'")
    command.add_argument('output', type=Path, help='model file to write')
    command.add_argument('--size', type=_size, default=(480, 360), help='width x height of frames')
    _data_arguments(command)
    command.add_argument('--frames', type=int, default=20, help='frames to compare with torch')
    command.add_argument('--license', default='', help='licence of the weights, for the metadata')


def _export(options: argparse.Namespace) -> None:
    import cv2

    from enet_model.datasets.catalog import open_data_set
    from enet_model.deployment.export import export
    from enet_model.training.checkpoint import load_checkpoint
    from enet_model.training.evaluate import evaluate, open_predictor

    network, label_set = load_checkpoint(options.checkpoint)
    frames = open_data_set(options.data, options.root, options.split)
    predict, names = open_predictor(options.checkpoint)
    confusion = evaluate(predict, names, frames)
    spec = ModelSpec(
        label_set.classes,
        data_set=options.data,
        license=options.license,
        metrics={
            f'{options.split}_mean_iou': round(confusion.mean_iou, 4),
            f'{options.split}_class_average': round(confusion.class_average, 4),
        },
    )
    step = max(len(frames) // max(options.frames, 1), 1)
    compared = (cv2.resize(frames[i][0], options.size) for i in range(0, len(frames), step))
    parity = export(network, spec, options.output, options.size, compared)
    print(
        f'{options.output}: {options.split} mean IoU {confusion.mean_iou:.1%}; '
        f'{parity.changed_labels} of {parity.compared_labels} labels and '
        f'{parity.logit_error:.1g} in the logits differ from torch'
    )


def _predict_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument('input', type=Path, help='picture, folder of pictures or video')
    command.add_argument('output', type=Path, help='folder for the pictures that are drawn')
    command.add_argument('--model', type=Path, default=BUNDLED_MODEL, help='model file')
    command.add_argument('--device', choices=DEVICES, default='auto')
    command.add_argument('--opacity', type=_share, default=0.5, help='share of colour, 0 - 1')
    command.add_argument('--ground', action='store_true', help='draw the ground from above beside')
    command.add_argument('--camera-height', type=float, default=1.5, help='for --ground [m]')
    command.add_argument(
        '--camera-pitch', type=float, default=0.0, help='downwards, for --ground [deg]'
    )
    command.add_argument(
        '--camera-fov', type=float, default=50.0, help='across, for --ground [deg]'
    )


def _predict(options: argparse.Namespace) -> None:
    segmenter = Segmenter(options.model, options.device)
    drawer = _ground_drawer if options.ground else _overlay_drawer
    count = predict(segmenter, options.input, options.output, drawer(options, segmenter.spec))
    print(f'{count} pictures in {options.output}')


def _overlay_drawer(options: argparse.Namespace, spec: ModelSpec) -> Drawer:
    from enet_model import overlay

    return lambda frame, seen: overlay.draw(frame, seen.labels, spec.colors, options.opacity)


def _ground_drawer(options: argparse.Namespace, spec: ModelSpec) -> Drawer:
    # The one place at which this half uses the other: the geometry, which needs no ROS.
    from enet_ros.ground_picture import Viewpoint, draw_ground

    viewpoint = Viewpoint(
        options.camera_height, math.radians(options.camera_pitch), math.radians(options.camera_fov)
    )
    plane_of = functools.lru_cache(maxsize=1)(viewpoint.ground_plane)

    def draw(frame: NDArray[np.uint8], seen: Segmentation) -> NDArray[np.uint8]:
        try:
            plane = plane_of(frame.shape[1], frame.shape[0])
        except ValueError as error:
            raise UserError(str(error)) from error
        return draw_ground(frame, seen, spec, plane, options.opacity)

    return draw


def _share(text: str) -> float:
    share = float(text)
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError(f'{text} came; wanted 0 to 1')
    return share


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = map(int, text.split('x'))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} came; wanted WIDTHxHEIGHT, 480x360') from None
    return width, height


if __name__ == '__main__':
    sys.exit(main())
