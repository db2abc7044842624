# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where on the ground a camera's pixels lie: flat ground at z = 0 of the robot's base frame.

A single camera knows no depth: what it sees is placed by intersecting the pixel's ray with the
ground (inverse perspective mapping: H. A. Mallot et al., Biological Cybernetics 64, 1991). Rays at
or above the horizon meet no ground and are left out, and so is ground that the image resolves too
coarsely (:data:`RESOLVED`).

What hides what is decided along *bearings*, the vertical planes through the camera. Columns of the
image are bearings only for a level camera without distortion, so the plane is sampled in polar
coordinates about the point below the camera: B bearings, and along each K ranges. The samples lie
as dense as the pixels and denser than the cells; each knows the pixel that shows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from enet_ros.camera_model import CameraCalibration, Floats
from enet_ros.camera_pose import check_pose

RESOLVED = 0.02
"""Ground is used where half a pixel spans at most a cell, or at most this share of the distance."""

_PROFILE_BINS = 64


class GroundPlane:
    """The ground that one camera sees from one pose in masks of one size; h x w is that size.

    The tables are built once, which takes some tenths of a second for 640 x 360.

    ``height`` [m] is that of the camera; ``foot`` [m] the point (x, y) below it.
    ``ground`` [h, w, 2] is where each pixel's centre meets the ground: x, y in the base frame [m];
    NaN at or above the horizon. ``footprint`` [h, w] is the longer side of the patch of ground that
    a pixel covers [m]; NaN where one of its corners meets none.
    ``range_max`` [m] is how far from the base frame's origin the ground is used.

    Polar samples: ``bearings`` [B] about the foot, ascending [rad]; ``ranges`` [K] from the foot,
    ascending, and ``edges`` [K + 1] between them [m]; ``source`` [B, K] the flat index of the pixel
    that shows a sample; ``outside`` [B, K] where no pixel in range does, as it is for the outermost
    bearings and ranges; ``x``, ``y``, ``distance`` [B, K] the place of a sample in the base frame
    and its distance from that frame's origin [m], float32, at most ``reach``.
    ``extra`` holds pairs of flat sample and pixel indices: the pixels that ``source`` passes over,
    so that each pixel in range counts. No sample occurs twice within a pair.
    """

    def __init__(
        self,
        camera: CameraCalibration,
        pose: ArrayLike,
        mask_shape: tuple[int, int],
        *,
        max_range: float = 15.0,
        min_range: float = 0.0,
        resolution: float = 0.1,
    ) -> None:
        """Build the tables for masks of ``mask_shape`` (h, w), which show the whole camera image.

        ``pose`` [4, 4] takes points from the optical to the base frame. Ground is used from
        ``min_range`` (hides the robot's own bonnet) to ``max_range`` [m from the base frame's
        origin]; ``resolution`` [m] is the side of a cell.

        Raises ValueError where the pose is none, the camera sees no ground in range, or a setting
        has no meaning.
        """
        self.camera = camera
        self.pose = check_pose(pose)
        self.mask_shape = int(mask_shape[0]), int(mask_shape[1])
        if min(self.mask_shape) < 2:
            raise ValueError(f'the mask is {mask_shape} (rows, columns), wanted 2 x 2 or more')
        if not 0 <= min_range < max_range < np.inf:
            raise ValueError(f'min_range {min_range}, max_range {max_range}: wanted 0 <= min < max')
        if not 0 < resolution < np.inf:
            raise ValueError(f'resolution is {resolution} m, wanted more than 0')
        self.min_range, self.resolution = float(min_range), float(resolution)
        self.height, self.foot = float(self.pose[2, 3]), self.pose[:2, 3]

        self.ground = self._meet_ground(self._mask_rays(0.0))
        across, down = _pixel_sides(self._meet_ground(self._mask_rays(0.5)))
        self.footprint = np.maximum(np.hypot(*across), np.hypot(*down))
        distance = np.hypot(*np.moveaxis(self.ground, -1, 0))
        from_foot = np.hypot(*np.moveaxis(self.ground - self.foot, -1, 0))
        coarse = self.footprint / 2 > np.maximum(resolution, RESOLVED * from_foot)
        self.range_max = float(np.min(distance[coarse], initial=max_range))
        used = (distance >= min_range) & (distance <= self.range_max) & np.isfinite(self.footprint)
        if not used.any():
            down_by = np.degrees(np.arcsin(np.clip(-self.pose[2, 2], -1.0, 1.0)))
            raise ValueError(
                f'the camera sees no ground from {min_range} to {max_range} m: it is '
                f'{self.height:.2f} m above the ground and looks {down_by:.0f} degrees down; check '
                'its pose (radians, pitch positive downwards) and its calibration'
            )
        self.bearings, self.edges = self._lattice(used, across[:, used], down[:, used])
        self.ranges = (self.edges[:-1] + self.edges[1:]) / 2
        self._sample(used)

    def pixel_to_ground(self, pixels: ArrayLike) -> Floats:
        """Return the ground points [N, 2] (x, y [m]) of mask pixels [N, 2] (u, v).

        NaN for pixels at or above the horizon.
        """
        h, w = self.mask_shape
        return self._meet_ground(self.camera.rays(np.reshape(pixels, (-1, 2)), (w, h)))

    def ground_to_pixel(self, points: ArrayLike) -> Floats:
        """Return the mask pixels [N, 2] (u, v) of ground points [N, 2] (x, y [m]).

        NaN for points out of view.
        """
        points = np.reshape(points, (-1, 2))
        h, w = self.mask_shape
        below = np.column_stack([points - self.foot, np.full(len(points), -self.height)])
        pixels = self.camera.project(below @ self.pose[:3, :3], (w, h))
        inside = np.all((pixels >= -0.5) & (pixels < (w - 0.5, h - 0.5)), axis=1)
        return np.where(inside[:, None], pixels, np.nan)

    def _mask_rays(self, margin: float) -> Floats:
        """Return the rays of the pixels' centres (margin 0) or corners (margin 0.5)."""
        h, w = self.mask_shape
        rows, columns = (np.arange(n + 2 * margin) - margin for n in (h, w))
        pixels = np.stack(np.meshgrid(columns, rows), axis=-1)
        return self.camera.rays(pixels.reshape(-1, 2), (w, h)).reshape(*pixels.shape[:2], 3)

    def _meet_ground(self, rays: Floats) -> Floats:
        """Return the ground points [..., 2] of rays [..., 3] in the optical frame; NaN for none."""
        rays = rays @ self.pose[:3, :3].T
        down = np.where(rays[..., 2] < 0, -rays[..., 2], np.nan)
        return self.foot + rays[..., :2] * (self.height / down)[..., None]

    def _lattice(
        self, used: NDArray[np.bool_], across: Floats, down: Floats
    ) -> tuple[Floats, Floats]:
        """Return bearings and range edges, no step longer than a pixel or a cell.

        They reach two steps beyond the used pixels' centres, to tell where the view ends.
        """
        offset = (self.ground[used] - self.foot).T
        distance = np.maximum(np.hypot(*offset), 1e-6)
        outward = offset / distance
        sideward = np.stack([-outward[1], outward[0]])
        area = np.abs(_cross(across, down))
        # Pixels passed in one metre outward, and in one radian sideward.
        per_metre = np.hypot(_cross(outward, down), _cross(across, outward)) / area
        per_radian = np.hypot(_cross(sideward, down), _cross(across, sideward)) / area * distance

        angle = np.arctan2(offset[1], offset[0])
        around = np.isfinite(self.ground_to_pixel(self.foot)).all()
        start, span = (-np.pi, 2 * np.pi) if around else arc(angle)
        angle = start + (angle - start) % (2 * np.pi)
        step = self.resolution / np.sqrt(2.0)  # no cell is missed, however it is turned
        bearings = _walk(start, start + span, angle, np.maximum(per_radian, distance.max() / step))
        # Walked in the logarithm of the range, since pixels are small near the camera.
        distance = np.maximum(distance, step)
        log = np.log(distance)
        log_edges = _walk(log.min(), log.max(), log, np.maximum(per_metre, 1 / step) * distance)
        if not around:
            bearings = _continued(bearings)
        return (bearings[:-1] + bearings[1:]) / 2, np.exp(_continued(log_edges))

    def _sample(self, used: NDArray[np.bool_]) -> None:
        """Find the pixel that shows each sample, and the samples of the pixels passed over."""
        shape = self.bearings.size, self.ranges.size
        outward = np.stack([np.cos(self.bearings), np.sin(self.bearings)], axis=-1)
        points = self.foot + outward[:, None, :] * self.ranges[:, None]
        pixels = np.rint(self.ground_to_pixel(points))
        index = np.nan_to_num(pixels[:, 1] * used.shape[1] + pixels[:, 0]).astype(np.intp)
        distance = np.hypot(*points.reshape(-1, 2).T)
        seen = np.isfinite(pixels[:, 0]) & np.isfinite(self.footprint.reshape(-1)[index])
        seen &= (distance >= self.min_range) & (distance <= self.range_max)
        self.source = index.reshape(shape)
        self.outside = ~seen.reshape(shape)
        self.distance = distance.astype(np.float32).reshape(shape)
        self.reach = float(self.distance.max())
        self.x, self.y = (np.ascontiguousarray(points[..., axis], np.float32) for axis in (0, 1))
        self._add_passed_over(used)

    def _add_passed_over(self, used: NDArray[np.bool_]) -> None:
        """Give the pixels that no sample shows to the samples nearest to them."""
        passed = used.copy().reshape(-1)
        passed[self.source[~self.outside]] = False
        pixel = np.flatnonzero(passed)
        offset = (self.ground.reshape(-1, 2)[pixel] - self.foot).T
        middle = (self.bearings[0] + self.bearings[-1]) / 2
        angle = (np.arctan2(offset[1], offset[0]) - middle + np.pi) % (2 * np.pi) - np.pi
        bearing = _nearest(self.bearings - middle, angle)
        sample = bearing * self.ranges.size + _nearest(self.ranges, np.hypot(*offset))
        self.extra: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        while pixel.size:
            once, first = np.unique(sample, return_index=True)
            self.extra.append((once, pixel[first]))
            pixel, sample = np.delete(pixel, first), np.delete(sample, first)
        for samples, pixels in self.extra:
            new = self.outside.reshape(-1)[samples]
            self.source.reshape(-1)[samples[new]] = pixels[new]
            self.outside.reshape(-1)[samples[new]] = False


