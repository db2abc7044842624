# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the surfaces of the synthetic street look like: ground, facades, railing, trees.

A texture is a pair of arrays, RGB and class ids. Its rows go across the street (ground: from right
to left; walls: from the ground up), its columns along it, at :data:`PIXELS_PER_METRE`; it repeats
after :data:`STREET_LENGTH`. Classes are about as bright as they are in CamVid.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from enet_model.label_sets import CAMVID, VOID

Array: TypeAlias = NDArray[Any]
"""Images and labels are uint8, coordinates and colours in the making float32."""
Texture: TypeAlias = tuple[Array, Array]
"""RGB, and the class ids with VOID where the surface has a hole."""

PIXELS_PER_METRE = 20
STREET_LENGTH = 168.0
"""Length after which the street repeats itself [m]; no more than this is ever in sight."""
LEFT_FACADE, LEFT_KERB, RIGHT_KERB, RAILING, RIGHT_FACADE = 5.6, 2.4, -7.4, -10.2, -17.0
"""Lateral positions, positive to the left of the camera [m]."""
LANE_MARKING, PARKING_LINE = -1.8, -5.2
LANE_MARKING_PERIOD = 6.0
"""A dash and the gap after it, of equal length [m]; a dash begins at 0."""

_SKY_LOW, _SKY_HIGH = np.array([(240, 249, 250), (193, 228, 247)], np.float32)
_WALLS = np.array(
    [(104, 84, 70), (80, 60, 52), (168, 160, 146), (98, 94, 90), (140, 124, 98), (62, 58, 56)],
    np.float32,
)
_BOARDS = np.array([(70, 24, 26), (34, 44, 62), (30, 52, 40), (150, 146, 136)], np.float32)
_ALONG = round(STREET_LENGTH * PIXELS_PER_METRE)


def ground(rng: np.random.Generator) -> Texture:
    """Return road and pavements from :data:`RIGHT_FACADE` (row 0) to :data:`LEFT_FACADE`."""
    across = round((LEFT_FACADE - RIGHT_FACADE) * PIXELS_PER_METRE)
    y = RIGHT_FACADE + (np.arange(across) + 0.5) / PIXELS_PER_METRE
    road = (y > RIGHT_KERB) & (y < LEFT_KERB)
    labels = np.where(road, CAMVID.id_of('road'), CAMVID.id_of('pavement')).astype(np.uint8)

    image = np.empty((across, _ALONG, 3), np.float32)
    image[road] = (66, 69, 74)
    image[~road] = (77, 75, 74)
    image += _noise(rng, image.shape[:2], 4.0, cell=60)[..., None]
    image += _noise(rng, image.shape[:2], 4.0, cell=(5, 60))[..., None]
    image += _noise(rng, image.shape[:2], 6.0, cell=2)[..., None]
    for _ in range(14):  # repaired asphalt
        start, top = _texels(rng.uniform(0, STREET_LENGTH - 8)), _texels(rng.uniform(9.8, 17))
        end, bottom = start + _texels(rng.uniform(1, 7)), top + _texels(rng.uniform(0.6, 2))
        image[top:bottom, start:end] += rng.uniform(-13, 9)
    slab = _texels(0.6)
    for rows in (np.flatnonzero(y < RIGHT_KERB), np.flatnonzero(y > LEFT_KERB)):
        image[rows[::slab]] -= 16
        image[rows[0] : rows[-1] + 1, ::slab] -= 14

    def line(lateral: float, width: float, color: ArrayLike, period: float = 0.0) -> None:
        rows = np.abs(y - lateral) < width / 2
        x = np.arange(_ALONG) / PIXELS_PER_METRE
        painted = x % period < period / 2 if period else np.full(_ALONG, True)
        worn = _noise(rng, (1, _ALONG), 12.0, cell=12)[0][painted]
        image[np.ix_(rows, painted)] = np.asarray(color, np.float32) + worn[:, None]

    line(LEFT_KERB + 0.06, 0.14, (112, 110, 106))
    line(RIGHT_KERB - 0.06, 0.14, (112, 110, 106))
    line(LEFT_KERB - 0.12, 0.22, (44, 46, 49))
    line(RIGHT_KERB + 0.12, 0.22, (44, 46, 49))
    line(LEFT_KERB - 0.35, 0.09, (134, 122, 74))
    line(LEFT_KERB - 0.58, 0.09, (134, 122, 74))
    line(LANE_MARKING, 0.13, (150, 152, 155), period=LANE_MARKING_PERIOD)
    line(PARKING_LINE, 0.10, (132, 134, 137), period=2.0)
    return _to_uint8(image), np.repeat(labels[:, None], _ALONG, axis=1)


