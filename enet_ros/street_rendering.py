# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A small renderer for the synthetic street: textured planes along it, pictures and polygons in it.

Positions are metres from the point of the road below the camera: x forward, y left, z up (REP-103).
Everything is painted over what is there: the caller begins with what is farthest.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from enet_model.label_sets import VOID
from enet_ros.street_models import Model
from enet_ros.street_textures import (
    PIXELS_PER_METRE,
    RIGHT_FACADE,
    STREET_LENGTH,
    Array,
    Texture,
)

HAZE = (205, 214, 218)

_HAZE_RANGE = 500.0  # m; there 63 % of the light is haze
_NEAR = 0.6  # m; what is nearer is cut off
_SHIFT = 4  # fractional bits of the corners of a polygon


@dataclass(frozen=True)
class Pinhole:
    """A camera ``elevation`` metres above the road that looks along it; the rest is in pixels."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    elevation: float

    def project(self, points: Array) -> Array:
        """Return the pixels (u, v) [N, 2] of points [N, 3] in front of the camera."""
        pixels = np.empty((len(points), 2), np.float32)
        pixels[:, 0] = self.cx - self.fx * points[:, 1] / points[:, 0]
        pixels[:, 1] = self.cy + self.fy * (self.elevation - points[:, 2]) / points[:, 0]
        return pixels


@dataclass(frozen=True)
class Canvas:
    """What is painted on: RGB [H, W, 3] and class ids [H, W], uint8, as the camera sees them."""

    camera: Pinhole
    image: Array
    labels: Array


class Surface:
    """The ground (``y`` None), or a wall along the street at ``y``, with a texture that repeats.

    A texture shrinks along the street with the square of the distance, across it only with the
    distance. So it is kept at several resolutions along the street, each for a band of pixels.
    """

    def __init__(self, camera: Pinhole, texture: Texture, y: float | None = None) -> None:
        u, v = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
        right, down = (u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy
        with np.errstate(divide='ignore', invalid='ignore'):
            if y is None:
                forward = camera.elevation / down
                across = -right * forward - RIGHT_FACADE
            else:
                forward = -y / right
                across = camera.elevation - down * forward
        image, labels = texture
        visible = (forward > 0) & (across >= 0) & (across < image.shape[0] / PIXELS_PER_METRE)
        forward = np.where(visible, np.minimum(forward, STREET_LENGTH), STREET_LENGTH)
        offset = camera.elevation if y is None else abs(y)
        texels_per_pixel = forward**2 / (camera.fx * offset) * PIXELS_PER_METRE
        levels = np.log2(np.maximum(texels_per_pixel, 1)).astype(int)
        self._bands = []
        for level in range(levels.max() + 1):
            here = visible & (levels == level)
            if not here.any():
                continue
            rows, columns = (np.flatnonzero(here.any(axis=axis)) for axis in (1, 0))
            region = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
            scale = PIXELS_PER_METRE / 2**level
            size = max(1, image.shape[1] >> level), image.shape[0]
            row_read = np.where(here, across * PIXELS_PER_METRE - 0.5, 0)[region]
            clear = np.exp(-forward[region] / _HAZE_RANGE).astype(np.float32)
            self._bands.append(
                _Band(
                    region=region,
                    visible=here[region],
                    scale=scale,
                    along=(forward[region] * scale - 0.5).astype(np.float32),
                    across=row_read.astype(np.float32),
                    image=cv2.resize(image, size, interpolation=cv2.INTER_AREA),
                    labels=cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST),
                    clear=clear,
                    haze=np.full((*clear.shape, 3), HAZE, np.uint8),
                )
            )

    def draw(self, canvas: Canvas, travelled: float) -> None:
        """Paint the surface as it looks ``travelled`` metres down the street."""
        for band in self._bands:
            along = band.along + np.float32(travelled % STREET_LENGTH * band.scale)
            where, wrap = (along, band.across), cv2.BORDER_WRAP
            ids = cv2.remap(band.labels, *where, cv2.INTER_NEAREST, borderMode=wrap)
            colors = cv2.remap(band.image, *where, cv2.INTER_LINEAR, borderMode=wrap)
            colors = cv2.blendLinear(colors, band.haze, band.clear, 1 - band.clear)
            mask = (band.visible & (ids != VOID)).view(np.uint8)
            cv2.copyTo(colors, mask, canvas.image[band.region])
            cv2.copyTo(ids, mask, canvas.labels[band.region])


@dataclass(frozen=True)
class _Band:
    """Pixels of a surface that read its texture at one resolution, and where they read it."""

    region: tuple[slice, slice]
    visible: Array
    scale: float  # texels per metre along the street
    along: Array
    across: Array
    image: Array
    labels: Array
    clear: Array  # share of the light that is not haze
    haze: Array


class Sprite:
    """A square picture that faces the camera, for what has no simple shape: a tree.

    :param image: RGBA with premultiplied alpha.
    :param outline: 255 where a pixel gets ``label``.
    :param size: width and height of the picture [m].
    """

    def __init__(self, image: Array, outline: Array, label: int, size: float) -> None:
        self._label, self._size = label, size
        self._levels = [(image, outline)]
        while len(image) > 8:
            half = len(image) // 2, len(image) // 2
            image = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
            outline = cv2.resize(outline, half, interpolation=cv2.INTER_AREA)
            self._levels.append((image, outline))

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Paint it with its foot on the ground at (x, y)."""
        if x < _NEAR:
            return
        half = self._size / 2
        corners = np.array([(x, y + half, self._size), (x, y - half, 0)], np.float32)
        (left, top), (right, bottom) = canvas.camera.project(corners).tolist()
        columns = slice(max(0, int(left)), min(canvas.camera.width, int(right) + 1))
        rows = slice(max(0, int(top)), min(canvas.camera.height, int(bottom) + 1))
        if columns.start >= columns.stop or rows.start >= rows.stop:
            return
        level = np.log2(len(self._levels[0][0]) / (right - left))
        picture, outline = self._levels[int(np.clip(level, 0, len(self._levels) - 1))]
        scale = (right - left) / len(picture)
        place = np.array([[scale, 0, left - columns.start], [0, scale, top - rows.start]])
        size = columns.stop - columns.start, rows.stop - rows.start
        picture = cv2.warpAffine(picture, place, size, flags=cv2.INTER_LINEAR)
        mask = cv2.warpAffine(outline, place, size, flags=cv2.INTER_LINEAR) > 127
        through = cv2.cvtColor(255 - picture[..., 3], cv2.COLOR_GRAY2RGB)
        behind = cv2.multiply(canvas.image[rows, columns], through, scale=1 / 255)
        canvas.image[rows, columns] = cv2.add(behind, picture[..., :3])
        canvas.labels[rows, columns][mask] = self._label


