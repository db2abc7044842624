# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet adapt`: somebody else's segmentation network -> a model file for the node."""

from __future__ import annotations

import argparse
from pathlib import Path

from enet_model.commands.arguments import size

HELP = "make a model file of somebody else's ONNX network"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('network', type=Path, help='ONNX file: float [1, 3, H, W] in, scores out')
    command.add_argument('output', type=Path, help='model file to write')
    command.add_argument(
        '--classes', type=Path, required=True, help='YAML file of its classes, in their order'
    )
    for name, default in (('mean', 0.0), ('std', 1.0)):
        command.add_argument(
            f'--{name}',
            type=float,
            nargs=3,
            default=(default,) * 3,
            metavar=('RED', 'GREEN', 'BLUE'),
            help='that it was trained with, in units of --range',
        )
    command.add_argument(
        '--range', type=int, choices=(1, 255), default=1, help='largest value of a pixel for it'
    )
    command.add_argument(
        '--color-order', choices=('rgb', 'bgr'), default='rgb', help='that it takes'
    )
    command.add_argument(
        '--scores', default='', help='name of the tensor of its scores, where it has many outputs'
    )
    command.add_argument('--size', type=size, help='width x height, where the file leaves it open')
    command.add_argument('--license', default='', help='licence of the weights, for the metadata')


def run(options: argparse.Namespace) -> None:
    """Write the model file, compared with the network on a noise image."""
    from enet_model.class_file import load_classes
    from enet_model.deployment.adapt import adapt, write
    from enet_model.deployment.adapt_parity import compare
    from enet_model.deployment.adapt_source import Foreign
    from enet_model.segmenter import Segmenter
    from enet_model.spec import ModelSpec, Normalization

    label_set = load_classes(options.classes)
    mean, std = (
        tuple(value / options.range for value in values) for values in (options.mean, options.std)
    )
    normalization = Normalization(mean, std)
    spec = ModelSpec(
        label_set.classes,
        data_set=label_set.name,
        license=options.license,
        normalization=normalization,
    )
    bgr = options.color_order == 'bgr'
    foreign = Foreign.open(options.network, options.size, options.scores)
    model = adapt(foreign, spec, bgr=bgr)
    parity = compare(foreign, model, normalization, bgr=bgr)
    write(model, options.output)
    segmenter = Segmenter(options.output, 'cpu')
    print(
        f'{options.output}: {segmenter.width}x{segmenter.height}, {len(spec.classes)} classes; '
        f'{parity.changed_labels} of {parity.compared_labels} labels differ from the network '
        'on a noise image'
    )
