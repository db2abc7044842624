# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes as processes of their own, as launch starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start_process(module: str, *parameters: str, namespace: str = '/') -> subprocess.Popen[str]:
    """Start a node of the source tree with parameters ``name:=value``; its output is piped."""
    arguments = ['-r', f'__ns:={namespace}']
    for parameter in parameters:
        arguments += ['-p', parameter]
    return subprocess.Popen(
        [sys.executable, '-m', module, '--ros-args', *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