def facades(
    rng: np.random.Generator, brightness: float
) -> tuple[Texture, list[tuple[float, float]]]:
    """Return a terrace of houses, and where each one ends and how high it is [m].

    ``brightness`` is 1 for walls in the shade.
    """
    highest = _texels(15.0)
    image = np.zeros((highest, _ALONG, 3), np.float32)
    labels = np.full((highest, _ALONG), VOID, np.uint8)
    houses = []
    start = 0.0
    while start < STREET_LENGTH:
        end = start + rng.uniform(7.0, 15.0)
        end = STREET_LENGTH if end > STREET_LENGTH - 7.0 else end
        storeys = int(rng.integers(2, 5))
        height = 3.4 + 2.9 * (storeys - 1) + rng.uniform(0.3, 1.4)
        house = np.s_[: _texels(height), _texels(start) : _texels(end)]
        _draw_house(rng, image[house], storeys, brightness)
        labels[house] = CAMVID.id_of('building')
        houses.append((end, height))
        start = end
    image *= 1 + _noise(rng, image.shape[:2], 0.10, cell=80)[..., None]
    image += _noise(rng, image.shape[:2], 4.0, cell=2)[..., None]
    return (_to_uint8(image), labels), houses


def railing(rng: np.random.Generator) -> Texture:
    """Return iron railings on a low wall, with a hedge behind them."""
    height = _texels(1.75)
    z = (np.arange(height) + 0.5) / PIXELS_PER_METRE
    image = np.full((height, _ALONG, 3), (52, 54, 44), np.float32)
    image += _noise(rng, (height, _ALONG), 14.0, cell=3)[..., None]
    image += _noise(rng, (height, _ALONG), 10.0, cell=14)[..., None]
    image[:, np.arange(_ALONG) % 4 == 0] = (24, 25, 27)
    image[(z > 1.45) & (z < 1.53)] = (24, 25, 27)
    image[z < 0.55] = (92, 87, 78)
    image[z < 0.55] += _noise(rng, (int((z < 0.55).sum()), _ALONG), 12.0, cell=(4, 9))[..., None]
    image[np.abs(z - 0.57) < 0.04] = (120, 116, 106)
    labels = np.full((height, _ALONG), CAMVID.id_of('fence'), np.uint8)
    for gate in np.arange(20.0, STREET_LENGTH, 48.0):
        labels[:, _texels(gate) : _texels(gate + 3.5)] = VOID
    return _to_uint8(image), labels


