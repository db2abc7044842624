# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import Pose, pose_from_body
from enet_ros.ground_plane import GroundPlane, arc

FOCAL, WIDTH, HEIGHT = 200.0, 240, 160
PINHOLE = CameraCalibration(WIDTH, HEIGHT, (FOCAL, 0, 119.5, 0, FOCAL, 79.5, 0, 0, 1))
FISHEYE = CameraCalibration(240, 240, (75.0, 0, 119.5, 0, 75.0, 119.5, 0, 0, 1), (), 'equidistant')


def pose(**angles: float) -> Pose:
    """1 m above the ground, 2 m ahead of the robot's middle and 0.5 m to the left; degrees."""
    radians = (np.radians(angles.get(name, 0.0)) for name in ('roll', 'pitch', 'yaw'))
    return pose_from_body(2.0, 0.5, 1.0, *radians)


PLANES = {
    'level': GroundPlane(PINHOLE, pose(), (HEIGHT, WIDTH)),
    'pitched and rolled': GroundPlane(PINHOLE, pose(roll=20, pitch=25), (HEIGHT, WIDTH)),
    'backwards': GroundPlane(PINHOLE, pose(pitch=10, yaw=180), (HEIGHT, WIDTH)),
    'straight down': GroundPlane(PINHOLE, pose(pitch=90), (HEIGHT, WIDTH)),
    'fisheye': GroundPlane(FISHEYE, pose(pitch=30), (240, 240)),
    'fisheye down': GroundPlane(FISHEYE, pose(pitch=90), (240, 240)),
    'small mask': GroundPlane(PINHOLE, pose(pitch=5), (60, 80)),
}
each_plane = pytest.mark.parametrize('plane', PLANES.values(), ids=PLANES)


def test_a_level_camera_by_hand() -> None:
    plane = PLANES['level']
    # Row v sees ground at f h / (v - cy), column u as far to the right as (u - cx) / f of that.
    ahead = FOCAL / (120 - 79.5)
    expected = [[2.0 + ahead, 0.5 - ahead * (30 - 119.5) / FOCAL]]
    np.testing.assert_allclose(plane.pixel_to_ground([30, 120]), expected)
    np.testing.assert_allclose(plane.ground[120, 30], expected[0])
    np.testing.assert_allclose(plane.ground_to_pixel(expected), [[30, 120]])
    assert np.isnan(plane.ground[:80]).all()
    assert np.isfinite(plane.ground[80:]).all()
    # One row more or less is f h / (v - cy)^2 of ground straight ahead.
    assert plane.footprint[120, 120] == pytest.approx(FOCAL / (120 - 79.5) ** 2, rel=1e-3)
    assert np.isnan(plane.footprint[79]).all()


def test_points_out_of_view_have_no_pixel() -> None:
    plane = PLANES['level']
    behind, beside, below = [-5.0, 0.5], [5.0, 6.0], [2.5, 0.5]
    assert np.isnan(plane.ground_to_pixel([behind, beside, below])).all()


@each_plane
def test_pixels_and_ground_are_inverse(plane: GroundPlane) -> None:
    h, w = plane.mask_shape
    v, u = np.mgrid[:h:3, :w:3].reshape(2, -1)
    pixels = np.stack([u, v], axis=-1)
    ground = plane.pixel_to_ground(pixels)
    on_ground = np.isfinite(ground[:, 0]) & (np.hypot(*ground.T) < 1000)
    assert on_ground.sum() > 100
    np.testing.assert_allclose(
        plane.ground_to_pixel(ground[on_ground]), pixels[on_ground], atol=1e-6
    )
    np.testing.assert_allclose(plane.ground[v, u], ground)


@each_plane
def test_every_pixel_in_range_has_a_sample_of_its_own(plane: GroundPlane) -> None:
    distance = np.hypot(*np.moveaxis(plane.ground, -1, 0))
    used = (distance <= plane.range_max) & np.isfinite(plane.footprint)
    counted = np.zeros(used.size, bool)
    counted[plane.source[~plane.outside]] = True
    for sample, pixel in plane.extra:
        assert np.unique(sample).size == sample.size
        assert not plane.outside.reshape(-1)[sample].any()
        counted[pixel] = True
    assert counted[used.reshape(-1)].all()


@each_plane
def test_samples_lie_in_their_pixels(plane: GroundPlane) -> None:
    x = plane.foot[0] + np.cos(plane.bearings)[:, None] * plane.ranges
    y = plane.foot[1] + np.sin(plane.bearings)[:, None] * plane.ranges
    inside = ~plane.outside
    np.testing.assert_allclose(plane.x, x, atol=1e-4)
    np.testing.assert_allclose(plane.y, y, atol=1e-4)
    distance = np.hypot(x, y)
    np.testing.assert_allclose(plane.distance, distance, atol=1e-4)
    pixels = plane.ground_to_pixel(np.stack([x, y], axis=-1))
    row, column = np.divmod(plane.source, plane.mask_shape[1])
    away = np.abs(pixels - np.stack([column, row], axis=-1).reshape(-1, 2)).max(axis=1)
    extra = np.concatenate([[], *(sample for sample, _ in plane.extra)]).astype(int)
    own = inside.reshape(-1).copy()
    own[extra] = False
    assert (away[own] <= 0.5).all()
    assert (distance[inside] <= plane.range_max + 0.1).all()


