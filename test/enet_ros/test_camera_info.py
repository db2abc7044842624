# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip('sensor_msgs.msg', reason='needs ROS 2 (sensor_msgs)')

from sensor_msgs.msg import CameraInfo

from enet_ros import camera_info
from enet_ros.camera_info import CalibrationError

FIELDS: dict[str, Any] = {
    'image_width': 640,
    'image_height': 480,
    'camera_name': 'front',
    'camera_matrix': {'rows': 3, 'cols': 3, 'data': [500, 0, 319.5, 0, 510.0, 239.5, 0, 0, 1]},
    'distortion_model': 'plumb_bob',
    'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [0.1, -0.2, 0.001, 0.002, 0.0]},
    'rectification_matrix': {'rows': 3, 'cols': 3, 'data': [1, 0, 0, 0, 1, 0, 0, 0, 1]},
    'projection_matrix': {
        'rows': 3,
        'cols': 4,
        'data': [490, 0, 320.5, -49, 0, 505, 238.5, 0, 0, 0, 1, 0],
    },
}


@given(width=st.integers(1, 4000), height=st.integers(1, 4000), horizontal_fov=st.floats(0.01, 3.1))
def test_the_edges_of_the_image_are_the_field_of_view_apart(
    width: int, height: int, horizontal_fov: float
) -> None:
    info = camera_info.from_field_of_view(width, height, horizontal_fov)
    fx, _, cx, _, fy, cy, *_ = info.k
    assert (info.width, info.height) == (width, height)
    assert fx == fy
    left, right = (math.atan((u - cx) / fx) for u in (-0.5, width - 0.5))
    assert right - left == pytest.approx(horizontal_fov)
    assert right == pytest.approx(-left)
    assert cy == (height - 1) / 2
    assert list(info.p) == [fx, 0, cx, 0, 0, fy, cy, 0, 0, 0, 1, 0]
    assert list(info.r) == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert list(info.d) == [0] * 5


@pytest.mark.parametrize('scheme', ['', 'file://'])
def test_reads_a_calibration_file(tmp_path: Path, scheme: str) -> None:
    file = tmp_path / 'front.yaml'
    file.write_text(yaml.safe_dump(FIELDS))
    info = camera_info.from_file(f'{scheme}{file}')
    assert (info.width, info.height, info.distortion_model) == (640, 480, 'plumb_bob')
    assert list(info.k) == FIELDS['camera_matrix']['data']
    assert list(info.d) == FIELDS['distortion_coefficients']['data']
    assert list(info.r) == FIELDS['rectification_matrix']['data']
    assert list(info.p) == FIELDS['projection_matrix']['data']


@pytest.mark.parametrize(
    ('change', 'reason'),
    [
        ({'camera_matrix': {'data': [1, 2, 3]}}, 'camera_matrix has 3 values, wanted 9'),
        ({'projection_matrix': None}, 'not complete'),
        ({'image_width': 0}, 'the image is 0x480'),
        ({'distortion_coefficients': {'data': ['much']}}, 'not complete'),
    ],
)
def test_an_incomplete_calibration_is_an_error(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    file = tmp_path / 'bad.yaml'
    file.write_text(yaml.safe_dump(FIELDS | change))
    with pytest.raises(CalibrationError, match=reason):
        camera_info.from_file(str(file))


@pytest.mark.parametrize('content', [b'a: [1', b'\xff\xfe\x00', b'', b'just words', None])
def test_what_is_no_calibration_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / 'bad.yaml'
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CalibrationError, match=r'bad\.yaml'):
        camera_info.from_file(str(file))


def test_scaled_keeps_every_ray(tmp_path: Path) -> None:
    """The point that a ray meets moves with the resized image."""
    file = tmp_path / 'front.yaml'
    file.write_text(yaml.safe_dump(FIELDS))
    info = camera_info.from_file(str(file))
    small = camera_info.scaled(info, 320, 120)
    assert (small.width, small.height) == (320, 120)
    for before, after, columns in ((info.k, small.k, 3), (info.p, small.p, 4)):
        for x, y in ((0.0, 0.0), (0.3, -0.2)):
            u, v = (
                before[i * columns + i] * c + before[i * columns + 2] for i, c in enumerate((x, y))
            )
            u_after, v_after = (
                after[i * columns + i] * c + after[i * columns + 2] for i, c in enumerate((x, y))
            )
            assert u_after == pytest.approx((u + 0.5) / 2 - 0.5)
            assert v_after == pytest.approx((v + 0.5) / 4 - 0.5)
    assert small.p[3] == pytest.approx(info.p[3] / 2)  # the baseline of a stereo pair, times fx
    assert list(small.d) == list(info.d)
    assert list(info.k) == FIELDS['camera_matrix']['data'], 'the argument was changed'


def test_region_of_interest_and_binning_become_part_of_the_matrices() -> None:
    """A point that is seen at (u, v) of the sensor is seen at (u', v') of the resized image."""
    info = camera_info.from_field_of_view(640, 480, 1.0)
    info.binning_x = info.binning_y = 2
    info.roi.x_offset, info.roi.y_offset, info.roi.width, info.roi.height = 100, 60, 400, 200
    mask = camera_info.scaled(info, 100, 50)
    assert (mask.binning_x, mask.binning_y, mask.roi.width, mask.roi.x_offset) == (0, 0, 0, 0)
    point = np.array([0.1, -0.05, 1.0])
    for before, after in ((info.k, mask.k), (info.p, mask.p)):
        (u, v, _), (u_after, v_after, one) = (
            np.reshape(matrix, (3, -1))[:, :3] @ point for matrix in (before, after)
        )
        assert one == 1
        assert u_after + 0.5 == pytest.approx((u - 100 + 0.5) * 100 / 400)
        assert v_after + 0.5 == pytest.approx((v - 60 + 0.5) * 50 / 200)


@pytest.mark.parametrize('calibrated', [True, False])
def test_a_calibration_without_its_size_is_none(calibrated: bool) -> None:
    info = camera_info.from_field_of_view(64, 48, 1.0) if calibrated else CameraInfo()
    info.width = info.height = 0
    unknown = camera_info.scaled(info, 32, 24)
    assert (unknown.width, unknown.height) == (32, 24)
    assert not np.any(unknown.k)
    assert not np.any(unknown.p)