def arc(angles: NDArray[np.floating]) -> tuple[float, float]:
    """Return start and length [rad] of the shortest arc that holds all angles, to half a degree."""
    turns = np.unique(np.floor(np.degrees(angles) * 2).astype(int) % 720)
    gaps = np.diff(turns, append=turns[0] + 720)
    widest = int(np.argmax(gaps))
    if gaps[widest] <= 4:
        return -np.pi, 2 * np.pi
    begin = np.radians(turns[(widest + 1) % turns.size] / 2)
    offset = (angles - begin + np.pi / 720) % (2 * np.pi) - np.pi / 720
    start = (begin + offset.min() + np.pi) % (2 * np.pi) - np.pi
    return float(start), float(np.ptp(offset))


def _pixel_sides(corners: Floats) -> tuple[Floats, Floats]:
    """Return how far the ground moves [2, h, w] from a pixel to its right and its lower one."""
    corners = np.moveaxis(corners, -1, 0)
    right, low = np.diff(corners, axis=2), np.diff(corners, axis=1)
    return (right[:, :-1] + right[:, 1:]) / 2, (low[:, :, :-1] + low[:, :, 1:]) / 2


def _cross(a: Floats, b: Floats) -> Floats:
    return a[0] * b[1] - a[1] * b[0]