def draw_model(canvas: Canvas, model: Model, x: float, y: float, heading: int = 1) -> None:
    """Paint a model that stands at (x, y) and looks forward (``heading`` 1) or backward (-1)."""
    camera = canvas.camera
    turn, position = np.array((heading, heading, 1), np.float32), np.array((x, y, 0), np.float32)
    points = model.points * turn + position
    nearest, farthest = points[:, 0].min(), points[:, 0].max()
    if farthest < _NEAR:
        return
    to_camera = np.array((0, 0, camera.elevation), np.float32) - (model.centers * turn + position)
    shown = (to_camera * (model.normals * turn)).sum(axis=1) >= 0
    if nearest >= _NEAR:
        pixels = camera.project(points)
        if pixels[:, 0].max() < 0 or pixels[:, 0].min() > camera.width:
            return
        corners = _fixed_point(pixels)
        highest, lowest = (end.reduceat(pixels, model.starts) for end in (np.maximum, np.minimum))
        shown &= (highest - lowest > 1.5).any(axis=1)  # smaller ones nobody sees
    clear = float(np.exp(-max(x, 0) / _HAZE_RANGE))
    colors = (model.colors * clear + np.array(HAZE, np.float32) * (1 - clear)).tolist()
    for polygon in np.flatnonzero(shown):
        part = slice(model.starts[polygon], model.ends[polygon])
        if nearest >= _NEAR:
            outline = corners[part]
        else:
            outline = _fixed_point(camera.project(_clip(points[part])))
            if len(outline) == 0:
                continue
        cv2.fillPoly(canvas.image, [outline], colors[polygon], cv2.LINE_AA, shift=_SHIFT)
        label = model.labels[polygon]
        if label is not None:
            cv2.fillPoly(canvas.labels, [outline], label, cv2.LINE_8, shift=_SHIFT)


def _clip(polygon: Array) -> Array:
    """Return what of a polygon [N, 3] lies beyond the near plane (Sutherland, Hodgman, 1974)."""
    kept = []
    for previous, point in zip(np.roll(polygon, 1, axis=0), polygon, strict=True):
        if (previous[0] >= _NEAR) != (point[0] >= _NEAR):
            share = (_NEAR - previous[0]) / (point[0] - previous[0])
            kept.append(previous + (point - previous) * share)
        if point[0] >= _NEAR:
            kept.append(point)
    return np.array(kept, np.float32).reshape(-1, 3)


def _fixed_point(pixels: Array) -> Array:
    """Return pixels as the fixed-point coordinates that OpenCV draws with."""
    return (pixels.clip(-20000, 20000) * 2**_SHIFT).round().astype(np.int32)
