# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run rows and print their table; exit status 1 where one does not hold."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from enet_model.benchmark.document import write_sections
from enet_model.benchmark.machine import describe_machine
from enet_model.errors import UserError
from enet_ros.dds_profile import use_profile
from enet_ros.isolation import isolate
from reliability.catalog import SUITES
from reliability.rows import table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog='python -m reliability', description=__doc__)
    parser.add_argument('suite', choices=SUITES)
    parser.add_argument('--rows', default='', help='names of rows, with commas; all without it')
    parser.add_argument('--short', action='store_true', help='the short form, as in the tests')
    parser.add_argument('--document', type=Path, help='Markdown file that takes the table')
    options = parser.parse_args(arguments)
    rows = {row.name: row for row in SUITES[options.suite]}
    names = [name for name in options.rows.split(',') if name] or list(rows)
    unknown = [name for name in names if name not in rows]
    if unknown:
        parser.error(f'rows {", ".join(unknown)} came; wanted some of {", ".join(rows)}')
    results = []
    for name in names:
        print(f'{name}: {rows[name].fault}', file=sys.stderr, flush=True)
        start = time.monotonic()
        outcome = rows[name].outcome(options.short)
        results.append((rows[name], outcome))
        verdict = 'holds' if outcome.holds else 'DOES NOT HOLD'
        seconds = time.monotonic() - start
        print(f'  {verdict} ({seconds:.0f} s): {outcome.measured}', file=sys.stderr, flush=True)
    text = f'{table(results)}\n\nOn {describe_machine()}.'
    print(text)
    if options.document is not None:
        try:
            write_sections(options.document, {options.suite: text})
        except (OSError, UserError) as error:
            print(f'{options.document}: {error}', file=sys.stderr)
            return 1
    return 0 if all(outcome.holds for _, outcome in results) else 1


if __name__ == '__main__':
    isolate(os.environ)
    use_profile(os.environ)  # the camera's side needs room for large images
    sys.exit(main())
