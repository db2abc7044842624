# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet evaluate`: a checkpoint or a model file on a data set -> scores."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments
from enet_model.segmenter import BUNDLED_MODEL

HELP = 'measure a checkpoint or a model file'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('model', type=Path, nargs='?', default=BUNDLED_MODEL, help='ONNX or ckpt')
    add_data_arguments(command)
    command.add_argument('--json', type=Path, help='write the scores to a file')


def run(options: argparse.Namespace) -> None:
    """Print the scores."""
    from enet_model.datasets.catalog import open_data_set
    from enet_model.evaluation.evaluate import evaluate, open_predictor, scores, table

    frames = open_data_set(options.data, options.root, options.split)
    predict, names = open_predictor(options.model)
    result = scores(evaluate(predict, names, frames), names)
    print(f'{options.model} on {options.data} {options.split}, {len(frames)} frames')
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + '\n')
