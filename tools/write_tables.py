# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write the tables of the README that the code knows best: `make documents`.

Topics, services, parameters and commands come from the code; the accuracy of the bundled network,
for the README and for the card of the weights, from what `enet evaluate --json FILE` has written,
where --evaluation names it. ``test/test_documents.py`` fails where the README is not what this
writes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from enet_model import cli
from enet_model.benchmark.document import write_sections
from enet_ros import topics
from enet_ros.parameters import PARAMETERS, Parameter

README = Path(__file__).parents[1] / 'README.md'
MODEL_CARD = README.parent / 'enet_model' / 'weights' / 'README.md'


def sections() -> dict[str, str]:
    """Return the text between each pair of markers, but for what was measured."""
    return {
        'inputs': topic_table(topics.INPUTS),
        'outputs': topic_table(topics.OUTPUTS),
        'services': _table(
            ('service', 'type', 'what'),
            ((f'`~/{s.name}`', _short(s.type), s.text) for s in topics.SERVICES),
        ),
        'parameters': _table(
            ('name', 'default', 'takes', 'what'), (_row(parameter) for parameter in PARAMETERS)
        ),
        'commands': command_table(),
    }


def topic_table(listed: Iterable[topics.Topic]) -> str:
    """Return topics with type and quality of service."""
    return _table(
        ('topic', 'type', 'QoS', 'content'),
        ((f'`{t.name}`', _short(t.type), t.quality.value, t.text) for t in listed),
    )


def command_table() -> str:
    """Return the commands of `enet` with their one-line help."""
    helps = ((f'`enet {name}`', text) for name, text in cli.helps().items())
    return _table(('command', 'what'), helps)


def accuracy_table(scores: dict[str, Any]) -> str:
    """Return the scores of an evaluation, per cent."""
    rows: list[tuple[str, ...]] = [
        (name, _percent(row['iou']), _percent(row['accuracy']))
        for name, row in scores['classes'].items()
    ]
    mean = (_percent(scores['mean_iou']), _percent(scores['class_average']))
    rows.append(('**mean**', *(f'**{value}**' for value in mean)))
    accuracy = _percent(scores['global_accuracy'])
    return f'{_table(("class", "IoU", "accuracy"), rows)}\n\nGlobal accuracy {accuracy}.'


def _row(parameter: Parameter) -> tuple[str, ...]:
    default = json.dumps(parameter.default) if parameter.default != '' else "''"
    takes = parameter.type.name.lower().replace('_array', '[]')
    if parameter.choices:
        takes = ', '.join(f'`{choice}`' for choice in parameter.choices)
    elif parameter.limits:
        takes += ' {:g} to {:g}'.format(*parameter.limits)
    elif parameter.lengths:
        takes += f' of {" or ".join(map(str, parameter.lengths))}'
    text = f'{parameter.text}; fixed at the start' if parameter.fixed else parameter.text
    return f'`{parameter.name}`', f'`{default}`', takes, text


def _short(interface: str) -> str:
    """Return package/Name of package/kind/Name, as the ROS documents write it."""
    package, _, name = interface.split('/')
    return f'{package}/{name}'


def _percent(share: float | None) -> str:
    return '-' if share is None else f'{share:.1%}'


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ('---',) * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def main() -> None:
    """Write the tables into the README and the card of the weights."""
    parser = argparse.ArgumentParser(prog='python -m tools.write_tables', description=__doc__)
    parser.add_argument(
        '--evaluation', type=Path, help='what `enet evaluate --json` wrote of the bundled network'
    )
    options = parser.parse_args()
    written = sections()
    if options.evaluation:
        accuracy = accuracy_table(json.loads(options.evaluation.read_text()))
        written['accuracy'] = accuracy
        write_sections(MODEL_CARD, {'accuracy': accuracy})
    print(f'{README.name}: {", ".join(write_sections(README, written))}', file=sys.stderr)


if __name__ == '__main__':
    main()
