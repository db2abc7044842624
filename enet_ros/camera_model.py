# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The calibrated camera: pixels to rays and back, from the fields of a ``sensor_msgs/CameraInfo``.

Rays live in the camera's optical frame (REP-103): x right, y down, z forward. Pixel (0, 0) is the
centre of the top left pixel, as in OpenCV and ROS; a picture of w x h pixels covers [-0.5, w - 0.5)
x [-0.5, h - 0.5). Binning, the region of interest and any later resizing (a decimated mask) are
scalings of that area.

Lens models: ``plumb_bob`` (Brown: D. C. Brown, "Decentering Distortion of Lenses", 1966),
``rational_polynomial`` (D. Claus, A. Fitzgibbon, CVPR 2005, as OpenCV's ``calib3d`` writes it) and
``equidistant`` (J. Kannala, S. Brandt, PAMI 28(8), 2006), which may look past 90 degrees off axis.
They are inverted by Newton's method and used only where they are one to one: a polynomial that
turns back outside the picture would fold rays from far aside into it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

_NEWTON_STEPS = 20
_TOLERANCE = 1e-9  # of the normalised image: a millionth of a pixel
_WIDEST = 20.0  # tangent of the widest angle off axis that a pinhole model is used for: 87 degrees


class RegionOfInterest(NamedTuple):
    """The part of the sensor that is sent, in pixels of the full sensor; width 0 is all of it."""

    x_offset: int = 0
    y_offset: int = 0
    width: int = 0
    height: int = 0


_WHOLE = RegionOfInterest()


class CameraInfoMessage(Protocol):
    """The fields of a ``sensor_msgs/CameraInfo`` that make the geometry."""

    width: int
    height: int
    distortion_model: str
    d: Any
    k: Any
    r: Any
    p: Any
    binning_x: int
    binning_y: int
    roi: Any


@dataclass(frozen=True)
class CameraCalibration:
    """A calibrated camera; fields as in ``sensor_msgs/CameraInfo``, comparable and hashable.

    Raises :class:`ValueError` where the fields describe no camera.
    """

    width: int
    height: int
    k: tuple[float, ...]
    d: tuple[float, ...] = ()
    distortion_model: str = 'plumb_bob'
    r: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    p: tuple[float, ...] = ()
    binning_x: int = 0
    binning_y: int = 0
    roi: RegionOfInterest = _WHOLE
    rectified: bool = False
    """Whether the picture is the rectified one (``image_rect``): P and R hold instead of K and D.
    The message is the same for both, so it cannot tell."""

    @classmethod
    def from_message(
        cls, message: CameraInfoMessage, *, rectified: bool = False
    ) -> CameraCalibration:
        """Return the calibration in a message, for the raw picture or for the rectified one."""
        roi = message.roi
        return cls(
            width=int(message.width),
            height=int(message.height),
            k=_floats(message.k),
            d=_floats(message.d),
            distortion_model=str(message.distortion_model),
            r=_floats(message.r),
            p=_floats(message.p),
            binning_x=int(message.binning_x),
            binning_y=int(message.binning_y),
            roi=RegionOfInterest(
                int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height)
            ),
            rectified=rectified,
        )

    def __post_init__(self) -> None:
        """Check all fields, so that a camera that exists can be used."""
        if self.width < 1 or self.height < 1:
            raise ValueError(f'a camera has at least one pixel, got {self.width} x {self.height}')
        for name, allowed in (('k', (9,)), ('r', (9,)), ('p', (0, 12)), ('d', range(15))):
            values = getattr(self, name)
            if len(values) not in allowed:
                raise ValueError(f'{name} has {max(allowed)} numbers, got {len(values)}')
            if not np.all(np.isfinite(values)):
                raise ValueError(f'{name} must be finite, got {values}')
        focal = (self.p[0], self.p[5]) if self.rectified and self.p else (self.k[0], self.k[4])
        if min(focal) <= 0 or (self.rectified and not self.p):
            raise ValueError(
                f'the camera is not calibrated: {"P" if self.rectified else "K"} holds no positive '
                'focal length; run camera_calibration and publish its result as camera_info'
            )
        if not self.rectified:
            self._check_distortion()
        x, y, width, height = self.roi
        if (
            min(self.roi) < 0
            or (width == 0) != (height == 0)
            or x + width > self.width
            or y + height > self.height
        ):
            raise ValueError(f'{self.roi} does not lie in {self.width} x {self.height} pixels')

    def _check_distortion(self) -> None:
        used = len(np.trim_zeros(np.asarray(self.d), 'b'))
        if self.distortion_model not in _COEFFICIENTS and used:
            raise ValueError(
                f'distortion model {self.distortion_model!r} is not known; known are '
                f'{", ".join(name for name in _COEFFICIENTS if name)}: rectify the image first'
            )
        if used > _COEFFICIENTS.get(self.distortion_model, 0):
            raise ValueError(
                f'{self.distortion_model!r} has at most '
                f'{_COEFFICIENTS.get(self.distortion_model, 0)} coefficients, got {self.d}'
            )

    def rays(self, pixels: ArrayLike, size: tuple[int, int] | None = None) -> Floats:
        """Return the viewing directions [N, 3] of pixels [N, 2] (u to the right, v down).

        ``size`` (width, height) is that of the picture the pixels are meant in, which shows the
        whole image; by default it is the size in which the camera sends it. The directions are of
        length 1 in the optical frame, NaN where the lens model shows nothing.
        """
        scale, offset = self._area(size)
        center, focal = self._pinhole
        image = ((np.asarray(pixels, np.float64) + 0.5) * scale - 0.5 + offset - center) / focal
        rays = self._lens.unproject(image)
        return rays if self._rotation is None else rays @ self._rotation

    def project(self, points: ArrayLike, size: tuple[int, int] | None = None) -> Floats:
        """Return the pixels [N, 2] at which points [N, 3] in the optical frame are seen.

        They may lie outside the picture; NaN where the lens model shows nothing. ``size`` is as for
        :meth:`rays`.
        """
        scale, offset = self._area(size)
        center, focal = self._pinhole
        points = np.asarray(points, np.float64)
        image = self._lens.project(points if self._rotation is None else points @ self._rotation.T)
        return (image * focal + center - offset + 0.5) / scale - 0.5

    def _area(self, size: tuple[int, int] | None) -> tuple[Floats, Floats]:
        """Return full sensor pixels per pixel of the picture, and the picture's corner."""
        full = np.array(self.roi[2:] if self.roi.width else (self.width, self.height), float)
        binning = np.array([max(self.binning_x, 1), max(self.binning_y, 1)], float)
        scale = binning if size is None else full / np.array(size)
        return scale, np.array(self.roi[:2], float)

    @cached_property
    def _pinhole(self) -> tuple[Floats, Floats]:
        """Return principal point and focal lengths, in pixels of the full sensor."""
        k = np.reshape(self.p, (3, 4)) if self.rectified else np.reshape(self.k, (3, 3))
        return np.array([k[0, 2], k[1, 2]]), np.array([k[0, 0], k[1, 1]])

    @cached_property
    def _rotation(self) -> Floats | None:
        """Return the rotation R from the raw optical frame to the picture's own; None for none."""
        return np.reshape(self.r, (3, 3)) if self.rectified and any(self.r) else None

    @cached_property
    def _lens(self) -> _Brown | _Equidistant:
        """Return the lens between the normalised image and the rays."""
        if self.rectified:
            return _Brown(())
        fisheye = _COEFFICIENTS.get(self.distortion_model) == 4
        return _Equidistant(self.d) if fisheye else _Brown(self.d)


