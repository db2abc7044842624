# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from dataclasses import replace

import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.benchmark import tables
from enet_model.benchmark.report import Report


def test_machine_says_where_and_how(report: Report) -> None:
    text = tables.machine(report)
    assert text.startswith('Machine: Processor, 2 cores, avx2;')
    assert '8 of camvid val' in text
    assert '3 turns' in text
    assert '1.5 s' in text


def test_speed_stands_beside_the_paper(report: Report) -> None:
    lines = tables.speed(report).splitlines()
    assert lines[0] == '| ms (frames a second) | 640x360 | 1280x720 |'
    assert lines[2:5] == [
        '| SegNet, 1 thread | 5000 (0.2) | 20000 (0.1) |',
        '| ENet, 1 thread | 100.0 (10.0) | 400.0 (2.5) |',
        '| times faster, 1 thread | 50.0 | 50.0 |',
    ]
    assert '| *ENet in the paper, Titan X* | 7 (135.4) | 21 (46.8) |' in lines
    assert '| *SegNet in the paper, Jetson TX1* | 1251 (0.8) |  |' in lines


def test_requirements_with_the_ratios(report: Report) -> None:
    assert tables.requirements(report).splitlines()[2:] == [
        '| SegNet | 300.00 (286.03) | 33.55 M (29.46 M) | 64.0 (56.2) |',
        '| ENet | 4.00 (3.83) | 0.52 M (0.37 M) | 1.0 (0.7) |',
        '| times less | 75 (75) | 64 (79) |  |',
    ]


def test_forms_with_the_labels_that_changed(report: Report) -> None:
    lines = tables.forms(report).splitlines()
    assert lines[2] == '| 640x360, 1 thread | 200.0 | 100.0 | 2.00 | 3 of 230,400 |'
    assert len(lines) == 6


def test_profile_of_both_graphs(report: Report) -> None:
    assert tables.profile(report).splitlines() == [
        '| operator (640x360, 1 thread) | MaxUnpool graph, ms | shipped graph, ms |',
        '| --- | --- | --- |',
        '| Conv | 60.0 | 59.0 |',
        '| PRelu | 99.0 |  |',
        '| MaxPool |  | 40.3 |',
        '| MaxUnpool | 40.0 |  |',
        '| others | 0.0 | 0.7 |',
        '| **all** | **199.0** | **100.0** |',
    ]


def test_limit_and_how_close_enet_comes(report: Report) -> None:
    assert tables.limit(report).splitlines()[2:] == [
        '| 1 | 80 | 60 | 50% | 50% |',
        '| 2 | 100 | 160 | 50% | 50% |',
    ]


def test_networks_in_a_table_for_each_number_of_threads(report: Report) -> None:
    first, second = tables.networks(report).split('\n\n')
    line = '| ENet | 4.00 | 0.52 M | 100.0 | 400.0 | 50% | 58.3 (arXiv 1) |'
    assert first.splitlines()[2] == line
    assert second.startswith('| 2 threads |')


def test_every_row_has_its_spread(report: Report) -> None:
    lines = tables.every_row(report).splitlines()
    assert len(lines) == 2 + len(report.rows)
    assert lines[2] == '| ENet | cpu | 640x360 | 1 | CPU | fp32 | 100.0 | 10.0 | 10.0 | 7 |'


def test_sections_without_rows_are_left_out(report: Report) -> None:
    assert set(tables.sections(report)) == {
        *('machine', 'speed', 'requirements', 'forms', 'profile', 'limit', 'networks', 'rows')
    }
    rows = tuple(row for row in report.rows if row.model == 'segnet')
    alone = replace(report, rows=rows, profiles=())
    assert {'speed', 'forms', 'profile'}.isdisjoint(tables.sections(alone))
