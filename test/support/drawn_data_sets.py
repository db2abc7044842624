# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small data sets in their official layouts, drawn so that each class has one colour."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import CITYSCAPES, SUN_RGBD, VOID, LabelSet

Labels = NDArray[np.uint8]

SUN_FOLDERS = {
    'train': ('kv1/NYUdata/NYU0003', 'xtion/sun3ddata/hotel/0000001'),
    'val': ('realsense/lg/2014_10_21-17_58_55',),
    'test': ('kv2/kinect2data/000065_rgbf000066-resize', 'kv1/NYUdata/NYU0001'),
}
"""Frames of the drawn SUN RGB-D by split."""

OWN_CLASSES = """
name: orchard
classes:
  - {name: path, color: [200, 160, 90], role: traversable, annotation: 3}
  - {name: tree, color: [20, 120, 20], annotation: 1}
  - {name: sky, color: [120, 180, 250], role: background, annotation: 7}
"""


def draw_labels(rng: np.random.Generator, classes: int, height: int, width: int) -> Labels:
    """Return class ids in rectangles on a grid of 16 pixels, with a void corner."""
    grid = rng.integers(0, classes, (height // 16, width // 16), np.uint8)
    labels = np.kron(grid, np.ones((16, 16), np.uint8))
    labels[:16, :16] = VOID
    return labels


def paint(labels: Labels, label_set: LabelSet) -> NDArray[np.uint8]:
    """Return the labels in the colours of their classes, void in black; BGR."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(label_set.classes)] = [c.color[::-1] for c in label_set.classes]
    return palette[labels]


def by_color(label_set: LabelSet, frame: NDArray[np.uint8]) -> Labels:
    """Label each pixel of a drawn RGB frame by the nearest colour; JPEG blurs the borders."""
    distances = [np.abs(frame.astype(int) - c.color).sum(axis=2) for c in label_set.classes]
    return np.argmin(distances, axis=0).astype(np.uint8)


def annotate(labels: Labels, label_set: LabelSet, void: int = 0) -> Labels:
    """Return what the annotations of the data hold for class ids."""
    table = np.full(256, void, np.uint8)
    table[: len(label_set.classes)] = label_set.annotation_ids
    return table[labels]


def write(path: Path, image: NDArray[np.generic]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def draw_cityscapes(root: Path) -> None:
    """Draw 4 frames to train on and 3 to validate with, 96 x 64 pixels, with instances."""
    rng = np.random.default_rng(5)
    frames = [('train', 'aachen', 4), ('val', 'frankfurt', 2), ('val', 'lindau', 1)]
    for split, city, count in frames:
        for index in range(count):
            stem = f'{city}_{index:06}_000019'
            labels = draw_labels(rng, len(CITYSCAPES.classes), 64, 96)
            label_ids = annotate(labels, CITYSCAPES)
            # A pixel of a countable thing is 1000 x its label + the number of the thing.
            number = rng.integers(0, 2, (4, 6)).repeat(16, 0).repeat(16, 1)
            countable = label_ids >= 24
            instances = np.where(countable, label_ids * np.uint16(1000) + number, label_ids)
            write(
                root / 'leftImg8bit' / split / city / f'{stem}_leftImg8bit.png',
                paint(labels, CITYSCAPES),
            )
            fine = root / 'gtFine' / split / city
            write(fine / f'{stem}_gtFine_labelIds.png', label_ids)
            write(fine / f'{stem}_gtFine_instanceIds.png', instances.astype(np.uint16))


def draw_sun_rgbd(root: Path) -> dict[str, Labels]:
    """Draw frames of 64 x 48 pixels, and the toolbox; return the labels by folder of the frame."""
    import h5py
    from scipy.io import savemat

    rng = np.random.default_rng(6)
    # The toolbox lists the frames of all splits in an order of its own.
    folders = sorted(folder for split in SUN_FOLDERS.values() for folder in split)
    drawn = {folder: draw_labels(rng, 37, 48, 64) for folder in folders}
    for folder, labels in drawn.items():
        name = f'{Path(folder).name}.jpg'
        write(root / 'SUNRGBD' / folder / 'image' / name, paint(labels, SUN_RGBD))
    toolbox = root / 'SUNRGBDtoolbox'
    (toolbox / 'Metadata').mkdir(parents=True)
    (toolbox / 'traintestSUNRGBD').mkdir()
    home = '/n/fs/sun3d/data/SUNRGBD/'
    frames = [
        {'sequenceName': folder, 'rgbpath': f'{home}{folder}/image/{Path(folder).name}.jpg'}
        for folder in folders
    ]
    savemat(toolbox / 'Metadata' / 'SUNRGBDMeta.mat', {'SUNRGBDMeta': frames})
    cells = {
        split: np.array([home + folder for folder in names], object)[None]
        for split, names in SUN_FOLDERS.items()
    }
    savemat(
        toolbox / 'traintestSUNRGBD' / 'allsplit.mat',
        {
            'alltrain': np.concatenate((cells['train'], cells['val']), axis=1),
            'alltest': cells['test'],
            'trainvalsplit': {'train': cells['train'], 'val': cells['val']},
        },
    )
    with h5py.File(toolbox / 'Metadata' / 'SUNRGBD2Dseg.mat', 'w') as file:
        entries = file.create_dataset('SUNRGBD2Dseg/seglabel', (len(drawn), 1), h5py.ref_dtype)
        for index, labels in enumerate(drawn.values()):
            values = annotate(labels, SUN_RGBD)
            entries[index, 0] = file.create_dataset(f'#refs#/{index}', data=values.T).ref
    return drawn


def draw_own_classes(root: Path, splits: dict[str, int]) -> None:
    """Draw frames of 64 x 48 pixels; a split of no name is a folder of all frames."""
    from enet_model.class_file import load_classes

    root.mkdir(parents=True, exist_ok=True)
    (root / 'classes.yaml').write_text(OWN_CLASSES)
    label_set = load_classes(root / 'classes.yaml')
    rng = np.random.default_rng(7)
    for split, count in splits.items():
        for index in range(count):
            labels = draw_labels(rng, 3, 48, 64)
            write(root / 'images' / split / f'{index:03}.jpg', paint(labels, label_set))
            write(root / 'masks' / split / f'{index:03}.png', annotate(labels, label_set))
