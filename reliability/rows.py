# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A row of the table: a fault, what has to hold, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Outcome(NamedTuple):
    """What a row has measured, in words with figures, and whether it holds what is required."""

    measured: str
    holds: bool


@dataclass(frozen=True)
class Row:
    """A fault that the node has to survive."""

    name: str
    fault: str
    required: str
    run: Callable[[bool], Outcome]
    """Does it and measures; in the short form where True, for the tests."""
    mended: str = ''
    """What this row made us mend."""

    def outcome(self, short: bool) -> Outcome:
        """Run the row; a row that breaks off does not hold."""
        try:
            return self.run(short)
        except Exception as error:
            return Outcome(f'broke off: {type(error).__name__}: {error}', False)


def table(results: Iterable[tuple[Row, Outcome]]) -> str:
    """Return rows and outcomes as a table in Markdown."""
    head = '| row | fault | required | measured | holds | mended on the way |'
    lines = [
        f'| `{row.name}` | {row.fault} | {row.required} | {_cell(outcome.measured)} '
        f'| {"yes" if outcome.holds else "**no**"} | {row.mended} |'
        for row, outcome in results
    ]
    return '\n'.join([head, '|---|---|---|---|---|---|', *lines])


def _cell(text: str) -> str:
    return ' '.join(text.split()).replace('|', '\\|')