def pinhole_matrix(width: int, height: int, horizontal_fov: float) -> tuple[float, ...]:
    """Return K, by rows, of a camera with square pixels whose axis is in the middle of its image.

    ``width`` and ``height`` are in pixels; ``horizontal_fov`` is the angle between the left and the
    right edge of the image [rad], above 0 and below pi.
    """
    focal_length = width / 2 / math.tan(horizontal_fov / 2)
    cx, cy = (width - 1) / 2, (height - 1) / 2
    return focal_length, 0.0, cx, 0.0, focal_length, cy, 0.0, 0.0, 1.0


_COEFFICIENTS = {'': 0, 'plumb_bob': 5, 'rational_polynomial': 8, 'equidistant': 4, 'fisheye': 4}


class _Brown:
    """Pinhole with radial (rational) and tangential distortion: k1 k2 p1 p2 k3 k4 k5 k6."""

    def __init__(self, coefficients: tuple[float, ...]) -> None:
        k1, k2, self.p1, self.p2, k3, k4, k5, k6 = (*coefficients, *[0.0] * 8)[:8]
        self.distorts = any(coefficients)
        self.upper = np.polynomial.Polynomial([1.0, k1, k2, k3])  # in the squared radius
        self.lower = np.polynomial.Polynomial([1.0, k4, k5, k6])
        radius = np.linspace(0.0, _WIDEST, 20_001)
        factor, slope = self._radial(radius**2)
        turned = np.flatnonzero(factor + 2 * radius**2 * slope <= 0)  # d(factor radius) / d radius
        self.widest = radius[turned[0]] if turned.size else _WIDEST

    def project(self, points: Floats) -> Floats:
        """Return the normalised image of N x 3 points: N x 2."""
        with np.errstate(divide='ignore', invalid='ignore'):
            straight = points[:, :2] / points[:, 2:]
        seen = (points[:, 2] > 0) & (np.hypot(*straight.T) < self.widest)
        return self._distort(np.where(seen[:, None], straight, np.nan))[0]

    def unproject(self, image: Floats) -> Floats:
        """Return the rays of N x 2 points of the normalised image: N x 3, unit length."""
        straight = image.copy()
        with np.errstate(all='ignore'):
            for _ in range(_NEWTON_STEPS if self.distorts else 0):
                bent, (xx, xy, yy) = self._distort(straight)
                error = image - bent
                if not np.nanmax(np.abs(error), initial=0.0) > _TOLERANCE:
                    break
                determinant = xx * yy - xy * xy
                straight[:, 0] += (yy * error[:, 0] - xy * error[:, 1]) / determinant
                straight[:, 1] += (xx * error[:, 1] - xy * error[:, 0]) / determinant
            found = np.hypot(*straight.T) < self.widest
            if self.distorts:
                error = self._distort(straight)[0] - image
                found &= np.all(np.abs(error) <= _TOLERANCE, axis=1)
        rays = np.column_stack([straight, np.ones(len(straight))])
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        return np.where(found[:, None], rays, np.nan)

    def _distort(self, straight: Floats) -> tuple[Floats, tuple[Floats, Floats, Floats]]:
        """Return N x 2 distorted points and their symmetric Jacobian's xx, xy, yy."""
        x, y = straight.T
        square = x * x + y * y
        factor, slope = self._radial(square)
        p1, p2 = self.p1, self.p2
        bent = np.empty_like(straight)
        bent[:, 0] = x * factor + 2 * p1 * x * y + p2 * (square + 2 * x * x)
        bent[:, 1] = y * factor + 2 * p2 * x * y + p1 * (square + 2 * y * y)
        xx = factor + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
        xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
        yy = factor + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
        return bent, (xx, xy, yy)

    def _radial(self, square: Floats) -> tuple[Floats, Floats]:
        """Return the radial factor and its derivative by the squared radius."""
        upper, lower = self.upper(square), self.lower(square)
        slope = (self.upper.deriv()(square) * lower - upper * self.lower.deriv()(square)) / lower**2
        return upper / lower, slope


