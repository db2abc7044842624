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
from enet_ros.ground_plane import GroundPlane
from enet_ros.laser_scan import Scan, ScanBins, laser_scan

ROAD, CAR, VOID = 0, 1, 255
ROLES = (Role.TRAVERSABLE, Role.OBSTACLE)
FOCAL, H, W, HORIZON = 150.0, 80, 120, 10.0
CAMERA = CameraCalibration(W, H, (FOCAL, 0, 59.5, 0, FOCAL, HORIZON, 0, 0, 1))
HALF_VIEW = np.arctan2(60, FOCAL)


def plane(
    x: float = 0.0, y: float = 0.0, roll: float = 0.0, pitch: float = 0.0, yaw: float = 0.0
) -> GroundPlane:
    angles = np.radians([roll, pitch, yaw])
    return GroundPlane(CAMERA, pose_from_body(x, y, 1.0, *angles), (H, W), max_range=5.5)


LEVEL = plane()


def scan_of(ground: GroundPlane, labels: NDArray[np.uint8], increment: float = 0.01) -> Scan:
    return laser_scan(look(ground, labels, None, ROLES), ScanBins.of(ground, increment))


def road() -> NDArray[np.uint8]:
    return np.full((H, W), ROAD, np.uint8)


def bearings(scan: Scan) -> NDArray[np.floating]:
    angles = scan.angle_min + scan.angle_increment * np.arange(scan.ranges.size)
    assert angles[-1] == pytest.approx(scan.angle_max)
    return angles


def test_free_ground_to_the_end_is_infinite() -> None:
    scan = scan_of(LEVEL, road())
    assert scan.ranges.dtype == np.float32
    inner = np.abs(bearings(scan)) < HALF_VIEW - 0.02
    assert np.isinf(scan.ranges[inner]).all()
    assert np.isnan(scan.ranges[np.abs(bearings(scan)) > HALF_VIEW + 0.01]).all()
    assert (scan.range_min, scan.range_max) == (0.0, 5.5)
    assert scan.angle_max == pytest.approx(HALF_VIEW, abs=0.02)
    assert scan.angle_min == pytest.approx(-HALF_VIEW, abs=0.02)
    # The picture's lowest row sees ground 150 / 69.5 m ahead, at its sides by 1 / cos farther.
    bins = ScanBins.of(LEVEL)
    assert bins.blind_range == pytest.approx(FOCAL / 69.5 / np.cos(HALF_VIEW), abs=0.06)


def test_unsure_ground_is_nan_and_an_obstacle_its_distance() -> None:
    labels = road()
    labels[40, 40:60] = VOID  # to the left of the middle
    labels[: 45 + 1, 80:] = CAR
    scan = scan_of(LEVEL, labels)
    angle = bearings(scan)
    left = (angle > 0.01) & (angle < np.arctan2(59.5 - 41, FOCAL))
    assert np.isnan(scan.ranges[left]).all()
    right = (angle < np.arctan2(59.5 - 80, FOCAL) - 0.01) & (angle > -HALF_VIEW + 0.02)
    # Each ray holds the nearest obstacle between its neighbours.
    expected = FOCAL / 35.5 / np.cos(np.abs(angle[right]))
    np.testing.assert_allclose(scan.ranges[right], expected, atol=0.06)
    assert np.isinf(scan.ranges[(angle > 0.2) & (angle < HALF_VIEW - 0.02)]).all()


def test_unsure_ground_in_front_hides_no_obstacle() -> None:
    labels = road()
    labels[: 45 + 1] = CAR
    labels[46:70] = VOID
    scan = scan_of(LEVEL, labels)
    middle = np.abs(bearings(scan)) < 0.3
    assert np.isfinite(scan.ranges[middle]).all()


def test_nothing_sure_is_nan_everywhere() -> None:
    assert np.isnan(scan_of(LEVEL, np.full((H, W), VOID, np.uint8)).ranges).all()


@pytest.mark.parametrize('yaw', [0.0, 90.0, 180.0, -179.0])
def test_bearings_are_those_of_the_robot(yaw: float) -> None:
    labels = road()
    labels[: 45 + 1, 59:61] = CAR
    scan = scan_of(plane(yaw=yaw), labels)
    hit = np.flatnonzero(np.isfinite(scan.ranges))
    assert 0 < hit.size <= 4
    away = bearings(scan)[hit] - np.radians(yaw)
    assert np.abs(np.sin(away)).max() < 0.02
    assert np.cos(away).min() > 0.99
    assert scan.angle_max - scan.angle_min < 2 * HALF_VIEW + 0.05


