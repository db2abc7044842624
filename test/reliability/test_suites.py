# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every row of `make fuzz` and `make soak` in its short form; times are not judged here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
pytest.importorskip('onnx', reason='the models are made with onnx: pip install onnx')

if TYPE_CHECKING:
    from reliability.rows import Outcome

ROOT = Path(__file__).parents[2]
_AT_A_TIME = 2

# What a row says that goes well, times left out.
SAID = {
    'fuzzed_decoder': r'5,000 messages: .* 0 exceptions of other kinds; 0 deaths',
    'fuzzed_node': r' 0 exceptions of other kinds; 0 deaths; the next good frame was labelled',
    'damaged_files': r'3 bombs came, .* 0 exceptions of other kinds; .* the next good file was',
    'bad_models': r'^17 files .*, 0 not refused',
    'junk_parameters': r'^60 sets, 0 not refused with one line; all values kept; .* is survived',
    'many_frames': r'^60 frames, all labelled; from frame 20 on .* MiB \S+ MiB$',
    'overload': r'Hz were labelled, \d+ frames missed; age p99 \d+ ms',
    'lost_camera': r'^stale after .*; first result \d',
    'signals': r'; 0 with another status than 0 or a traceback;',
    'killed': r'^1 times: results again after \d',
    'failing_frames': r'^[1-9]\d* failures .*: survived; 30 in a row: status 1, with 1 line',
    'slow_subscriber': r'^latency p99 \S+ ms without it, \S+ ms with it',
    'clocks': r'^no clock: [1-9].*; a clock: [1-9].*; an hour later: [1-9].*; 3 jumps told',
}


@pytest.fixture(scope='module')
def outcomes() -> Iterator[dict[str, Outcome]]:
    """Return what the short forms have measured, run side by side."""
    from enet_ros.dds_profile import VARIABLES, profile_file
    from reliability.catalog import FUZZ, SOAK

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(_AT_A_TIME) as pool:
        for name in VARIABLES:
            patch.setitem(os.environ, name, str(profile_file()))
        rows = [*FUZZ, *SOAK]
        found = pool.map(lambda row: row.outcome(short=True), rows)
        yield {row.name: outcome for row, outcome in zip(rows, found, strict=True)}


@pytest.mark.parametrize('name', SAID)
def test_a_row_in_its_short_form(outcomes: dict[str, Outcome], name: str) -> None:
    assert re.search(SAID[name], outcomes[name].measured), outcomes[name].measured


def test_every_row_is_looked_at(outcomes: dict[str, Outcome]) -> None:
    assert set(outcomes) == set(SAID)


def test_the_respawn_delay_is_that_of_launch() -> None:
    from reliability.killed import RESPAWN_DELAY

    launch = (ROOT / 'launch' / 'segment.launch.py').read_text()
    assert f'\nRESPAWN_DELAY = {RESPAWN_DELAY}\n' in launch
