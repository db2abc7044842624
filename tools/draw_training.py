# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Draw the scores of trainings that began where the one before ended, or of a single one.

    python -m tools.draw_training runs/long runs/mixed --output docs/training.png

reads what `enet train` has logged for TensorBoard.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

Scores = NDArray[np.float64]
"""Rows of an epoch, the first one 1, and the mean IoU on val at its end, per cent."""


def read_scores(run: Path) -> Scores:
    """Read the log of a run; ValueError where it has no scores."""
    events = EventAccumulator(str(run / 'log'), {'scalars': 0}).Reload()
    if not {'epoch', 'val/mean_iou'} <= set(events.Tags()['scalars']):
        raise ValueError(f'{run}: has no log with scores; name a folder of enet train')
    epoch_at = {event.step: event.value for event in events.Scalars('epoch')}
    return np.array([(epoch_at[e.step] + 1, 100 * e.value) for e in events.Scalars('val/mean_iou')])


def draw(runs: Sequence[tuple[str, Scores]]) -> Figure:
    """Return the figure of named runs, one behind the other."""
    figure = Figure(figsize=(9, 4), layout='constrained')
    axes = figure.add_subplot(xlabel='epochs', ylabel='mean IoU on val, averaged weights [%]')
    begin = 0.0
    for name, scores in runs:
        epochs, values = scores.T
        axes.plot(begin + epochs, values, 'o-', label=name)
        begin += epochs[-1]
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right')
    return figure


def main() -> None:
    """Draw the runs that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('runs', type=Path, nargs='+', help='folders of enet train, in order')
    parser.add_argument('--output', type=Path, required=True, help='picture to write')
    options = parser.parse_args()
    runs = [(run.name, read_scores(run)) for run in options.runs]
    draw(runs).savefig(options.output, dpi=100)


if __name__ == '__main__':
    main()
