# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node prints for `ros2 run enet_ros <node> --help`."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable, Sequence

_WIDTH = 90


def asked(arguments: Sequence[str] | None) -> bool:
    """Tell whether help is wanted; None are the arguments of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    own = words[: words.index('--ros-args')] if '--ros-args' in words else words
    return bool({'-h', '--help'}.intersection(own))


def usage(node: str, purpose: str, parameters: Iterable[tuple[str, object, str]]) -> str:
    """Return how to start a node, and its parameters: name, default and text of each."""
    lines = [
        f'usage: ros2 run enet_ros {node} [--ros-args [-r NAME:=NAME] [-p PARAMETER:=VALUE] ...]',
        '',
        purpose,
        '',
        'parameters:',
    ]
    for name, default, text in parameters:
        lines.append(f'  {name} (default: {json.dumps(default)})')
        lines += textwrap.wrap(text, _WIDTH, initial_indent=' ' * 6, subsequent_indent=' ' * 6)
    return '\n'.join(lines)
