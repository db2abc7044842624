# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of results, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from enet_ros.node_benchmark.results import Result

_STAGES = ('receive', 'decode', 'resize', 'inference', 'mask', 'publish')


def profile_table(profiles: Sequence[tuple[Result, float]]) -> str:
    """Return where the time of a frame goes, for each result and its time to deserialise [ms]."""
    rows = []
    for result, deserializing in profiles:
        stages, case = result.stages, result.case
        beyond = deserializing + result.own_time
        share = beyond / stages['inference']
        rows.append(
            (
                *(_size(result), case.encoding, *_engine(result)),
                *(f'{stages[stage]:.2f}' for stage in _STAGES),
                f'{deserializing:.2f}',
                f'**{beyond:.1f}** ({share:.0%})',
            )
        )
    head = ('images', 'encoding', 'model', 'device', *_STAGES, 'deserialise', 'beyond inference')
    return _table(head, rows, texts=4)


def rate_table(results: Sequence[Result]) -> str:
    """Return what becomes of the images at each rate."""
    rows = [
        (
            *(_size(result), *_engine(result), str(result.case.cameras)),
            f'{result.case.rate:g}',
            f'{result.sent_rate:.1f}',
            f'{result.sent_rate * result.heard_share:.1f}',
            f'{1 - result.heard_share:.0%}',
            _age(result.age_median),
            _age(result.age_p99),
            f'{result.age_bound:.0f}',
            *(f'{result.processor[name]:.0%}' for name in ('node', 'cameras', 'listener')),
        )
        for result in results
    ]
    head = (
        *('images', 'model', 'device', 'cameras', 'wanted [Hz]', 'sent [Hz]', 'labelled [Hz]'),
        *('not labelled', 'age median [ms]', 'age p99 [ms]', 'bound [ms]'),
        *('CPU of the node', 'of the cameras', 'of the listener'),
    )
    return _table(head, rows, texts=3)


def transport_table(results: Sequence[tuple[str, Result]]) -> str:
    """Return what becomes of large best-effort images under each transport."""
    rows = [
        (
            *(name, _size(result)),
            f'{result.sent_rate:.1f}',
            f'{1 - result.heard_share:.1%}',
            _age(result.age_median),
            _age(result.age_p99),
        )
        for name, result in results
    ]
    head = ('transport', 'images', 'sent [Hz]', 'lost', 'age median [ms]', 'age p99 [ms]')
    return _table(head, rows, texts=2)


def _size(result: Result) -> str:
    return f'{result.case.width}x{result.case.height}'


def _age(milliseconds: float) -> str:
    return '-' if math.isnan(milliseconds) else f'{milliseconds:.1f}'


def _engine(result: Result) -> tuple[str, str]:
    return Path(result.case.model).name or 'bundled', result.case.device


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """Return a table whose first ``texts`` columns are text and whose others are figures."""
    ruler = ['---'] * texts + ['---:'] * (len(head) - texts)
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in (head, ruler, *rows))
