# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Accuracy against speed, as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from enet_model.benchmark.published import PAPER_SIZE
from enet_model.benchmark.report import Report


def draw_plot(report: Report, path: Path) -> None:
    """Draw the published mean IoU of every network over its measured time into a picture file.

    At 640 x 360 where that was measured, otherwise at the smallest size; with all threads.
    """
    size = PAPER_SIZE if PAPER_SIZE in report.sizes else report.sizes[0]
    threads = report.threads[-1]
    figure = Figure(figsize=(8, 5), layout='constrained')
    axes = figure.add_subplot()
    points = [
        (row, network)
        for name, network in report.networks.items()
        if (row := report.find(name, size, threads))
    ]
    points.sort(key=lambda point: (-point[1].published_iou, point[0].median_ms))
    for index, (row, network) in enumerate(points):
        color = 'C3' if row.model == 'enet' else 'C0'
        axes.scatter(row.median_ms, network.published_iou, s=70, color=color)
        above = index % 2 == 0  # in turns, so that the texts of neighbours do not meet
        axes.annotate(
            f'{network.title}, {row.fps:.1f} frames/s',
            (row.median_ms, network.published_iou),
            xytext=(0, 8 if above else -8),
            textcoords='offset points',
            ha='center',
            va='bottom' if above else 'top',
            fontsize=9,
            color=color,
        )
    axes.set_xscale('log')
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.28, y=0.15)  # room for the texts around the outer points
    axes.grid(alpha=0.3)
    axes.set_xlabel(
        f'measured: milliseconds for a frame of {size[0]} x {size[1]}, {threads} threads of '
        f'{report.machine.processor}'
    )
    axes.set_ylabel('published, not measured here:\nmean IoU on Cityscapes test [%]')
    axes.set_title('Accuracy against speed')
    figure.savefig(path, dpi=120)
