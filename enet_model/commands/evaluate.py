# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet evaluate`: a checkpoint or a model file on a data set -> scores and pictures."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from enet_model.commands.arguments import add_data_arguments, check_folders_of, picture
from enet_model.segmenter import BUNDLED_MODEL

HELP = 'measure a checkpoint or a model file'


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument('model', type=Path, nargs='?', default=BUNDLED_MODEL, help='ONNX or ckpt')
    add_data_arguments(command)
    command.add_argument('--json', type=Path, help='write the scores to a file')
    command.add_argument('--confusion', type=picture, help='draw the confusion matrix')
    command.add_argument('--worst', type=picture, help='draw the worst frames, a contact sheet')


def run(options: argparse.Namespace) -> None:
    """Print the scores, and write what was asked for."""
    from enet_model.datasets.catalog import open_data_set
    from enet_model.evaluation.cityscapes_scores import CityscapesScores, why_not
    from enet_model.evaluation.confusion_picture import draw_confusion
    from enet_model.evaluation.evaluate import Observer, evaluate, open_predictor, scores, table
    from enet_model.evaluation.worst_frames import WorstFrames
    from enet_model.label_sets import CITYSCAPES

    check_folders_of(options.json, options.confusion, options.worst)
    frames = open_data_set(options.data, options.root, options.split)
    predict, spec = open_predictor(options.model)
    names, seen = spec.names, spec.has_seen(frames.label_set.name, options.split)
    worst = WorstFrames(frames)
    observers: list[Observer] = [worst] if options.worst else []
    obstacle = why_not(frames) if frames.label_set is CITYSCAPES else ''
    with tempfile.TemporaryDirectory(prefix='enet_evaluate_') as folder:
        scorable = frames.label_set is CITYSCAPES and not obstacle
        official = CityscapesScores(frames, Path(folder)) if scorable else None
        if official:
            observers.append(official)
        confusion = evaluate(predict, names, frames, observers)
        result = {
            'model': str(options.model),
            'data_set': frames.label_set.name,
            'split': options.split,
            'frames': len(frames),
            'seen_in_training': seen,
            **scores(confusion, names),
        }
        if official:
            result['cityscapes'] = official.score()
    print(f'{options.model} on {options.data} {options.split}, {len(frames)} frames')
    print(table(result))
    if seen:
        print('the network was trained on these frames: expect less on others')
    if obstacle:
        print(f'without official scores: {obstacle}')
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + '\n')
    if options.confusion:
        draw_confusion(confusion, names).savefig(options.confusion)
    if options.worst:
        worst.write(options.worst)
