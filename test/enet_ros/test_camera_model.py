# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_ros.camera_model import CameraCalibration, RegionOfInterest, pinhole_matrix

K = (400.0, 0.0, 321.5, 0.0, 410.0, 177.0, 0.0, 0.0, 1.0)
PINHOLE = CameraCalibration(640, 360, K)
LENSES = {
    'plumb_bob': (-0.28, 0.09, 0.0012, -0.0007, -0.013),
    'rational_polynomial': (0.3, 0.05, 0.0003, 0.0002, 0.01, 0.5, 0.1, 0.01),
    'equidistant': (-0.02, 0.004, -0.002, 0.0003),
}


CAMERAS = {name: replace(PINHOLE, distortion_model=name, d=d) for name, d in LENSES.items()}


def pixels_of(points: NDArray[Any], model: str) -> NDArray[Any]:
    """As OpenCV projects them."""
    k, d, zero = np.reshape(K, (3, 3)), np.array(LENSES[model]), np.zeros(3)
    if model == 'equidistant':
        seen, _ = cv2.fisheye.projectPoints(points[:, None], zero, zero, k, d)
    else:
        seen, _ = cv2.projectPoints(points[:, None], zero, zero, k, d)
    return np.asarray(seen).reshape(-1, 2)


@pytest.mark.parametrize('model', LENSES)
def test_lenses_project_as_opencv_does(model: str) -> None:
    grid = np.stack(np.meshgrid(np.linspace(-0.7, 0.7, 15), np.linspace(-0.4, 0.4, 9)), -1)
    points = np.concatenate([grid.reshape(-1, 2), np.ones((135, 1))], axis=1) * 7.0
    pixels = CAMERAS[model].project(points)
    np.testing.assert_allclose(pixels, pixels_of(points, model), atol=1e-6)
    rays = points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(CAMERAS[model].rays(pixels), rays, atol=1e-8)


@pytest.mark.parametrize('model', LENSES)
@settings(deadline=None)
@given(u=st.floats(-0.5, 639.5), v=st.floats(-0.5, 359.5))
def test_rays_come_back_to_their_pixels(model: str, u: float, v: float) -> None:
    ray = CAMERAS[model].rays([[u, v]])
    np.testing.assert_allclose(np.linalg.norm(ray), 1.0)
    np.testing.assert_allclose(CAMERAS[model].project(ray * 3.0), [[u, v]], atol=1e-5)


def test_a_fisheye_sees_past_ninety_degrees() -> None:
    lens = CameraCalibration(
        900, 900, (200.0, 0, 449.5, 0, 200.0, 449.5, 0, 0, 1), (), 'equidistant'
    )
    angle = np.radians(110)
    ray = [[np.sin(angle), 0.0, np.cos(angle)]]
    np.testing.assert_allclose(lens.project(ray), [[449.5 + 200.0 * angle, 449.5]])
    np.testing.assert_allclose(lens.rays([[449.5 + 200.0 * angle, 449.5]]), ray, atol=1e-9)


def test_a_lens_that_turns_back_shows_nothing_there() -> None:
    # The radius r (1 - 0.3 r^2) grows up to r = 1.054 and then folds back into the picture.
    lens = replace(PINHOLE, d=(-0.3, 0.0, 0.0, 0.0))
    assert np.isfinite(lens.project([[1.0, 0.0, 1.0]])).all()
    assert np.isnan(lens.project([[1.1, 0.0, 1.0], [1.7, 0.0, 1.0], [0.0, 0.0, -1.0]])).all()
    corner = 321.5 + 400.0 * 0.71  # beyond 1.054 (1 - 0.3 x 1.054^2) = 0.703
    assert np.isnan(lens.rays([[corner, 177.0]])).all()
    fisheye = replace(PINHOLE, distortion_model='fisheye', d=(-0.3, 0.0, 0.0, 0.0))
    assert np.isnan(fisheye.project([[1.9, 0.0, 1.0]])).all()  # 62 degrees, it turns at 60.4
    assert np.isfinite(fisheye.project([[1.7, 0.0, 1.0]])).all()


