# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.pictures import InputError
from enet_model.predict import predict, segment
from enet_model.segmenter import Segmentation, Segmenter

RNG = np.random.default_rng(12)


@pytest.fixture(scope='module')
def segmenter(color_model: Path) -> Segmenter:
    return Segmenter(color_model, device='cpu')


def picture(height: int, width: int) -> NDArray[np.uint8]:
    return RNG.integers(0, 256, (height, width, 3), np.uint8)


def write(path: Path, frame: NDArray[np.uint8]) -> None:
    assert cv2.imwrite(str(path), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))


def read(path: Path) -> NDArray[np.uint8]:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def in_colors(frame: NDArray[np.uint8], seen: Segmentation) -> NDArray[np.uint8]:
    """Draw red as it is, the labels as green, the confidence as blue."""
    return np.dstack((frame[..., 0], 60 * seen.labels, seen.confidence))


def test_a_frame_of_the_networks_size_is_taken_as_it_is(segmenter: Segmenter) -> None:
    frame = picture(24, 32)
    seen = segment(segmenter, frame)
    np.testing.assert_array_equal(seen.labels, frame[..., 0] // 64)
    np.testing.assert_array_equal(seen.confidence, frame[..., 1])


@pytest.mark.parametrize('size', [(48, 64), (120, 160), (100, 150), (60, 200)])
def test_a_larger_frame_is_seen_at_its_own_size(
    segmenter: Segmenter, size: tuple[int, int]
) -> None:
    top, left = (slice(None, size[0] // 2), slice(None)), (slice(None), slice(None, size[1] // 2))
    frame = np.full((*size, 3), 220, np.uint8)
    frame[top] -= 100
    frame[left] -= 100
    seen = segment(segmenter, frame)
    assert seen.labels.shape == seen.confidence.shape == size
    # The scaling blends what lies beside an edge.
    edge = np.zeros(size, bool)
    edge[size[0] // 2 - 8 : size[0] // 2 + 8] = edge[:, size[1] // 2 - 8 : size[1] // 2 + 8] = True
    np.testing.assert_array_equal(seen.labels[~edge], frame[..., 0][~edge] // 64)
    np.testing.assert_array_equal(seen.confidence[~edge], frame[..., 1][~edge])


@pytest.mark.parametrize('size', [(7, 5), (24, 33), (100, 31)])
def test_a_frame_of_any_size(segmenter: Segmenter, size: tuple[int, int]) -> None:
    seen = segment(segmenter, np.full((*size, 3), 150, np.uint8))
    np.testing.assert_array_equal(seen.labels, np.full(size, 2))
    np.testing.assert_array_equal(seen.confidence, np.full(size, 150))


def test_each_picture_is_written_as_it_is_drawn(segmenter: Segmenter, tmp_path: Path) -> None:
    source, output = tmp_path / 'in', tmp_path / 'new' / 'out'
    source.mkdir()
    frames = {'b': picture(24, 32), 'a': picture(48, 70)}
    for name, frame in frames.items():
        write(source / f'{name}.PNG', frame)
    (source / 'notes.txt').write_text('no picture')
    assert predict(segmenter, source, output, in_colors) == 2
    for name, frame in frames.items():
        expected = in_colors(frame, segment(segmenter, frame))
        np.testing.assert_array_equal(read(output / f'{name}.png'), expected)


def test_one_picture(segmenter: Segmenter, tmp_path: Path) -> None:
    write(tmp_path / 'one.png', picture(24, 32))
    assert predict(segmenter, tmp_path / 'one.png', tmp_path / 'out', in_colors) == 1
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['one.png']


@pytest.mark.parametrize(('source', 'output'), [('', ''), ('a.png', ''), ('', '../pictures/.')])
def test_a_source_is_not_written_over(
    segmenter: Segmenter, tmp_path: Path, source: str, output: str
) -> None:
    folder = tmp_path / 'pictures'
    folder.mkdir()
    frame = picture(24, 32)
    write(folder / 'a.png', frame)
    with pytest.raises(UserError, match='would be written over; name another folder'):
        predict(segmenter, folder / source, folder / output, in_colors)
    np.testing.assert_array_equal(read(folder / 'a.png'), frame)


@pytest.mark.parametrize('name', ['no.png', 'no.mp4', 'broken.png', 'broken.mp4'])
def test_what_cannot_be_read(segmenter: Segmenter, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.startswith('broken'):
        path.write_bytes(RNG.bytes(500))
    with pytest.raises(InputError, match=f'{name}: is not there, or no'):
        predict(segmenter, path, tmp_path / 'out', in_colors)


def test_a_folder_without_pictures(segmenter: Segmenter, tmp_path: Path) -> None:
    with pytest.raises(InputError, match='holds no picture; wanted a picture, a folder or a video'):
        predict(segmenter, tmp_path, tmp_path / 'out', in_colors)
