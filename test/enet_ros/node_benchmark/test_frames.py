# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest

from enet_ros.frame_sources import SourceError
from enet_ros.node_benchmark.frames import COUNT, ENCODINGS, Frames, encoded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data set of 3 x COUNT grey images, each a little lighter."""
    (tmp_path / 'val').mkdir()
    for index in range(3 * COUNT):
        image = np.full((12, 16, 3), index, np.uint8)
        cv2.imwrite(str(tmp_path / 'val' / f'{index:02}.png'), image)
    return tmp_path


def test_images_come_from_all_over_a_folder(folder: Path) -> None:
    frames = Frames(str(folder / 'val'))
    found = frames.scaled(32, 20)
    assert found.shape == (COUNT, 20, 32, 3)
    assert found[:, 0, 0, 0].tolist() == list(range(0, 3 * COUNT, 3))
    assert frames.described == f'{COUNT} images at most of {folder.name}/val, scaled'


def test_without_a_source_it_is_camvid(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv('CAMVID_ROOT', str(folder))
    assert Frames('').scaled(16, 12)[1, 0, 0].tolist() == [3, 3, 3]


def test_without_camvid_it_is_the_drawn_street(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('CAMVID_ROOT', raising=False)
    frames = Frames('')
    found = frames.scaled(64, 36)
    assert found.shape == (COUNT, 36, 64, 3)
    assert (found[0] != found[-1]).any()
    assert 'drawn street' in frames.described


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match='does not exist'):
        Frames(str(tmp_path / 'none')).scaled(64, 36)


@pytest.mark.parametrize(
    ('encoding', 'pixel'), [('rgb8', [255, 0, 0]), ('bgr8', [0, 0, 255]), ('mono8', 76)]
)
def test_frames_are_sent_in_every_encoding(encoding: str, pixel: object) -> None:
    frame = np.zeros((2, 3, 3), np.uint8)
    frame[..., 0] = 255
    assert encoded(frame, encoding)[1, 2].tolist() == pixel
    assert encoding in ENCODINGS
