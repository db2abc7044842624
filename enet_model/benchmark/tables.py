# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A report as Markdown, one section a question; `--document` writes them between markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from enet_model.benchmark.published import (
    PAPER_COST,
    PAPER_FPS,
    PAPER_MS,
    PAPER_RATIOS,
    PAPER_SIZE,
)
from enet_model.benchmark.report import Report, Row, Size


def sections(report: Report) -> dict[str, str]:
    """Return every section by name; one without rows to show is left out."""
    found = {
        'machine': machine(report),
        'speed': speed(report),
        'requirements': requirements(report),
        'forms': forms(report),
        'profile': profile(report),
        'limit': limit(report),
        'networks': networks(report),
        'rows': every_row(report),
    }
    return {name: text for name, text in found.items() if text}


def machine(report: Report) -> str:
    """Say where and how it was measured."""
    return (
        f'Machine: {report.machine}.\n\n'
        f'Frames: {report.frames}. All models of a size and number of threads run in turns, '
        f'{report.fewest} turns of one frame or more, about {report.budget:g} s a model in all, '
        'after a frame to warm up. Times are medians, from the frame in memory to its labels and '
        'confidence; the spread is the range of the middle half.'
    )


def speed(report: Report) -> str:
    """Return table 2 of the paper: ENet beside SegNet, and what the paper measured."""
    sizes = report.sizes
    lines = []
    for threads in report.threads:
        rows = {name: [report.find(name, s, threads) for s in sizes] for name in PAPER_COST}
        if not any(rows['enet']):
            continue
        lines += [
            [f'{title}, {_threads(threads)}', *map(_ms_and_fps, rows[name])]
            for title, name in (('SegNet', 'segnet'), ('ENet', 'enet'))
            if any(rows[name])
        ]
        if any(rows['segnet']):
            pairs = zip(rows['segnet'], rows['enet'], strict=True)
            lines.append([f'times faster, {_threads(threads)}', *(_ratio(a, b) for a, b in pairs)])
    if not lines:
        return ''
    for title, name in (('SegNet', 'segnet'), ('ENet', 'enet')):
        for device in ('Jetson TX1', 'Titan X'):
            speeds = [_paper_speed(name, device, size) for size in sizes]
            if any(speeds):
                lines.append([f'*{title} in the paper, {device}*', *speeds])
    return table(['ms (frames a second)', *map(_size, sizes)], lines)


def requirements(report: Report) -> str:
    """Return table 3 of the paper: operations, parameters, size; the paper's figures beside."""
    lines = []
    for title, name in (('SegNet', 'segnet'), ('ENet', 'enet')):
        network = report.networks[name]
        millions = network.parameters / 1e6
        counts = network.gflops[PAPER_SIZE], millions, network.half_precision_mib
        lines.append([title, *_both(counts, PAPER_COST[name])])
    segnet, enet = report.networks['segnet'], report.networks['enet']
    operations = segnet.gflops[PAPER_SIZE] / enet.gflops[PAPER_SIZE]
    parameters = segnet.parameters / enet.parameters
    lines.append(
        [
            'times less',
            f'{operations:.0f} ({PAPER_RATIOS[0]})',
            f'{parameters:.0f} ({PAPER_RATIOS[1]})',
            '',
        ]
    )
    head = [f'at {_size(PAPER_SIZE)} (paper)', 'GFLOPs', 'parameters', 'half precision, MiB']
    return table(head, lines)


def forms(report: Report) -> str:
    """Show what the form of the graph is worth, and that it labels alike."""
    changes = {(change.width, change.height): change for change in report.label_changes}
    lines = []
    for size in report.sizes:
        for threads in report.threads:
            plain = report.find('enet_maxunpool', size, threads)
            shipped = report.find('enet', size, threads)
            if plain and shipped:
                change = changes[size]
                lines.append(
                    [
                        f'{_size(size)}, {_threads(threads)}',
                        f'{plain.median_ms:.1f}',
                        f'{shipped.median_ms:.1f}',
                        f'{plain.median_ms / shipped.median_ms:.2f}',
                        f'{change.changed} of {change.compared:,}',
                    ]
                )
    head = ['', 'MaxUnpool graph, ms', 'shipped graph, ms', 'times faster', 'labels changed']
    return table(head, lines) if lines else ''