def tree(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return a bare tree: RGBA with premultiplied alpha, and a mask (0 or 255) of its outline.

    Row 0 is the top. The outline takes in the sky between the twigs, as annotators do.
    """
    size = 512
    image = np.zeros((size, size, 3), np.uint8)
    alpha = np.zeros((size, size), np.uint8)
    crown = np.zeros((size, size), np.uint8)
    branches = [(size / 2, size - 1.0, -np.pi / 2, 112.0, 15.0)]
    while branches:
        x, y, angle, length, width = branches.pop()
        end_x, end_y = x + length * np.cos(angle), y + length * np.sin(angle)
        ends = (round(x), round(y)), (round(end_x), round(end_y))
        shade = rng.uniform(0.7, 1.3)
        color, thickness = (72 * shade, 66 * shade, 60 * shade), max(1, round(width))
        cv2.line(image, *ends, color, thickness, cv2.LINE_AA)
        cv2.line(alpha, *ends, 255 if width > 1.5 else 165, thickness, cv2.LINE_AA)
        if width < 9:
            cv2.line(crown, *ends, 255, 14)
        if length > 12:
            for side in (-1, 1, rng.choice((-1, 1))):
                turn, shrink = side * rng.uniform(0.15, 0.8), rng.uniform(0.6, 0.8)
                branches.append((end_x, end_y, angle + turn, length * shrink, width * 0.6))
    crown = cv2.morphologyEx(crown, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8))
    haze = cv2.bitwise_and(crown, _to_uint8(90 + _noise(rng, crown.shape, 60.0, cell=5)))
    twigs = np.maximum(alpha, cv2.GaussianBlur(haze, (0, 0), 1.5))
    image[alpha == 0] = (92, 84, 76)
    premultiplied = image.astype(np.float32) * (twigs[..., None] / 255.0)
    outline = np.where((crown > 0) | (alpha > 128), 255, 0).astype(np.uint8)
    return np.dstack([_to_uint8(premultiplied), twigs]), outline


def sky(rng: np.random.Generator, width: int, height: int, horizon: float) -> Array:
    """Return a bright sky, whiter towards the horizon (a row), with thin clouds."""
    up = np.clip(1 - np.arange(height) / max(horizon, 1), 0, 1)[:, None, None]
    image = _SKY_LOW * (1 - up) + _SKY_HIGH * up
    clouds = np.clip(_noise(rng, (height, width), 1.0, cell=(height / 10, width / 4)), 0, 2)
    return _to_uint8(image + 14 * clouds[..., None])


def _draw_house(rng: np.random.Generator, wall: Array, storeys: int, brightness: float) -> None:
    """Draw bricks, a shop below and windows above into ``wall``, whose row 0 is at the ground."""
    base = _WALLS[rng.integers(len(_WALLS))] * brightness * rng.uniform(0.8, 1.1)
    trim = np.array((150, 148, 140), np.float32) * brightness
    rows, columns = wall.shape[:2]
    height, width = rows / PIXELS_PER_METRE, columns / PIXELS_PER_METRE

    def part(bottom: float, top: float, left: float, right: float) -> Array:
        return wall[_texels(bottom) : _texels(top), _texels(left) : _texels(right)]

    def glass(bottom: float, top: float, left: float, right: float) -> None:
        pane = part(bottom, top, left, right)
        reflection = np.linspace(0.6, 1.3, len(pane))[:, None, None]
        pane[:] = np.array((28, 31, 36), np.float32) * reflection + rng.uniform(-8, 14)

    wall[:] = base
    wall[:: _texels(0.25)] -= 7
    wall += _noise(rng, (rows, columns), 6.0, cell=(3, 7))[..., None]
    part(height - 0.35, height, 0, width)[:] = base * 1.3
    part(height - 0.45, height - 0.35, 0, width)[:] = base * 0.45

    shop = rng.random() < 0.65
    if shop:
        part(0, 3.1, 0.3, width - 0.3)[:] = base * 0.5
        part(2.55, 3.1, 0.3, width - 0.3)[:] = _BOARDS[rng.integers(len(_BOARDS))]
        for left in np.arange(0.5, width - 2.0, 2.0):
            glass(0.5, 2.45, left, left + 1.75)
        part(0, 2.3, width / 2 - 0.5, width / 2 + 0.5)[:] = base * 0.3

    pitch = rng.uniform(2.0, 3.2)
    for storey in range(int(shop), storeys):
        sill = 3.4 + 2.9 * (storey - 1) + 0.75 if storey else 0.9
        for left in np.arange(pitch / 2 - 0.55, width - 1.3, pitch):
            part(sill - 0.1, sill + 1.7, left - 0.1, left + 1.2)[:] = trim
            glass(sill, sill + 1.6, left, left + 1.1)
            part(sill, sill + 1.6, left + 0.52, left + 0.58)[:] = trim
            part(sill + 0.8, sill + 0.86, left, left + 1.1)[:] = trim


def _noise(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    strength: float,
    cell: float | tuple[float, float],
) -> Array:
    """Return smooth noise with a deviation of about ``strength`` and blobs of ``cell`` pixels."""
    rows, columns = cell if isinstance(cell, tuple) else (cell, cell)
    cells = int(shape[0] / rows) + 2, int(shape[1] / columns) + 2
    coarse = rng.standard_normal(cells, np.float32)
    coarse[:, -1] = coarse[:, 0]  # no seam where the street repeats
    return strength * cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _texels(length: float) -> int:
    """Return a length in metres as texels; what begins below 0 is cut off."""
    return max(0, round(length * PIXELS_PER_METRE))


def _to_uint8(image: Array) -> Array:
    return np.clip(image, 0, 255).astype(np.uint8)
