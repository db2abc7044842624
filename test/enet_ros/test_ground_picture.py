# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import math

import numpy as np
import pytest

from enet_model.label_sets import CAMVID
from enet_model.segmenter import Segmentation
from enet_model.spec import ModelSpec
from enet_ros.ground_picture import Viewpoint, draw_grid, draw_ground
from enet_ros.occupancy_grid import Grid


def test_a_grid_is_drawn_with_ahead_upwards_and_left_to_the_left() -> None:
    data = np.full((40, 40), -1, np.int8)  # rows along y, columns along x, the robot at 20, 20
    data[20:30, 25:30] = 0  # free: ahead and to the left
    data[10:15, 35:40] = 100  # occupied: far ahead and to the right
    picture = draw_grid(Grid(data, (-2.0, -2.0), 0.1), height=100)
    assert picture.shape == (100, 200, 3)
    assert picture[60, 75].tolist() == [255, 255, 255]
    assert picture[10, 140].tolist() == [0, 0, 0]
    assert picture[60, 140].tolist() == [160, 160, 160]


def test_frame_overlay_and_ground_stand_side_by_side() -> None:
    frame = np.full((90, 120, 3), 100, np.uint8)
    labels = np.full((90, 120), CAMVID.id_of('sky'), np.uint8)
    labels[45:] = CAMVID.id_of('road')
    plane = Viewpoint(height=1.5, pitch=math.radians(10)).ground_plane(120, 90)
    seen = Segmentation(labels, np.full_like(labels, 255))
    picture = draw_ground(frame, seen, ModelSpec(CAMVID.classes), plane, opacity=1.0)
    assert picture.shape[0] == 90
    assert picture.shape[1] == pytest.approx(120 + 120 + 180, abs=2)
    assert (picture[:, :120] == 100).all()
    assert picture[80, 200].tolist() == list(CAMVID.classes[3].color)
    ground = picture[:, 240:]
    assert (ground == 255).all(axis=2).sum() > 100, 'road that is seen is free'
    assert not (ground[:80] == 0).all(axis=2).any(), 'and nothing stands on it'


def test_a_camera_that_looks_up_shows_no_ground() -> None:
    with pytest.raises(ValueError, match='sees no ground'):
        Viewpoint(pitch=math.radians(-60)).ground_plane(120, 90)
