# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A report with figures that are easily checked."""

import pytest

from enet_model.benchmark.machine import Machine


@pytest.fixture
def report() -> object:
    """Return a report of 640 x 360 and 1280 x 720, with one thread and with two."""
    pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
    from enet_model.benchmark.limit import Limit
    from enet_model.benchmark.profile import Profile
    from enet_model.benchmark.report import LabelChange, Network, Report, Row

    sizes = ((640, 360), (1280, 720))
    machine = Machine('Processor', ('avx2',), 2, 24.0, 'Linux', '3.11', '1.32', ('CPU',))
    networks = {
        'enet': Network('ENet', {sizes[0]: 4.0, sizes[1]: 16.0}, 2**19, 58.3, 'arXiv 1'),
        'segnet': Network('SegNet', {sizes[0]: 300.0, sizes[1]: 1200.0}, 2**25, 56.1, 'arXiv 2'),
    }
    rows = [
        Row(model, title, form, *size, threads, 'CPUExecutionProvider', 'fp32', ms, ms / 10, 7)
        for size, factor in zip(sizes, (1.0, 4.0), strict=True)
        for threads in (1, 2)
        for model, title, form, ms in (
            ('enet', 'ENet', 'cpu', 100.0 * factor / threads),
            ('enet_maxunpool', 'ENet', 'plain', 200.0 * factor / threads),
            ('segnet', 'SegNet', 'plain', 5000.0 * factor / threads),
        )
    ]
    limits = (Limit(1, 80.0, 60.0), Limit(2, 100.0, 160.0))
    changes = (LabelChange(*sizes[0], 3, 230_400), LabelChange(*sizes[1], 0, 921_600))
    profiles = (
        Profile('enet_maxunpool', *sizes[0], 1, {'PRelu': 99.0, 'Conv': 60.0, 'MaxUnpool': 40.0}),
        Profile('enet', *sizes[0], 1, {'Conv': 59.0, 'MaxPool': 40.3, 'Cast': 0.4, 'Add': 0.3}),
    )
    return Report(
        *(machine, 1.5, 3, '8 of camvid val', limits, networks, tuple(rows), changes, profiles)
    )
