# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What stands and moves in the synthetic street: cars, people, poles, signs, as flat polygons.

A model's origin is on the ground below its middle; x points forward, y left, z up [m] (REP-103).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from enet_model.label_sets import CAMVID
from enet_ros.street_textures import Array

Color: TypeAlias = tuple[int, int, int]

_GLASS: Color = (44, 50, 56)
_RUBBER: Color = (18, 18, 19)
# From the rear bumper over the roof to the front bumper: x, z and half the width there [m], and how
# bright each stretch between two of them is (None is a window).
_CAR_OUTLINE = np.array(
    [
        (-2.02, 0.28, 0.78),
        (-2.10, 0.66, 0.84),
        (-1.98, 0.95, 0.80),
        (-1.45, 1.42, 0.60),
        (0.15, 1.46, 0.60),
        (0.95, 0.95, 0.78),
        (1.95, 0.76, 0.80),
        (2.10, 0.52, 0.82),
        (2.02, 0.26, 0.78),
    ]
)
_CAR_BRIGHTNESS = (0.6, 1.0, None, 1.3, None, 1.3, 1.0, 0.6)


@dataclass(frozen=True)
class Polygon:
    """A flat polygon; with ``label`` None (a shadow) the class behind it stays."""

    points: Array
    color: Color
    label: int | None
    two_sided: bool = False


class Model:
    """Polygons in the order in which they are painted, laid out to be projected together."""

    def __init__(self, polygons: Sequence[Polygon]) -> None:
        self.points = np.concatenate([polygon.points for polygon in polygons])
        counts = np.array([len(polygon.points) for polygon in polygons])
        self.ends = np.cumsum(counts)
        self.starts = self.ends - counts
        self.colors = np.array([polygon.color for polygon in polygons], np.float32)
        self.labels = [polygon.label for polygon in polygons]
        self.centers = np.array([polygon.points.mean(axis=0) for polygon in polygons], np.float32)
        self.normals = np.array(
            [
                np.zeros(3)
                if polygon.two_sided
                else np.cross(*(polygon.points[1:3] - polygon.points[0]))
                for polygon in polygons
            ],
            np.float32,
        )
        outwards = ((self.centers - (0, 0, 0.7)) * self.normals).sum(axis=1, keepdims=True)
        self.normals *= np.where(outwards < 0, -1, 1)


def car(color: Color) -> Model:
    """Return a hatchback, 4.2 m long, 1.7 m wide and 1.46 m high."""
    shadow = [(-2.3, -1, 0), (-2.3, 1, 0), (2.3, 1, 0), (2.3, -1, 0)]
    polygons = [Polygon(np.array(shadow, np.float32), (36, 38, 41), None, two_sided=True)]
    for side in (-1, 1):
        x, z, half_width = _CAR_OUTLINE.T
        flank = np.column_stack([x, side * half_width, z])
        cabin = flank[2:6]
        y = side * 0.84
        sill = [(-2.0, y, 0.26), (2.0, y, 0.26), (2.0, y, 0.4), (-2.0, y, 0.4)]
        polygons.append(_car_part(flank[[0, 1, 2, 5, 6, 7, 8]], color))
        polygons.append(_car_part(cabin, color))
        polygons.append(_car_part(_inset(cabin), _GLASS))
        polygons.append(_car_part(sill, color, 0.6))
        for x in (-1.3, 1.28):
            polygons.append(_car_part(_disc(0.33, (x, side * 0.85, 0.33), axis=1), _RUBBER))
            polygons.append(_car_part(_disc(0.19, (x, side * 0.86, 0.33), axis=1), (105, 107, 110)))
    stretches = zip(_CAR_OUTLINE, _CAR_OUTLINE[1:], _CAR_BRIGHTNESS, strict=False)
    for (x0, z0, w0), (x1, z1, w1), brightness in stretches:
        panel = np.array([(x0, w0, z0), (x1, w1, z1), (x1, -w1, z1), (x0, -w0, z0)])
        polygons.append(_car_part(panel, color, brightness or 1.0))
        if brightness is None:
            polygons.append(_car_part(_inset(panel), _GLASS))
    for y in (-0.66, 0.66):
        polygons.append(_car_part(_upright(-2.11, y, 0.78, 0.2, 0.26), (126, 22, 20)))
        polygons.append(_car_part(_upright(2.11, y, 0.62, 0.3, 0.16), (206, 208, 204)))
    polygons.append(_car_part(_upright(-2.12, 0.0, 0.6, 0.52, 0.11), (176, 160, 70)))
    polygons.append(_car_part(_upright(2.12, 0.0, 0.58, 0.7, 0.12), (30, 30, 32)))
    polygons.append(_car_part(_upright(2.12, 0.0, 0.4, 0.52, 0.11), (186, 188, 186)))
    return Model(polygons)


def pedestrian(coat: Color, stride: float) -> Model:
    """Return a person of 1.75 m who walks; ``stride`` from -1 to 1 is the phase of the step."""
    return Model(_person(CAMVID.id_of('pedestrian'), coat, (30, 31, 38), stride, 0.0))