def test_distances_are_from_the_robots_middle() -> None:
    labels = road()
    labels[: 45 + 1, 30:90] = CAR
    scan = scan_of(plane(x=0.8, y=-0.3), labels)
    hit = np.isfinite(scan.ranges)
    angle = bearings(scan)[hit]
    # The car's face is at x = 0.8 + 150 / 35.5.
    np.testing.assert_allclose(scan.ranges[hit] * np.cos(angle), 0.8 + FOCAL / 35.5, atol=0.06)
    reach = FOCAL / 35.5 * 29.5 / FOCAL
    across = scan.ranges[hit] * np.sin(angle)
    assert across.min() == pytest.approx(-0.3 - reach, abs=0.08)
    assert across.max() == pytest.approx(-0.3 + reach, abs=0.08)


def test_a_camera_that_looks_down_ends_where_its_picture_does() -> None:
    looking_down = plane(pitch=35.0)
    bins = ScanBins.of(looking_down)
    upper_edge = 1.0 / np.tan(np.radians(35.0) - np.arctan2(10.5, FOCAL))
    assert bins.range_max == pytest.approx(upper_edge, abs=0.25)
    scan = scan_of(looking_down, road())
    assert scan.range_max == pytest.approx(bins.range_max)
    assert np.mean(np.isinf(scan.ranges)) > 0.5


def test_beside_a_rolled_picture_the_ground_is_not_seen_from_near() -> None:
    rolled = plane(roll=30.0)
    scan = scan_of(rolled, road())
    bins = ScanBins.of(rolled, 0.01)
    assert np.isinf(scan.ranges).any()
    assert np.isnan(scan.ranges).any()
    size = scan.ranges.size
    nearest = np.array([rolled.distance[bins.of_sample == ray].min() for ray in range(size)])
    late = nearest > 1.6 * np.median(nearest)
    assert late.sum() > 3
    assert np.isnan(scan.ranges[late]).all()
    assert nearest[np.isinf(scan.ranges)].max() == bins.blind_range


def test_what_is_beyond_the_scans_range_is_no_hit() -> None:
    ground = plane(pitch=35.0, roll=15.0)
    bins = ScanBins.of(ground, 0.01)
    assert bins.range_max < ground.distance[~ground.outside].max() - 0.5
    labels = np.full((H, W), CAR, np.uint8)
    beyond = np.hypot(*np.moveaxis(ground.ground, -1, 0)) > bins.range_max + 0.1
    labels[~beyond] = ROAD
    scan = laser_scan(look(ground, labels, None, ROLES), bins)
    assert not np.isfinite(scan.ranges).any()
    assert np.isinf(scan.ranges).any()


def test_a_fisheye_sees_all_around() -> None:
    lens = CameraCalibration(160, 160, (55.0, 0, 79.5, 0, 55.0, 79.5, 0, 0, 1), (), 'equidistant')
    down = GroundPlane(lens, pose_from_body(0, 0, 1.0, 0, np.pi / 2, 0), (160, 160))
    labels = np.full((160, 160), ROAD, np.uint8)
    bins = ScanBins.of(down, np.radians(2.0))
    free = laser_scan(look(down, labels, None, ROLES), bins)
    assert free.ranges.size == 180
    assert np.isinf(free.ranges).sum() > 178
    labels[79, 20:40] = CAR  # the picture's left is the robot's left: up is ahead
    hit = laser_scan(look(down, labels, None, ROLES), bins)
    finite = np.flatnonzero(np.isfinite(hit.ranges))
    angles = hit.angle_min + hit.angle_increment * finite
    np.testing.assert_allclose(np.sin(angles), 1.0, atol=0.01)
    # 40 pixels from the middle are 40 / 55 rad off the axis.
    np.testing.assert_allclose(hit.ranges[finite], np.tan(40 / 55), atol=0.05)


def test_rays_are_no_denser_than_the_picture_can_tell() -> None:
    bins = ScanBins.of(LEVEL, 1e-4)
    assert bins.increment == pytest.approx(1 / FOCAL, rel=0.3)
    scan = laser_scan(look(LEVEL, road(), None, ROLES), bins)
    assert np.isinf(scan.ranges[2:-2]).all()


@pytest.mark.parametrize('increment', [0.0, -0.1, np.nan, 4.0])
def test_an_increment_that_makes_no_sense_is_refused(increment: float) -> None:
    with pytest.raises(ValueError, match='increment is'):
        ScanBins.of(LEVEL, increment)
