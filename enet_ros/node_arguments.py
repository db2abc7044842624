# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node is told on its command line, behind `--ros-args`."""

from __future__ import annotations

import json
from collections.abc import Mapping


def node_arguments(
    parameters: Mapping[str, object], remaps: Mapping[str, str] | None = None
) -> list[str]:
    """Return the arguments that set parameters and remap names (``__ns`` is the namespace).

    Values are written as JSON, which rcl reads as YAML: a string that looks like a number stays a
    string, and numbers and lists keep their types. A path is a string.
    """
    words = []
    for name, value in parameters.items():
        words += ['-p', f'{name}:={json.dumps(value, ensure_ascii=False, default=str)}']
    for old, new in (remaps or {}).items():
        words += ['-r', f'{old}:={new}']
    return words