def bicyclist(coat: Color, stride: float) -> Model:
    """Return a person who cycles along the street; ``stride`` from -1 to 1 turns the pedals."""
    label = CAMVID.id_of('bicyclist')
    bicycle = [
        Polygon(_disc(0.34, (0.5, 0, 0.34), axis=1), _RUBBER, label, True),
        _flat([(-0.03, 0), (0.03, 0), (0.03, 0.68), (-0.03, 0.68)], _RUBBER, label),
        _flat([(-0.28, 1.02), (0.28, 1.02), (0.28, 1.07), (-0.28, 1.07)], (40, 40, 42), label),
        _flat([(-0.1, 0.72), (0.1, 0.72), (0.1, 0.64), (-0.1, 0.64)], (110, 26, 24), label),
    ]
    return Model(bicycle + _person(label, coat, (28, 29, 36), stride, 0.22))


def lamp_post(reach: float) -> Model:
    """Return a street lamp of 7 m whose arm reaches ``reach`` metres to the left."""
    label, color = CAMVID.id_of('pole'), (66, 68, 70)
    return Model(
        [
            _flat([(-0.07, 0), (0.07, 0), (0.04, 7), (-0.04, 7)], color, label),
            _flat([(0, 6.9), (reach, 7.2), (reach, 7.3), (0, 7.02)], color, label),
        ]
    )


def traffic_sign() -> Model:
    """Return a round sign with a red ring on a post of 2.6 m."""
    post = _flat(
        [(-0.04, 0), (0.04, 0), (0.04, 2.6), (-0.04, 2.6)], (84, 86, 88), CAMVID.id_of('pole')
    )
    discs = ((0.34, (128, 30, 32)), (0.25, (176, 176, 172)), (0.1, (40, 42, 50)))
    sign = CAMVID.id_of('sign')
    return Model(
        [post] + [Polygon(_disc(r, (0, 0, 2.4), axis=0), color, sign, True) for r, color in discs]
    )


def traffic_light() -> Model:
    """Return a green light in a black case on a post."""
    sign = CAMVID.id_of('sign')
    return Model(
        [
            _flat(
                [(-0.06, 0), (0.06, 0), (0.06, 2.3), (-0.06, 2.3)],
                (58, 60, 62),
                CAMVID.id_of('pole'),
            ),
            _flat([(-0.2, 2.2), (0.2, 2.2), (0.2, 3.2), (-0.2, 3.2)], (20, 21, 22), sign),
            Polygon(_disc(0.1, (0, 0, 2.42), axis=0), (90, 236, 170), sign, True),
        ]
    )


def end_wall(depth: float, height: float) -> Model:
    """Return the side of a house: a wall across the street, from y = 0 to ``depth``."""
    points = [(0, 0), (depth, 0), (depth, height), (0, height)]
    return Model([_flat(points, (74, 68, 64), CAMVID.id_of('building'))])


def _car_part(points: ArrayLike, color: Color, brightness: float = 1.0) -> Polygon:
    red, green, blue = (min(round(value * brightness), 255) for value in color)
    return Polygon(np.asarray(points, np.float32), (red, green, blue), CAMVID.id_of('car'))


def _inset(panel: Array) -> Array:
    """Return a window pane in the middle of a panel."""
    middle = panel.mean(axis=0)
    return middle + 0.85 * (panel - middle)


def _person(label: int, coat: Color, trousers: Color, stride: float, lift: float) -> list[Polygon]:
    """Return the polygons of a person whose feet are ``lift`` metres above the ground."""
    shade = (round(coat[0] * 0.72), round(coat[1] * 0.72), round(coat[2] * 0.72))
    step = 0.12 * stride
    left_foot, right_foot = 0.04 + max(step, 0), 0.04 + max(-step, 0)
    outlines = [
        ([(-0.16, 0.9), (0.0, 0.9), (-0.05, left_foot), (-0.17, left_foot)], trousers),
        ([(0.16, 0.9), (0.0, 0.9), (0.05, right_foot), (0.17, right_foot)], trousers),
        ([(-0.21, 1.42), (-0.31, 1.36), (-0.31 + step / 2, 0.82), (-0.21, 0.8)], shade),
        ([(0.21, 1.42), (0.31, 1.36), (0.31 + step / 2, 0.82), (0.21, 0.8)], shade),
        ([(-0.18, 0.8), (0.18, 0.8), (0.24, 1.4), (0.1, 1.5), (-0.1, 1.5), (-0.24, 1.4)], coat),
        ([(0.02, 0.8), (0.18, 0.8), (0.24, 1.4), (0.1, 1.5)], shade),
    ]
    head = [(0.115, 1.62, (128, 98, 84)), (0.11, 1.67, (34, 28, 26))]
    return [
        *(_flat([(y, z + lift) for y, z in outline], color, label) for outline, color in outlines),
        *(
            Polygon(_disc(radius, (0, 0, z + lift), axis=0), color, label, two_sided=True)
            for radius, z, color in head
        ),
    ]


def _flat(outline: Iterable[tuple[float, float]], color: Color, label: int) -> Polygon:
    """Return a cut-out that faces along the street, from (y, z) pairs."""
    points = np.array([(0.0, y, z) for y, z in outline], np.float32)
    return Polygon(points, color, label, two_sided=True)


def _upright(x: float, y: float, z: float, width: float, height: float) -> Array:
    """Return a rectangle that faces along the street, around (x, y, z)."""
    return np.array(
        [
            (x, y + a * width, z + b * height)
            for a, b in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
        ]
    )


def _disc(radius: float, center: tuple[float, float, float], axis: int) -> Array:
    """Return a regular polygon around ``center`` that faces along x (0) or y (1)."""
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    points = np.zeros((len(angle), 3), np.float32)
    points[:, 1 - axis], points[:, 2] = radius * np.cos(angle), radius * np.sin(angle)
    return points + np.array(center, np.float32)
