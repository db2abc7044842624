# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Draw the scores of trainings that began where the one before ended, or of a single one.

    python -m tools.draw_training runs/long runs/mixed --output docs/training.png

reads what `enet train` has logged for TensorBoard, and the recipe in its last checkpoint.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from enet_model.training.checkpoint import read_checkpoint


@dataclass(frozen=True)
class Run:
    """The scores of a training."""

    name: str
    scores: NDArray[np.float64]
    """Rows of a number of passes through the data, and the mean IoU on val after them, per cent."""
    passes: int
    """Those of the whole run; its end need not have been scored, if it was stopped."""


def read_run(folder: Path) -> Run:
    """Read log and last checkpoint of a run; ValueError where it has no scores."""
    events = EventAccumulator(str(folder / 'log'), {'scalars': 0}).Reload()
    if not {'epoch', 'val/mean_iou'} <= set(events.Tags()['scalars']):
        raise ValueError(f'{folder}: has no log with scores; name a folder of enet train')
    last = read_checkpoint(folder / 'last.ckpt')
    # Older recipes have no such setting.
    passes = last['hyper_parameters']['recipe']['data'].get('passes', 1)
    epoch_at = {event.step: event.value for event in events.Scalars('epoch')}
    scored = events.Scalars('val/mean_iou')
    scores = np.array([((epoch_at[e.step] + 1) * passes, 100 * e.value) for e in scored])
    return Run(folder.name, scores, (last['epoch'] + 1) * passes)


def draw(runs: Sequence[Run]) -> Figure:
    """Return the figure of runs, one behind the other."""
    figure = Figure(figsize=(9, 4), layout='constrained')
    axes = figure.add_subplot(
        xlabel='passes through the training frames', ylabel='mean IoU on val, averaged weights [%]'
    )
    begin = 0
    for run in runs:
        passes, values = run.scores.T
        axes.plot(begin + passes, values, 'o-', label=run.name)
        begin += run.passes
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right')
    return figure


def main() -> None:
    """Draw the runs that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('runs', type=Path, nargs='+', help='folders of enet train, in order')
    parser.add_argument('--output', type=Path, required=True, help='picture to write')
    options = parser.parse_args()
    draw([read_run(folder) for folder in options.runs]).savefig(options.output, dpi=100)


if __name__ == '__main__':
    main()
