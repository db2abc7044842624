# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the outputs on the ground cost a frame: `make benchmark`.

Labels are those of CamVid val (CAMVID_ROOT) at 640 x 360, seen by a plausible camera.
"""

import math
import os
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enet_model.label_sets import CAMVID
from enet_model.resizing import resize_mask
from enet_ros.free_space import look
from enet_ros.ground_obstacles import nearest_distance, obstacle_points
from enet_ros.ground_picture import Viewpoint
from enet_ros.laser_scan import ScanBins, laser_scan
from enet_ros.occupancy_grid import occupancy_grid

pytest.importorskip('torch', reason="the data sets need torch: pip install '.[train]'")

from enet_model.datasets.camvid import camvid


@pytest.fixture(scope='module')
def masks() -> list[np.ndarray]:
    root = os.environ.get('CAMVID_ROOT')
    if not root:
        pytest.skip('CAMVID_ROOT is not set: real labels are wanted')
    frames = camvid(Path(root), 'val')
    return [resize_mask(frames.labels(index), 640, 360) for index in range(0, len(frames), 5)]


def test_all_ground_outputs_at_640x360(benchmark: Any, masks: list[np.ndarray]) -> None:
    plane = Viewpoint(height=1.5, pitch=math.radians(3)).ground_plane(640, 360)
    bins = ScanBins.of(plane)
    roles = tuple(label_class.role for label_class in CAMVID.classes)
    confidence = np.full((360, 640), 200, np.uint8)
    frames = cycle(masks)

    def outputs() -> None:
        view = look(plane, next(frames), confidence, roles)
        occupancy_grid(view)
        laser_scan(view, bins)
        obstacle_points(view)
        nearest_distance(view)

    benchmark.pedantic(outputs, rounds=200, warmup_rounds=10)


def test_tables_of_the_ground_at_640x360(benchmark: Any) -> None:
    viewpoint = Viewpoint(height=1.5, pitch=math.radians(3))
    benchmark.pedantic(lambda: ScanBins.of(viewpoint.ground_plane(640, 360)), rounds=5)
