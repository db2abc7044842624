# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError, pair_up, read_frame
from enet_model.label_sets import CITYSCAPES, VOID

FRAME = np.random.default_rng(7).integers(0, 256, (6, 8, 3), np.uint8)


def frames(
    folder: Path, annotation: NDArray[np.generic], frame: NDArray[np.uint8] = FRAME
) -> AnnotatedFrames:
    """Write a frame (RGB) and its annotation; return them as a data set."""
    image_path, annotation_path = folder / 'frame.png', folder / 'annotation.png'
    assert cv2.imwrite(str(image_path), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    assert cv2.imwrite(str(annotation_path), annotation)
    return AnnotatedFrames(CITYSCAPES, ((image_path, annotation_path),))


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
    for path in data.pairs[0]:
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


def test_pairs_are_made_by_name_and_in_order(tmp_path: Path) -> None:
    for folder in ('a', 'b'):
        (tmp_path / folder).mkdir()
        for name in ('2.png', '10.png', '1.png', 'notes.txt'):
            (tmp_path / folder / name).touch()
    (tmp_path / 'b' / 'more.png').touch()
    pairs = pair_up(tmp_path / 'a', tmp_path / 'b', 'hint')
    assert [(image.name, annotation.name) for image, annotation in pairs] == [
        *(('1.png', '1.png'), ('10.png', '10.png'), ('2.png', '2.png')),
    ]
    assert {(i.parent.name, a.parent.name) for i, a in pairs} == {('a', 'b')}


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    images, annotations = tmp_path / 'a', tmp_path / 'b'
    for text in (f'no folder {images}; the hint', f'no folder {annotations}; the hint'):
        with pytest.raises(DataSetError, match=text):
            pair_up(images, annotations, 'the hint')
        (images if not images.exists() else annotations).mkdir()
    with pytest.raises(DataSetError, match=f'no PNG file in {images}; the hint'):
        pair_up(images, annotations, 'the hint')
    (images / '1.png').touch()
    with pytest.raises(DataSetError, match=f'no annotation {annotations / "1.png"}; the hint'):
        pair_up(images, annotations, 'the hint')
