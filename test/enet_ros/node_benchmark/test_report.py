# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import math
import re
from dataclasses import replace

from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.report import profile_table, rate_table, transport_table
from enet_ros.node_benchmark.results import Result

STAGES = {
    **{'receive': 1.5, 'decode': 0.25, 'resize': 0.5, 'inference': 40.0},
    **{'mask': 0.75, 'publish': 0.5, 'other outputs': 0.1},
}
RESULT = Result(
    case=Case(640, 360, 30.0, cameras=3, model='/models/other.onnx', device='cpu'),
    sent_rate=29.8,
    heard_share=0.5,
    age_median=45.4,
    age_p99=99.6,
    processor={'node': 1.75, 'cameras': 0.125, 'listener': 0.01},
    stages=STAGES,
    own_time=2.0,
)


def cells(table: str) -> list[list[str]]:
    """Return the rows of a Markdown table, all of one length."""
    rows = [[cell.strip() for cell in row.strip('|').split('|')] for row in table.splitlines()]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(re.fullmatch('---:?', cell) for cell in rows[1])
    return [rows[0], *rows[2:]]


def test_the_profile_adds_up_what_the_node_adds() -> None:
    head, row = cells(profile_table([(RESULT, 0.4)]))
    found = dict(zip(head, row, strict=True))
    assert found['images'] == '640x360'
    assert found['model'] == 'other.onnx'
    assert found['inference'] == '40.00'
    assert found['deserialise'] == '0.40'
    assert found['beyond inference'] == '**2.4** (6%)'


def test_rates_are_those_of_each_camera() -> None:
    head, row = cells(rate_table([RESULT]))
    found = dict(zip(head, row, strict=True))
    assert (found['cameras'], found['sent [Hz]'], found['labelled [Hz]']) == ('3', '29.8', '14.9')
    assert found['not labelled'] == '50%'
    assert (found['age p99 [ms]'], found['bound [ms]']) == ('99.6', '150')


def test_the_processor_shares_follow_the_ages() -> None:
    row = cells(rate_table([RESULT]))[1]
    assert row[-3:] == ['175%', '12%', '1%']


def test_a_bundled_model_is_called_so() -> None:
    case = Case(640, 360, 30.0)
    result = Result(case, 30.0, 1.0, 1.0, 1.0, RESULT.processor, STAGES, 1.0)
    assert cells(rate_table([result]))[1][1:3] == ['bundled', 'auto']


def test_where_nothing_was_heard_there_is_no_age() -> None:
    lost = replace(RESULT, heard_share=0.0, age_median=math.nan, age_p99=math.nan)
    _, row = cells(transport_table([('UDP', lost)]))
    assert row[3:] == ['100.0%', '-', '-']


def test_transports_tell_what_is_lost() -> None:
    _, row = cells(transport_table([('UDP', RESULT)]))
    assert row == ['UDP', '640x360', '29.8', '50.0%', '45.4', '99.6']
