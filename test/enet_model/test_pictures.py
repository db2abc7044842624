# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.pictures import read_pictures, write_picture


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(12).integers(0, 256, (height, width, 3), np.uint8)


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    write_picture(tmp_path / 'a.png', picture(6, 8))
    ((name, frame),) = read_pictures(tmp_path / 'a.png')
    assert name == 'a'
    np.testing.assert_array_equal(frame, picture(6, 8))


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r'a\.png: cannot be written'):
        write_picture(tmp_path / 'no' / 'a.png', picture(6, 8))


def test_pictures_come_in_order_of_their_names(tmp_path: Path) -> None:
    for name in ('10', '2', '1'):
        write_picture(tmp_path / f'{name}.png', picture(4, 4))
    assert [name for name, _ in read_pictures(tmp_path)] == ['1', '10', '2']


def test_a_video(tmp_path: Path) -> None:
    path = tmp_path / 'drive.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 10, (32, 24))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no video')
    for red in (20, 120, 220):
        writer.write(np.full((24, 32, 3), (0, 0, red), np.uint8))
    writer.release()
    names, frames = zip(*read_pictures(path), strict=True)
    assert names == ('drive_000000', 'drive_000001', 'drive_000002')
    reds = [frame[..., 0].mean() for frame in frames]
    np.testing.assert_allclose(reds, (20, 120, 220), atol=6)


def test_two_pictures_of_one_name_keep_theirs_apart(tmp_path: Path) -> None:
    for name in ('street.jpg', 'street.png', 'yard.jpg'):
        write_picture(tmp_path / name, picture(4, 4))
    names = [name for name, _ in read_pictures(tmp_path)]
    assert names == ['street.jpg', 'street.png', 'yard']
