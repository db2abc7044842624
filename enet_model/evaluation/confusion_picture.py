# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A confusion matrix as a picture: which class is taken for which."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from enet_model.evaluation.metrics import ConfusionMatrix

_CELL = 0.45  # inches
_MARGIN = 2.2  # inches, for names and title
_LEAST_SHARE = 0.005  # smaller ones round to 0 per cent and stay without a number


def draw_confusion(confusion: ConfusionMatrix, names: tuple[str, ...]) -> Figure:
    """Return the figure: rows are true classes, columns predictions, cells per cent of the row.

    Pixels predicted as no class have a column of their own where there are any.
    """
    counts, columns = confusion.counts, (*names, 'no class')
    if not counts[:, -1].any():
        counts, columns = counts[:, :-1], names
    totals = confusion.counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)

    figure = Figure(
        (_CELL * len(columns) + _MARGIN, _CELL * len(names) + _MARGIN), layout='constrained'
    )
    axes = figure.add_subplot(
        title='Where the pixels of each class go, per cent',
        xlabel='predicted',
        ylabel='true',
    )
    axes.imshow(shares, cmap='Blues', vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(names)), names)
    for (row, column), share in np.ndenumerate(shares):
        if share >= _LEAST_SHARE:
            color = 'white' if share > 0.5 else 'black'
            axes.text(column, row, f'{100 * share:.0f}', ha='center', va='center', color=color)
    return figure