def profile(report: Report) -> str:
    """Show where both forms of ENet's graph spend a frame; what is short in both is summed up."""
    if not report.profiles:
        return ''
    plain, shipped = (found.milliseconds for found in report.profiles)
    totals = sum(plain.values()), sum(shipped.values())
    kinds = sorted({*plain, *shipped}, key=lambda kind: -plain.get(kind, 0) - shipped.get(kind, 0))
    lines = []
    rest = [0.0, 0.0]
    for kind in kinds:
        times = plain.get(kind, 0.0), shipped.get(kind, 0.0)
        if all(time < 0.01 * total for time, total in zip(times, totals, strict=True)):
            rest = [before + time for before, time in zip(rest, times, strict=True)]
        else:
            lines.append([kind, *(f'{time:.1f}' if time else '' for time in times)])
    lines.append(['others', *(f'{time:.1f}' for time in rest)])
    lines.append(['**all**', *(f'**{total:.1f}**' for total in totals)])
    first = report.profiles[0]
    where = f'{_size((first.width, first.height))}, {_threads(first.threads)}'
    return table([f'operator ({where})', 'MaxUnpool graph, ms', 'shipped graph, ms'], lines)


def limit(report: Report) -> str:
    """Show what the machine can do, and how close ENet comes."""
    lines = []
    for found in report.limits:
        rows = [report.find('enet', size, found.threads) for size in report.sizes]
        shares = [report.share_of_limit(row) if row else None for row in rows]
        lines.append(
            [
                str(found.threads),
                f'{found.product:.0f}',
                f'{found.convolution:.0f}',
                *('' if share is None else f'{share:.0%}' for share in shares),
            ]
        )
    reached = [f'ENet at {_size(size)}' for size in report.sizes]
    return table(['threads', 'product, GFLOP/s', 'convolution, GFLOP/s', *reached], lines)


def networks(report: Report) -> str:
    """Show every network beside its cost and what was published of it."""
    blocks = []
    for threads in report.threads:
        lines = []
        for name, network in report.networks.items():
            rows = [report.find(name, size, threads) for size in report.sizes]
            if not any(rows):
                continue
            paper_row = report.find(name, PAPER_SIZE, threads)
            share = report.share_of_limit(paper_row) if paper_row else None
            lines.append(
                [
                    network.title,
                    f'{network.gflops[PAPER_SIZE]:.2f}',
                    f'{network.parameters / 1e6:.2f} M',
                    *(f'{row.median_ms:.1f}' if row else '' for row in rows),
                    '' if share is None else f'{share:.0%}',
                    f'{network.published_iou:.1f} ({network.paper})',
                ]
            )
        head = [
            _threads(threads),
            f'GFLOPs at {_size(PAPER_SIZE)}',
            'parameters',
            *(f'{_size(size)}, ms' for size in report.sizes),
            f'of the limit at {_size(PAPER_SIZE)}',
            'Cityscapes test, mean IoU, published',
        ]
        if lines:
            blocks.append(table(head, lines))
    return '\n\n'.join(blocks)


def every_row(report: Report) -> str:
    """Return everything that was timed, with its spread."""
    lines = [
        [
            row.title,
            row.form,
            _size(row.size),
            str(row.threads),
            row.provider.removesuffix('ExecutionProvider'),
            row.precision,
            f'{row.median_ms:.1f}',
            f'{row.iqr_ms:.1f}',
            f'{row.fps:.1f}',
            str(row.runs),
        ]
        for row in report.rows
    ]
    head = ['network', 'graph', 'size', 'threads', 'provider', 'precision']
    return table([*head, 'median, ms', 'spread, ms', 'frames/s', 'runs'], lines)


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    rows = [head, ['---'] * len(head), *lines]
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in rows)


def _ms_and_fps(row: Row | None) -> str:
    return f'{row.median_ms:.{_decimals(row.median_ms)}f} ({row.fps:.1f})' if row else ''


def _decimals(milliseconds: float) -> int:
    return 1 if milliseconds < 1000 else 0


def _ratio(slow: Row | None, fast: Row | None) -> str:
    return f'{slow.median_ms / fast.median_ms:.1f}' if slow and fast else ''


def _paper_speed(name: str, device: str, size: Size) -> str:
    milliseconds = PAPER_MS[name, device].get(size)
    return f'{milliseconds} ({PAPER_FPS[name, device][size]})' if milliseconds else ''


def _both(counts: tuple[float, float, float], paper: tuple[float, float, float]) -> list[str]:
    operations, parameters, size = counts
    return [
        f'{operations:.2f} ({paper[0]})',
        f'{parameters:.2f} M ({paper[1]} M)',
        f'{size:.1f} ({paper[2]})',
    ]


def _size(size: Size) -> str:
    return f'{size[0]}x{size[1]}'


def _threads(threads: int) -> str:
    return '1 thread' if threads == 1 else f'{threads} threads'
