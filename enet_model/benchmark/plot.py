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
    for name, network in report.networks.items():
        row = report.find(name, size, threads)
        if row is None:
            continue
        own = name == 'enet'
        axes.scatter(row.median_ms, network.published_iou, s=70, color='C3' if own else 'C0')
        axes.annotate(
            f'{network.title}\n{row.fps:.1f} frames/s',
            (row.median_ms, network.published_iou),
            xytext=(8, -4),
            textcoords='offset points',
            fontsize=9,
            color='C3' if own else 'black',
        )
    axes.set_xscale('log')
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.margins(x=0.2, y=0.15)
    axes.grid(alpha=0.3)
    axes.set_xlabel(
        f'measured: milliseconds for a frame of {size[0]} x {size[1]}, {threads} threads of '
        f'{report.machine.processor}'
    )
    axes.set_ylabel('published, not measured here:\nmean IoU on Cityscapes test [%]')
    axes.set_title('Accuracy against speed')
    figure.savefig(path, dpi=120)
