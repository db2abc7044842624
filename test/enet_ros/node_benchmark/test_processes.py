# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import os
import time
from pathlib import Path

import pytest

from enet_ros.node_benchmark import processes
from enet_ros.node_benchmark.processes import BenchmarkError, Processes


def test_a_process_that_ends_is_told_of() -> None:
    with Processes(os.environ) as children:
        children.start('cameras', 'no_such_module')
        with pytest.raises(BenchmarkError, match='process cameras has ended'):
            children.wait_until_ready('cameras')


def test_a_process_that_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silent = tmp_path / 'python'
    silent.write_text('#!/bin/sh\nexec sleep 60\n')
    silent.chmod(0o755)
    monkeypatch.setattr(processes, 'PATIENCE', 0.0)
    monkeypatch.setattr(processes.sys, 'executable', str(silent))
    with Processes(os.environ) as children:
        children.start('listener', 'listener_process')
        with pytest.raises(BenchmarkError, match='no result within 0 s'):
            children.wait_until_ready('listener')


def test_processor_time_is_that_of_the_process() -> None:
    before, start = processes._processor_seconds(os.getpid()), time.process_time()
    while time.process_time() - start < 0.1:
        sum(range(1000))
    spent = processes._processor_seconds(os.getpid()) - before
    assert 0.05 <= spent <= time.process_time() - start + 0.05
