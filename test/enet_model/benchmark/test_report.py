# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import json
from dataclasses import replace

import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")

from enet_model.benchmark.published import PAPER_COST
from enet_model.benchmark.report import Network, Report


def test_sizes_and_threads(report: Report) -> None:
    file = replace(report.rows[0], form='file', width=32, height=24)
    report = replace(report, rows=(*report.rows, file))
    assert report.sizes == ((640, 360), (1280, 720))
    assert report.threads == (1, 2)


def test_find(report: Report) -> None:
    row = report.find('segnet', (1280, 720), 2)
    assert row is not None
    assert (row.median_ms, row.fps) == (10_000.0, 0.1)
    assert report.find('segnet', (1280, 720), 3) is None
    assert report.find('segnet', (1280, 720), 2, 'OpenVINOExecutionProvider') is None


@pytest.mark.parametrize('name', PAPER_COST)
def test_half_precision_of_the_paper(name: str) -> None:
    _, millions, mib = PAPER_COST[name]
    network = Network(name, {}, round(1e6 * millions), 0.0, '')
    assert network.half_precision_mib == pytest.approx(mib, abs=0.05)


@pytest.mark.parametrize(('model', 'share'), [('enet', 40 / 80), ('enet_maxunpool', 20 / 80)])
def test_share_of_limit_is_operations_a_second(report: Report, model: str, share: float) -> None:
    row = report.find(model, (640, 360), 1)
    assert row is not None
    assert report.share_of_limit(row) == pytest.approx(share)


def test_json_has_a_row_for_everything_measured(report: Report) -> None:
    tree = json.loads(json.dumps(report.to_json()))
    assert len(tree['rows']) == 12
    row = tree['rows'][0]
    assert (row['model'], row['form'], row['width'], row['height']) == ('enet', 'cpu', 640, 360)
    assert (row['threads'], row['provider']) == (1, 'CPUExecutionProvider')
    assert (row['precision'], row['runs']) == ('fp32', 7)
    assert (row['median_ms'], row['iqr_ms'], row['fps']) == (100.0, 10.0, 10.0)
    assert row['share_of_limit'] == pytest.approx(0.5)
    assert tree['networks']['segnet']['gflops'] == {'640x360': 300.0, '1280x720': 1200.0}
    assert tree['limits_gflops_per_s'][1]['convolution'] == 160.0
    assert tree['label_changes'][0]['changed'] == 3
    assert tree['machine']['processor'] == 'Processor'