@pytest.mark.parametrize('name', ['level', 'pitched and rolled', 'backwards', 'small mask'])
def test_the_outermost_samples_are_out_of_view(name: str) -> None:
    plane = PLANES[name]
    for edge in (plane.outside[0], plane.outside[-1], plane.outside[:, 0], plane.outside[:, -1]):
        assert edge.all()
    assert np.mean(plane.outside) < 0.7


@each_plane
def test_steps_are_no_longer_than_a_cell(plane: GroundPlane) -> None:
    in_view = plane.edges[2:-2]
    assert np.diff(in_view).max() <= plane.resolution / np.sqrt(2) + 1e-9
    sideways = np.diff(plane.bearings).max() * in_view.max()
    assert sideways <= plane.resolution / np.sqrt(2) + 1e-9
    np.testing.assert_allclose((plane.edges[1:] + plane.edges[:-1]) / 2, plane.ranges)
    assert (np.diff(plane.bearings) > 0).all()


def test_ground_is_used_as_far_as_the_image_resolves_it() -> None:
    # Half a pixel is d^2 / (2 f h): 2 % of the distance at 0.04 f h = 8 m ahead of the camera.
    assert PLANES['level'].range_max == pytest.approx(2.0 + 8.0, abs=0.4)
    # A cell of half a metre is as long as half a pixel at sqrt(2 f h / 2) = 14.1 m.
    coarse = GroundPlane(PINHOLE, pose(), (HEIGHT, WIDTH), resolution=0.5, max_range=30.0)
    assert coarse.range_max == pytest.approx(2.0 + np.sqrt(200.0), abs=0.7)
    near = GroundPlane(PINHOLE, pose(), (HEIGHT, WIDTH), max_range=6.0, min_range=5.5)
    assert near.range_max == 6.0
    assert near.distance[~near.outside].min() == pytest.approx(5.5, abs=0.1)
    # The picture's height is what resolves the distance, whatever the camera's own size.
    assert PLANES['small mask'].range_max < PLANES['level'].range_max


def test_the_horizon_of_a_mask_at_another_size() -> None:
    small = GroundPlane(PINHOLE, pose(), (80, 60))
    np.testing.assert_allclose(
        small.pixel_to_ground([[15.0, 50.0]]), PLANES['level'].pixel_to_ground([[61.5, 100.5]])
    )


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'pose': pose(pitch=-60)}, 'sees no ground from 0.0 to 15.0 m.*-60 degrees down'),
        ({'pose': pose_from_body(0, 0, -1, 0, 0, 0)}, 'above z = 0'),
        ({'max_range': 2.0}, 'sees no ground'),
        ({'min_range': 15.0}, 'min < max'),
        ({'max_range': np.nan}, 'min < max'),
        ({'resolution': 0.0}, 'resolution is 0.0'),
        ({'mask_shape': (1, 10)}, '2 x 2'),
    ],
)
def test_what_gives_no_ground_is_refused(change: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {'pose': pose(), 'mask_shape': (HEIGHT, WIDTH), **change}
    with pytest.raises(ValueError, match=message):
        GroundPlane(PINHOLE, **settings)


def test_a_rim_without_rays_is_left_out() -> None:
    """A lens that turns back shows nothing in the corners; the rest of the picture is used."""
    lens = replace(PINHOLE, d=(-0.55, 0.0, 0.0, 0.0))
    plane = GroundPlane(lens, pose(pitch=20), (HEIGHT, WIDTH))
    assert np.isnan(plane.ground[-1, 0]).all()
    assert np.isfinite(plane.ground[-1, 120]).all()
    assert plane.range_max > 5.0
    assert np.isfinite(plane.footprint.reshape(-1)[plane.source[~plane.outside]]).all()


@settings(deadline=None)
@given(st.floats(-4.0, 4.0), st.floats(0.1, 5.0), st.integers(1, 50))
def test_arcs(start: float, span: float, count: int) -> None:
    angles = start + np.linspace(0.0, span, count + 200)
    found, length = arc((angles + np.pi) % (2 * np.pi) - np.pi)
    assert length == pytest.approx(span, abs=1e-9)
    assert np.cos(found - start) == pytest.approx(1.0)


def test_a_full_circle_is_an_arc() -> None:
    assert arc(np.linspace(-3.14, 3.14, 1000))[1] == 2 * np.pi