def test_binning_region_and_resizing_show_the_same_directions() -> None:
    whole = CAMERAS['plumb_bob']
    part = replace(whole, binning_x=2, binning_y=2, roi=RegionOfInterest(100, 40, 400, 300))
    # Pixel (10, 20) of the binned part covers pixels 120 - 121 and 80 - 81 of the sensor.
    np.testing.assert_allclose(part.rays([[10, 20]]), whole.rays([[120.5, 80.5]]))
    # A mask of 100 x 60 pixels shows the same part: 4 x 5 pixels of the sensor for each of its own.
    np.testing.assert_allclose(part.rays([[3, 7]], (100, 60)), whole.rays([[113.5, 77.0]]))
    point = whole.rays([[113.5, 77.0]]) * 2.0
    np.testing.assert_allclose(part.project(point, (100, 60)), [[3, 7]], atol=1e-6)


def test_the_rectified_picture_has_a_matrix_and_a_direction_of_its_own() -> None:
    turn, _ = cv2.Rodrigues(np.array([0.01, -0.03, 0.02]))
    p = (350.0, 0.0, 330.0, -42.0, 0.0, 350.0, 170.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    rectified = replace(
        CAMERAS['plumb_bob'], rectified=True, p=p, r=tuple(np.asarray(turn).reshape(-1))
    )
    expected = np.asarray(turn).T @ [0.2, -0.4, 1.0]
    pixel = [[330.0 + 350.0 * 0.2, 170.0 - 350.0 * 0.4]]
    ray = rectified.rays(pixel)[0]
    np.testing.assert_allclose(ray / ray[2], expected / expected[2])
    np.testing.assert_allclose(rectified.project([expected]), pixel)


def test_from_a_message() -> None:
    roi = SimpleNamespace(x_offset=1, y_offset=2, width=30, height=20, do_rectify=False)
    message = SimpleNamespace(
        width=640,
        height=360,
        distortion_model='plumb_bob',
        d=list(LENSES['plumb_bob']),
        k=np.array(K),
        r=np.eye(3).reshape(-1),
        p=np.zeros(12),
        binning_x=0,
        binning_y=1,
        roi=roi,
    )
    found = CameraCalibration.from_message(message)
    assert found == replace(
        CAMERAS['plumb_bob'], p=(0.0,) * 12, binning_y=1, roi=RegionOfInterest(1, 2, 30, 20)
    )
    assert hash(found) == hash(CameraCalibration.from_message(message))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'width': 0}, 'at least one pixel'),
        ({'k': (0.0,) * 9}, 'not calibrated'),
        ({'k': K[:8]}, 'k has 9 numbers, got 8'),
        ({'k': (np.nan, *K[1:])}, 'finite'),
        ({'rectified': True}, 'not calibrated: P'),
        ({'distortion_model': 'omnidirectional', 'd': (0.1,)}, "'omnidirectional' is not known"),
        ({'d': (0.1,) * 6}, 'at most 5'),
        ({'roi': RegionOfInterest(600, 0, 100, 100)}, 'does not lie in'),
        ({'roi': RegionOfInterest(0, 0, 100, 0)}, 'does not lie in'),
    ],
)
def test_what_is_no_camera_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PINHOLE, **change)


def test_zeros_after_the_coefficients_are_no_error() -> None:
    long = replace(PINHOLE, d=(*LENSES['plumb_bob'], 0.0, 0.0, 0.0))
    np.testing.assert_allclose(long.rays([[5, 5]]), CAMERAS['plumb_bob'].rays([[5, 5]]))
    unnamed = replace(PINHOLE, distortion_model='', d=(0.0,) * 5)
    np.testing.assert_allclose(unnamed.rays([[5, 5]]), PINHOLE.rays([[5, 5]]))


@given(st.integers(2, 4000), st.integers(2, 4000), st.floats(0.1, 3.0))
def test_the_edges_of_the_image_are_the_field_of_view_apart(
    width: int, height: int, field_of_view: float
) -> None:
    camera = CameraCalibration(width, height, pinhole_matrix(width, height, field_of_view))
    middle = (height - 1) / 2
    left, right = camera.rays([[-0.5, middle], [width - 0.5, middle]])
    np.testing.assert_allclose(left, right * (-1, 1, 1), atol=1e-12)
    assert 2 * np.arctan2(right[0], right[2]) == pytest.approx(field_of_view)
    assert right[1] == pytest.approx(0.0)
