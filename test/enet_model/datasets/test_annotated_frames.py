# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.datasets.annotated_frames import (
    AnnotatedFrames,
    Annotation,
    DataSetError,
    MaskFile,
    check_file,
    check_folder,
    find_frames,
    read_frame,
)
from enet_model.label_sets import CITYSCAPES, VOID

FRAME = np.random.default_rng(7).integers(0, 256, (6, 8, 3), np.uint8)


def frames(
    folder: Path, annotation: NDArray[np.generic], frame: NDArray[np.uint8] = FRAME
) -> AnnotatedFrames:
    """Write a frame (RGB) and its annotation; return them as a data set."""
    image_path, annotation_path = folder / 'frame.png', folder / 'annotation.png'
    assert cv2.imwrite(str(image_path), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    assert cv2.imwrite(str(annotation_path), annotation)
    mask = MaskFile(annotation_path, CITYSCAPES.annotation_ids)
    return AnnotatedFrames(CITYSCAPES, ((image_path, mask),))


def test_frames_are_rgb_and_annotations_become_class_ids(tmp_path: Path) -> None:
    annotation = np.zeros((6, 8), np.uint8)
    annotation[0] = [7, 8, 11, 33, 0, 1, 34, 255]
    data = frames(tmp_path, annotation)
    assert len(data) == 1
    frame, labels = data[0]
    np.testing.assert_array_equal(frame, FRAME)
    assert labels.dtype == np.uint8
    assert labels[0].tolist() == [0, 1, 2, 18, VOID, VOID, VOID, VOID]
    assert (labels[1:] == VOID).all()
    np.testing.assert_array_equal(data.labels(0), labels)


@pytest.mark.parametrize(
    ('annotation', 'text'),
    [
        (np.zeros((6, 8, 3), np.uint8), r'a uint8 image, \(6, 8, 3\); wanted a single-channel'),
        (np.zeros((6, 8), np.uint16), r'a uint16 image, \(6, 8\); wanted a single-channel 8-bit'),
    ],
)
def test_an_annotation_that_holds_no_class_ids(
    tmp_path: Path, annotation: NDArray[np.generic], text: str
) -> None:
    data = frames(tmp_path, annotation)
    for read in (data.__getitem__, data.labels):
        with pytest.raises(DataSetError, match=f'annotation.png: {text}'):
            read(0)


def test_an_annotation_of_another_size(tmp_path: Path) -> None:
    data = frames(tmp_path, np.zeros((8, 6), np.uint8))
    with pytest.raises(DataSetError, match=r'annotation.png: \(8, 6\); wanted \(6, 8\)'):
        data[0]


def test_files_that_are_no_images(tmp_path: Path) -> None:
    data = frames(tmp_path, np.zeros((6, 8), np.uint8))
    for path in (tmp_path / 'frame.png', tmp_path / 'annotation.png'):
        content = path.read_bytes()
        path.write_bytes(content[:20])
        with pytest.raises(DataSetError, match=f'{path.name}: not an image that can be read'):
            data[0]
        path.write_bytes(content)
    with pytest.raises(DataSetError, match=r'no.png: not an image'):
        read_frame(tmp_path / 'no.png')


def test_a_gray_frame_is_read_as_rgb(tmp_path: Path) -> None:
    path = tmp_path / 'gray.png'
    cv2.imwrite(str(path), FRAME[..., 0])
    np.testing.assert_array_equal(read_frame(path), FRAME[..., :1].repeat(3, axis=2))


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9)), st.tuples(st.integers(1, 9), st.integers(1, 9))
)
def test_frame_and_labels_are_scaled_alike(
    tmp_path_factory: pytest.TempPathFactory, half: tuple[int, int], scaled: tuple[int, int]
) -> None:
    """Left of the middle all is black and of class 0, right of it white and of class 1."""
    width, height = 2 * half[0], half[1]
    annotation = np.full((height, width), 7, np.uint8)
    annotation[:, half[0] :] = 8
    frame = np.where(annotation[..., None] == 8, 255, np.zeros(3)).astype(np.uint8)
    data = frames(tmp_path_factory.mktemp('scaled'), annotation, frame)
    size = (2 * scaled[0], scaled[1])
    small, labels = replace(data, size=size)[0]
    assert small.shape == (size[1], size[0], 3)
    assert labels.shape == (size[1], size[0])
    assert (labels[:, : scaled[0]] == 0).all()
    assert (labels[:, scaled[0] :] == 1).all()
    # Of pixels that the border blends, more than half is of their side.
    np.testing.assert_array_equal(small[..., 0] >= 128, labels == 1)
    np.testing.assert_array_equal(replace(data, size=size).labels(0), labels)


def test_frames_are_found_by_pattern_and_suffix_and_in_order(tmp_path: Path) -> None:
    for name in ('b/2.png', 'b/10.JPG', 'a/1.png', 'b/notes.txt', '0.png'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path.relative_to(tmp_path)) for path in find_frames(tmp_path, '*/*', 'hint')]
    assert found == ['a/1.png', 'b/10.JPG', 'b/2.png']


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / 'a'
    with pytest.raises(DataSetError, match=f'no folder {folder}; the hint'):
        check_folder(folder, 'the hint')
    with pytest.raises(DataSetError, match=f'no folder {folder}; the hint'):
        find_frames(folder, '*.png', 'the hint')
    folder.mkdir()
    with pytest.raises(DataSetError, match=rf'no image {folder}/\*.png; the hint'):
        find_frames(folder, '*.png', 'the hint')
    with pytest.raises(DataSetError, match=f'no file {folder}; the hint'):
        check_file(folder, 'the hint')
    (folder / '1.png').touch()
    assert check_file(folder / '1.png', 'the hint') == folder / '1.png'


@pytest.mark.parametrize(
    ('count', 'seen'),
    [(1, [0]), (3, [0, 3, 6]), (4, [0, 2, 4, 6]), (10, [*range(10)]), (99, [*range(10)])],
)
def test_a_sample_is_from_all_over_the_data(tmp_path: Path, count: int, seen: list[int]) -> None:
    pairs: list[tuple[Path, Annotation]] = []
    for index in range(10):
        folder = tmp_path / str(index)
        folder.mkdir()
        frame = np.full((6, 8, 3), index, np.uint8)
        pairs += frames(folder, np.zeros((6, 8), np.uint8), frame).pairs
    data = AnnotatedFrames(CITYSCAPES, tuple(pairs))
    assert [int(frame[0, 0, 0]) for frame in data.sample(count)] == seen
