# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A drawn street, seen from a moving car: frames, class ids and the exact geometry of the camera.

It stands in for a camera where there is none, and for ground truth where geometry is tested: the
road is the plane z = 0, and the camera looks along it without pitch, roll or distortion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import CAMVID
from enet_ros import street_models as models
from enet_ros import street_textures as textures
from enet_ros.street_rendering import Canvas, Pinhole, Sprite, Surface, draw_model
from enet_ros.street_textures import STREET_LENGTH

FRAME_RATE = 20.0
"""Frames per second of street time [Hz]."""
CAMERA_HEIGHT = 1.5
"""Height of the camera above the road [m]."""
HORIZONTAL_FOV = np.pi / 3
"""Horizontal field of view [rad]."""

_EGO_SPEED = 6.0  # m/s
_IN_SIGHT = 150.0  # m; farther things are not drawn
_NOISE_MARGIN = 64  # pixels


class SyntheticStreet:
    """Frames of a street, reproducible by ``seed``; the index of a frame is the only state.

    ``fx``, ``fy``, ``cx``, ``cy`` [pixels] are the pinhole camera; pixel (u, v) is the ray
    ((u - cx) / fx, (v - cy) / fy, 1) of the optical frame (REP-103: x right, y down, z forward).

    Raises ValueError for a size below 16 x 16 pixels or a negative seed.
    """

    def __init__(self, width: int = 640, height: int = 360, seed: int = 0) -> None:
        if width < 16 or height < 16 or seed < 0:
            raise ValueError(
                f'a street of {width}x{height} pixels with seed {seed}: '
                'wanted are 16x16 or more, and a seed of 0 or more'
            )
        self.width, self.height, self.seed = width, height, seed
        self.fx = self.fy = width / 2 / float(np.tan(HORIZONTAL_FOV / 2))
        self.cx, self.cy = (width - 1) / 2, (height - 1) / 2
        self._camera = camera = Pinhole(
            width, height, self.fx, self.fy, self.cx, self.cy, CAMERA_HEIGHT
        )

        rng = np.random.default_rng(seed)
        left, left_houses = textures.facades(rng, brightness=0.8)
        right, right_houses = textures.facades(rng, brightness=1.25)
        self._backdrop = _backdrop(rng, camera)
        self._ground = Surface(camera, textures.ground(rng))
        self._facades = [
            Surface(camera, left, textures.LEFT_FACADE),
            Surface(camera, right, textures.RIGHT_FACADE),
        ]
        self._railing = Surface(camera, textures.railing(rng), textures.RAILING)
        self._end_walls = [
            *_end_walls(left_houses, textures.LEFT_FACADE, depth=6.0),
            *_end_walls(right_houses, textures.RIGHT_FACADE, depth=-6.0),
        ]
        self._trees = _trees(rng)
        self._street_life = [*_furniture(), *_vehicles(rng), *_pedestrians(rng)]
        shape = height + _NOISE_MARGIN, width + _NOISE_MARGIN, 3
        self._noise = rng.normal(0, 2.5, shape).round().astype(np.int8)

    def frame(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return frame ``index``, any integer: RGB [H, W, 3] and CamVid class ids [H, W], uint8."""
        time = index / FRAME_RATE
        travelled = _EGO_SPEED * time
        canvas = Canvas(self._camera, *(array.copy() for array in self._backdrop))
        self._ground.draw(canvas, travelled)
        _draw_things(self._end_walls, canvas, time)
        for facade in self._facades:
            facade.draw(canvas, travelled)
        _draw_things(self._trees, canvas, time)
        self._railing.draw(canvas, travelled)
        _draw_things(self._street_life, canvas, time)
        image = cv2.GaussianBlur(canvas.image, (3, 3), 0.6)
        shift = np.random.default_rng((self.seed, index % 2**32)).integers(0, _NOISE_MARGIN, 2)
        noise = self._noise[shift[0] :, shift[1] :][: self.height, : self.width]
        cv2.add(image, np.ascontiguousarray(noise), dst=canvas.image, dtype=cv2.CV_8U)
        return canvas.image, canvas.labels


@dataclass(frozen=True)
class _Thing:
    """Something at ``x`` along and ``y`` across the street [m] at time 0, with one look or more."""

    looks: Sequence[models.Model] | Sprite
    x: float
    y: float
    speed: float = 0.0  # m/s
    heading: int = 1
    pace: float = 0.0  # looks per second

    def distance(self, time: float) -> float:
        """Return how far ahead it is; what is 10 m behind the camera comes back far ahead."""
        return (self.x + (self.speed - _EGO_SPEED) * time + 10) % STREET_LENGTH - 10

    def draw(self, canvas: Canvas, time: float) -> None:
        distance = self.distance(time)
        if isinstance(self.looks, Sprite):
            self.looks.draw(canvas, distance, self.y)
        else:
            look = self.looks[int((time + self.x) * self.pace) % len(self.looks)]
            draw_model(canvas, look, distance, self.y, self.heading)


def _draw_things(things: Sequence[_Thing], canvas: Canvas, time: float) -> None:
    """Paint the things in sight over each other, the farthest first."""
    in_sight = [thing for thing in things if thing.distance(time) < _IN_SIGHT]
    for thing in sorted(in_sight, key=lambda thing: -thing.distance(time)):
        thing.draw(canvas, time)


def _backdrop(
    rng: np.random.Generator, camera: Pinhole
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the sky, and the trees at the far end of the street, as image and labels."""
    image = textures.sky(rng, camera.width, camera.height, camera.cy)
    labels = np.full((camera.height, camera.width), CAMVID.id_of('sky'), np.uint8)
    tops = 6.0 + 2.5 * np.sin(np.linspace(0, 40, camera.width)) + rng.uniform(-1, 1, camera.width)
    top_rows = camera.cy - camera.fy * (tops - camera.elevation) / _IN_SIGHT
    trees = np.arange(camera.height)[:, None] > top_rows
    image[trees] = (126, 126, 122)
    labels[trees] = CAMVID.id_of('tree')
    return image, labels


def _end_walls(houses: Sequence[tuple[float, float]], y: float, depth: float) -> list[_Thing]:
    """Return the sides of houses that rise above the house before them."""
    following = [*houses[1:], houses[0]]
    return [
        _Thing([models.end_wall(depth, height)], end, y)
        for (end, lower), (_, height) in zip(houses, following, strict=True)
        if height > lower
    ]


def _trees(rng: np.random.Generator) -> list[_Thing]:
    """Return the row of trees behind the railing."""
    label = CAMVID.id_of('tree')
    sprites = [Sprite(*textures.tree(rng), label, size=10.0) for _ in range(2)]
    return [
        _Thing(sprites[i % len(sprites)], x + rng.uniform(-2, 2), rng.uniform(-14.0, -12.0))
        for i, x in enumerate(np.arange(3.0, STREET_LENGTH, 9.0))
    ]


def _furniture() -> list[_Thing]:
    """Return what stands on the pavements."""
    left, right = textures.LEFT_KERB + 0.4, textures.RIGHT_KERB - 0.4
    lamps = [
        _Thing([models.lamp_post(reach)], x + offset, y)
        for x in np.arange(5.0, STREET_LENGTH - 20, 29.0)
        for reach, offset, y in ((-1.6, 0.0, left), (1.6, 14.0, right))
    ]
    signs = [
        _Thing([model], x + offset, y)
        for x in np.arange(14.0, STREET_LENGTH, 60.0)
        for model, offset, y in (
            (models.traffic_sign(), 0.0, left),
            (models.traffic_light(), 22.0, left),
            (models.traffic_sign(), 33.0, right),
        )
    ]
    return lamps + signs


def _vehicles(rng: np.random.Generator) -> list[_Thing]:
    """Return a car ahead, oncoming and parked cars, and bicycles along the left kerb."""
    paints = [
        (96, 28, 28),
        (40, 50, 78),
        (118, 122, 126),
        (30, 31, 33),
        (146, 148, 150),
        (52, 62, 58),
        (72, 76, 82),
    ]
    cars = [[models.car(paint)] for paint in paints]
    bicycles = [_strides(models.bicyclist, coat) for coat in ((34, 32, 36), (44, 36, 38))]
    ahead = [_Thing(cars[1], 24.0, 0.0, _EGO_SPEED)]
    oncoming = [
        _Thing(cars[3 * i % len(cars)], x + rng.uniform(-5, 5), -3.5, speed=-8.0, heading=-1)
        for i, x in enumerate(np.arange(15.0, STREET_LENGTH - 20, 38.0))
    ]
    parked = [
        _Thing(cars[rng.integers(len(cars))], x, -6.3, heading=int(rng.choice((-1, 1))))
        for x in np.arange(0.0, STREET_LENGTH, 6.0)
        if rng.random() < 0.5
    ]
    riding = [
        _Thing(bicycles[i % len(bicycles)], x, rng.uniform(1.55, 1.75), speed=4.5, pace=3.0)
        for i, x in enumerate(np.arange(12.0, STREET_LENGTH, 32.0))
    ]
    return ahead + oncoming + parked + riding


def _pedestrians(rng: np.random.Generator) -> list[_Thing]:
    """Return people who walk on both pavements."""
    coats = [(34, 32, 36), (44, 36, 38), (60, 28, 30), (30, 36, 52), (46, 48, 44)]
    people = [_strides(models.pedestrian, coat) for coat in coats]
    walking = []
    for x in np.arange(6.0, STREET_LENGTH, 8.0):
        y = rng.uniform(3.0, 5.0) if rng.random() < 0.55 else rng.uniform(-9.6, -8.0)
        looks, speed = people[rng.integers(len(people))], float(rng.choice((-1.3, 1.2, 1.4)))
        walking.append(_Thing(looks, x, y, speed, pace=4.0))
    return walking


def _strides(
    model: Callable[[models.Color, float], models.Model], coat: models.Color
) -> list[models.Model]:
    return [model(coat, stride) for stride in (-1.0, 0.0, 1.0, 0.0)]
