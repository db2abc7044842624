# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The classes of the data sets: names, colours, roles, and ids in the annotations.

Class ids run from 0 to n - 1 in the order of the tuples below; :data:`VOID` is no class. Street
classes that CamVid and Cityscapes share have one colour, that of the Cityscapes palette.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

VOID = 255
"""Label of a pixel without a class: unlabelled in data, unsure or unknown in results."""


class Role(str, Enum):
    """What a class means to somebody who drives on the ground."""

    TRAVERSABLE = 'traversable'
    OBSTACLE = 'obstacle'
    BACKGROUND = 'background'
    """Neither: it is far away or overhead, as the sky is; it says nothing about the ground."""


@dataclass(frozen=True)
class LabelClass:
    """A class: its name, its RGB colour (0 - 255) and its role."""

    name: str
    color: tuple[int, int, int]
    role: Role


@dataclass(frozen=True)
class LabelSet:
    """The classes of a data set, and the ids that its annotation images use for them."""

    name: str
    classes: tuple[LabelClass, ...]
    annotation_ids: tuple[int, ...]
    """``annotation_ids[i]`` is the pixel value of class i in the data; others are void."""

    def __post_init__(self) -> None:
        if len(self.annotation_ids) != len(self.classes):
            raise ValueError(
                f'label set {self.name}: {len(self.classes)} classes need as many annotation ids, '
                f'got {len(self.annotation_ids)}'
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, by id."""
        return tuple(label_class.name for label_class in self.classes)

    def id_of(self, name: str) -> int:
        """Return the id of the class called ``name``; ValueError where there is none."""
        return self.names.index(name)


_TRAVERSABLE = Role.TRAVERSABLE
_OBSTACLE = Role.OBSTACLE
_BACKGROUND = Role.BACKGROUND

_SKY = LabelClass('sky', (70, 130, 180), _BACKGROUND)
_BUILDING = LabelClass('building', (70, 70, 70), _OBSTACLE)
_POLE = LabelClass('pole', (153, 153, 153), _OBSTACLE)
_ROAD = LabelClass('road', (128, 64, 128), _TRAVERSABLE)
_FENCE = LabelClass('fence', (190, 153, 153), _OBSTACLE)
_CAR = LabelClass('car', (0, 0, 142), _OBSTACLE)

CAMVID = LabelSet(
    'camvid',
    (
        _SKY,
        _BUILDING,
        _POLE,
        _ROAD,
        LabelClass('pavement', (244, 35, 232), _TRAVERSABLE),
        LabelClass('tree', (107, 142, 35), _OBSTACLE),
        LabelClass('sign', (220, 220, 0), _OBSTACLE),
        _FENCE,
        _CAR,
        LabelClass('pedestrian', (220, 20, 60), _OBSTACLE),
        LabelClass('bicyclist', (255, 102, 0), _OBSTACLE),
    ),
    annotation_ids=tuple(range(11)),
)

CITYSCAPES = LabelSet(
    'cityscapes',
    (
        _ROAD,
        LabelClass('sidewalk', (244, 35, 232), _TRAVERSABLE),
        _BUILDING,
        LabelClass('wall', (102, 102, 156), _OBSTACLE),
        _FENCE,
        _POLE,
        LabelClass('traffic light', (250, 170, 30), _OBSTACLE),
        LabelClass('traffic sign', (220, 220, 0), _OBSTACLE),
        LabelClass('vegetation', (107, 142, 35), _OBSTACLE),
        LabelClass('terrain', (152, 251, 152), _OBSTACLE),
        _SKY,
        LabelClass('person', (220, 20, 60), _OBSTACLE),
        LabelClass('rider', (255, 0, 0), _OBSTACLE),
        _CAR,
        LabelClass('truck', (0, 0, 70), _OBSTACLE),
        LabelClass('bus', (0, 60, 100), _OBSTACLE),
        LabelClass('train', (0, 80, 100), _OBSTACLE),
        LabelClass('motorcycle', (0, 0, 230), _OBSTACLE),
        LabelClass('bicycle', (119, 11, 32), _OBSTACLE),
    ),
    # The labelIds that cityscapesscripts' table labels.py evaluates, in the order of its trainIds.
    annotation_ids=(7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33),
)

SUN_RGBD = LabelSet(
    'sun_rgbd',
    (
        LabelClass('wall', (174, 199, 232), _OBSTACLE),
        LabelClass('floor', (152, 223, 138), _TRAVERSABLE),
        LabelClass('cabinet', (31, 119, 180), _OBSTACLE),
        LabelClass('bed', (255, 187, 120), _OBSTACLE),
        LabelClass('chair', (188, 189, 34), _OBSTACLE),
        LabelClass('sofa', (140, 86, 75), _OBSTACLE),
        LabelClass('table', (255, 152, 150), _OBSTACLE),
        LabelClass('door', (214, 39, 40), _OBSTACLE),
        LabelClass('window', (197, 176, 213), _OBSTACLE),
        LabelClass('bookshelf', (148, 103, 189), _OBSTACLE),
        LabelClass('picture', (196, 156, 148), _OBSTACLE),
        LabelClass('counter', (23, 190, 207), _OBSTACLE),
        LabelClass('blinds', (178, 76, 76), _OBSTACLE),
        LabelClass('desk', (247, 182, 210), _OBSTACLE),
        LabelClass('shelves', (66, 188, 102), _OBSTACLE),
        LabelClass('curtain', (219, 219, 141), _OBSTACLE),
        LabelClass('dresser', (140, 57, 197), _OBSTACLE),
        LabelClass('pillow', (202, 185, 52), _OBSTACLE),
        LabelClass('mirror', (51, 176, 203), _OBSTACLE),
        LabelClass('floor mat', (200, 54, 131), _TRAVERSABLE),
        LabelClass('clothes', (92, 193, 61), _OBSTACLE),
        LabelClass('ceiling', (78, 71, 183), _BACKGROUND),
        LabelClass('books', (172, 114, 82), _OBSTACLE),
        LabelClass('fridge', (255, 127, 14), _OBSTACLE),
        LabelClass('tv', (91, 163, 138), _OBSTACLE),
        LabelClass('paper', (153, 98, 156), _OBSTACLE),
        LabelClass('towel', (140, 153, 101), _OBSTACLE),
        LabelClass('shower curtain', (158, 218, 229), _OBSTACLE),
        LabelClass('box', (100, 125, 154), _OBSTACLE),
        LabelClass('whiteboard', (178, 127, 135), _OBSTACLE),
        LabelClass('person', (220, 20, 60), _OBSTACLE),
        LabelClass('night stand', (146, 111, 194), _OBSTACLE),
        LabelClass('toilet', (44, 160, 44), _OBSTACLE),
        LabelClass('sink', (112, 128, 144), _OBSTACLE),
        LabelClass('lamp', (96, 207, 209), _OBSTACLE),
        LabelClass('bathtub', (227, 119, 194), _OBSTACLE),
        LabelClass('bag', (94, 106, 211), _OBSTACLE),
    ),
    annotation_ids=tuple(range(1, 38)),
)

LABEL_SETS = {label_set.name: label_set for label_set in (CAMVID, CITYSCAPES, SUN_RGBD)}
