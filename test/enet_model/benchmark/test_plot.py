# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('onnx', reason="needs pip install 'enet_model[train]'")
pytest.importorskip('matplotlib', reason="needs pip install 'enet_model[train]'")

from enet_model.benchmark.plot import draw_plot
from enet_model.benchmark.report import Report


def test_enet_is_red_and_left_of_segnet(report: Report, tmp_path: Path) -> None:
    path = tmp_path / 'performance.png'
    draw_plot(report, path)
    image = np.asarray(cv2.imread(str(path)), int)
    blue, green, red = image[..., 0], image[..., 1], image[..., 2]
    enet = np.argwhere((red > 180) & (blue < 80) & (green < 80))
    segnet = np.argwhere((blue > 150) & (red < 80))
    assert len(enet) > 50
    assert len(segnet) > 50
    (enet_row, enet_column), (segnet_row, segnet_column) = enet.mean(0), segnet.mean(0)
    assert enet_column < segnet_column
    assert enet_row < segnet_row  # rows count downwards: 58.3 % stands above 56.1 %
