# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The processes of a case: started, watched, their processor time read, ended."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from enet_model.errors import UserError
from enet_ros.node_benchmark.cases import READY

PATIENCE = 120.0
"""Time for the first result [s]: a model may take long to load."""
_ENDING = 20.0  # s for a process to write what it has noted


class BenchmarkError(UserError):
    """A case cannot be measured."""


class Processes:
    """Processes of this package that are ended, in reverse, whatever happens."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._children: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in reversed(list(self._children)):
            self.end(name)

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Start a module of this package."""
        self._children[name] = subprocess.Popen(
            [sys.executable, '-m', f'enet_ros.node_benchmark.{module}', *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self, name: str) -> None:
        """Wait until a process says so; BenchmarkError where one ends, or it takes too long."""
        output = self._children[name].stdout
        assert output is not None  # it is a pipe
        end = time.monotonic() + PATIENCE
        while not select.select([output], [], [], 0.2)[0]:
            self.check()
            if time.monotonic() > end:
                raise BenchmarkError(f'no result within {PATIENCE:g} s: see the messages above')
        if output.readline().strip() != READY:
            raise BenchmarkError(f'the process {name} has ended: see its message above')

    def check(self) -> None:
        """Raise BenchmarkError where a process has ended."""
        for name, child in self._children.items():
            if child.poll() is not None:
                raise BenchmarkError(
                    f'the process {name} has ended with status {child.returncode}: see its '
                    'message above'
                )

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time that each has used so far, in all its threads."""
        return {name: _processor_seconds(child.pid) for name, child in self._children.items()}

    def end(self, name: str) -> None:
        """End a process, which writes down what it has noted."""
        child = self._children.pop(name)
        child.send_signal(signal.SIGINT)
        try:
            child.communicate(timeout=_ENDING)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


def _processor_seconds(pid: int) -> float:
    """Return user and system time of a process (proc(5), /proc/pid/stat, fields 14 and 15)."""
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