class _Equidistant:
    """Fisheye: the radius in the image is a polynomial of the angle off axis: k1 k2 k3 k4."""

    def __init__(self, coefficients: tuple[float, ...]) -> None:
        k1, k2, k3, k4 = (*coefficients, *[0.0] * 4)[:4]
        self.radius = np.polynomial.Polynomial([0.0, 1.0, 0.0, k1, 0.0, k2, 0.0, k3, 0.0, k4])
        self.slope = self.radius.deriv()
        angle = np.linspace(0.0, np.pi, 20_001)
        turned = np.flatnonzero(self.slope(angle) <= 0)
        self.widest = angle[turned[0]] if turned.size else np.pi

    def project(self, points: Floats) -> Floats:
        """Return the normalised image of N x 3 points: N x 2."""
        side = np.hypot(points[:, 0], points[:, 1])
        angle = np.arctan2(side, points[:, 2])
        with np.errstate(invalid='ignore', divide='ignore'):
            stretch = np.where(side > 0, self.radius(angle) / side, 0.0)
        return np.where((angle < self.widest)[:, None], points[:, :2] * stretch[:, None], np.nan)

    def unproject(self, image: Floats) -> Floats:
        """Return the rays of N x 2 points of the normalised image: N x 3, unit length."""
        radius = np.hypot(*image.T)
        angle = np.minimum(radius, self.widest)
        with np.errstate(all='ignore'):
            for _ in range(_NEWTON_STEPS):
                error = self.radius(angle) - radius
                if not np.max(np.abs(error), initial=0.0) > _TOLERANCE:
                    break
                angle = np.clip(angle - error / self.slope(angle), 0.0, self.widest)
            found = (np.abs(self.radius(angle) - radius) <= _TOLERANCE) & (angle < self.widest)
            side = image * np.where(radius > 0, np.sin(angle) / radius, 0.0)[:, None]
        return np.where(found[:, None], np.column_stack([side, np.cos(angle)]), np.nan)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
