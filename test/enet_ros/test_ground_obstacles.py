# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from enet_model.label_sets import Role
from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import pose_from_body
from enet_ros.free_space import look
from enet_ros.ground_obstacles import POINT_DTYPE, nearest_distance, obstacle_points
from enet_ros.ground_plane import GroundPlane

SKY, ROAD, GRASS, CAR, PERSON, VOID = 0, 1, 2, 3, 4, 255
ROLES = (Role.BACKGROUND, Role.TRAVERSABLE, Role.TRAVERSABLE, Role.OBSTACLE, Role.OBSTACLE)
FOCAL, H, W, HORIZON = 150.0, 80, 120, 10.0
CAMERA = CameraCalibration(W, H, (FOCAL, 0, 59.5, 0, FOCAL, HORIZON, 0, 0, 1))
AHEAD = 0.7  # of the robot's middle
PLANE = GroundPlane(CAMERA, pose_from_body(AHEAD, 0, 1.0, 0, 0, 0), (H, W), max_range=6.0)


def scene() -> NDArray[np.uint8]:
    """Road, grass on the right, a car on the left, and a person before it."""
    labels = np.full((H, W), ROAD, np.uint8)
    labels[:, 70:] = GRASS
    labels[20:46, :50] = CAR
    labels[15:60, 20:25] = PERSON
    labels[:11] = SKY
    return labels


def test_points_stand_at_the_contacts() -> None:
    confidence = np.full((H, W), 255, np.uint8)
    confidence[:, :40] = 204
    points = obstacle_points(look(PLANE, scene(), confidence, ROLES))
    assert points.dtype == POINT_DTYPE
    assert POINT_DTYPE.itemsize == 20
    assert all(offset % 4 == 0 for _, offset, *_ in dict(POINT_DTYPE.fields or {}).values())
    assert POINT_DTYPE.names == ('x', 'y', 'z', 'class_id', 'probability')
    assert (points['z'] == np.float32(0.25)).all()
    car, person = (points[points['class_id'] == kind] for kind in (CAR, PERSON))
    assert car.size + person.size == points.size
    np.testing.assert_allclose(car['x'], AHEAD + FOCAL / 35.5, atol=0.06)
    np.testing.assert_allclose(person['x'], AHEAD + FOCAL / 49.5, atol=0.05)
    # Columns 20 - 24 are to the left of the middle: y is positive.
    across = FOCAL / 49.5 * (59.5 - np.array([24.5, 19.5])) / FOCAL
    assert person['y'].min() == pytest.approx(across[0], abs=0.03)
    assert person['y'].max() == pytest.approx(across[1], abs=0.03)
    np.testing.assert_allclose(person['probability'], 0.8, atol=1e-3)
    np.testing.assert_allclose(np.unique(car['probability']), [0.8, 1.0], atol=1e-6)


def test_the_height_can_be_chosen() -> None:
    view = look(PLANE, scene(), None, ROLES)
    assert (obstacle_points(view, height=0.4)['z'] == np.float32(0.4)).all()


def test_an_empty_street_has_no_points() -> None:
    view = look(PLANE, np.full((H, W), ROAD, np.uint8), None, ROLES)
    assert obstacle_points(view).shape == (0,)
    assert obstacle_points(view).tobytes() == b''


def test_distances_are_from_the_robots_middle() -> None:
    distance = nearest_distance(look(PLANE, scene(), None, ROLES))
    assert distance.dtype == np.float32
    assert np.isnan(distance[SKY])
    # The lowest row shows the ground at 150 / 69.5 m.
    assert distance[ROAD] == pytest.approx(AHEAD + FOCAL / 69.5, abs=0.05)
    lowest = AHEAD + FOCAL / 69.5, FOCAL / 69.5 * 10 / FOCAL
    assert distance[GRASS] == pytest.approx(np.hypot(*lowest), abs=0.05)
    # The nearest point of the car is its right end, column 49.
    face = FOCAL / 35.5
    assert distance[CAR] == pytest.approx(np.hypot(AHEAD + face, face * 10 / FOCAL), abs=0.06)
    face = FOCAL / 49.5
    assert distance[PERSON] == pytest.approx(np.hypot(AHEAD + face, face * 35 / FOCAL), abs=0.05)


def test_what_is_not_seen_or_not_sure_has_no_distance() -> None:
    labels = np.full((H, W), ROAD, np.uint8)
    labels[50:] = PERSON  # all along the lower edge: it hides the road
    distance = nearest_distance(look(PLANE, labels, None, ROLES))
    assert np.isnan(distance[[SKY, ROAD, GRASS, CAR]]).all()
    assert distance[PERSON] == pytest.approx(AHEAD + FOCAL / 69.5, abs=0.05)
    unsure = np.full((H, W), 100, np.uint8)
    assert np.isnan(nearest_distance(look(PLANE, labels, unsure, ROLES))).all()


def test_an_obstacle_behind_another_has_no_distance() -> None:
    labels = np.full((H, W), ROAD, np.uint8)
    labels[:60] = CAR
    labels[:40] = PERSON
    distance = nearest_distance(look(PLANE, labels, None, ROLES))
    assert np.isnan(distance[PERSON])
    assert np.isfinite(distance[CAR])