def _walk(start: float, stop: float, at: Floats, density: Floats) -> Floats:
    """Return ascending edges from start to stop, everywhere as dense as the densest place there."""
    bins = ((at - start) / max(stop - start, 1e-12) * _PROFILE_BINS).astype(int)
    highest = np.zeros(_PROFILE_BINS)
    np.maximum.at(highest, np.clip(bins, 0, _PROFILE_BINS - 1), density)
    filled = np.flatnonzero(highest)
    highest = np.interp(np.arange(_PROFILE_BINS), filled, highest[filled])
    walked = np.cumsum(highest, dtype=np.float64) * ((stop - start) / _PROFILE_BINS)
    walked = np.concatenate([[0.0], walked])
    steps = int(np.ceil(walked[-1])) + 1
    profile = np.linspace(start, stop, _PROFILE_BINS + 1)
    return np.interp(np.linspace(0.0, walked[-1], steps + 1), walked, profile)


def _continued(edges: Floats) -> Floats:
    """Return the edges and two more on both sides."""
    steps = np.array([1, 2])
    before = edges[0] - steps[::-1] * (edges[1] - edges[0])
    return np.concatenate([before, edges, edges[-1] + steps * (edges[-1] - edges[-2])])


def _nearest(ascending: Floats, values: Floats) -> NDArray[np.intp]:
    """Return the index of the entry nearest to each value."""
    return np.searchsorted((ascending[:-1] + ascending[1:]) / 2, values)
