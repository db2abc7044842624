# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nearest obstacle by bearing from the robot, as ``sensor_msgs/LaserScan`` defines it.

A scan starts at its frame's origin, a camera's view of the ground does not: it begins at the
picture's lower edge, and the camera is not at the robot's middle. A consumer that clears along the
rays should do so only from :attr:`ScanBins.blind_range` on (Nav2: ``raytrace_min_range``). Neither
has a scan a word for unsure ground in front of an obstacle: the obstacle is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from enet_ros.free_space import View
from enet_ros.ground_plane import GroundPlane, arc


@dataclass(frozen=True)
class ScanBins:
    """The samples of a ground plane by bearing from the base frame's origin; S bearings."""

    angle_min: float
    """The first bearing, rad, positive to the left."""
    increment: float
    """From one bearing to the next, rad."""
    range_max: float
    """m from the origin: the farthest that is seen, or where most ground can be cleared."""
    blind_range: float
    """From here on the complete bearings see the ground, m."""
    complete: NDArray[np.bool_]
    """[S] bearings at which the picture shows all ground from ``blind_range`` to ``range_max``."""
    of_sample: NDArray[np.intp]
    """[B, K] index of a sample's bearing; S for samples out of the picture or out of range."""
    runs: NDArray[np.intp]
    """Flat indices at which a run of samples with one bearing begins."""

    @classmethod
    def of(cls, plane: GroundPlane, increment: float = math.radians(0.5)) -> ScanBins:
        """Return the bearings that ``plane`` sees, at multiples of ``increment`` [rad].

        The increment becomes wider where the picture cannot tell bearings so close apart.
        """
        if not 0 < increment < math.pi:
            raise ValueError(f'increment is {increment} rad, wanted more than 0 and less than pi')
        increment = max(increment, float(np.diff(plane.bearings).max()))
        angle = np.arctan2(plane.y, plane.x, dtype=np.float64)
        start, span = arc(angle[~plane.outside])
        first = round(start / increment - 1e-6)  # a start on the border of two is in the second
        last = round((start + span) / increment + 1e-6)
        size = min(last - first + 1, math.floor(2 * math.pi / increment))
        turned = (angle - (first - 0.5) * increment) % (2 * math.pi)
        of_sample = np.minimum((turned / increment).astype(np.intp), size - 1)
        of_sample[plane.outside] = size

        # At each bearing: where the view begins and ends, and the longest piece without a sample.
        order = np.lexsort((plane.distance.reshape(-1), of_sample.reshape(-1)))
        order = order[: np.count_nonzero(~plane.outside)]
        distance = plane.distance.reshape(-1)[order]
        present, begin = np.unique(of_sample.reshape(-1)[order], return_index=True)
        gap = np.diff(distance, prepend=0.0)
        gap[begin] = 0.0
        nearest, widest, farthest = np.full(size, np.inf), np.full(size, np.inf), np.zeros(size)
        nearest[present] = np.minimum.reduceat(distance, begin)
        farthest[present] = np.maximum.reduceat(distance, begin)
        widest[present] = np.maximum.reduceat(gap, begin)

        # Beside a rolled picture a bearing comes into view far out: what is nearer is not seen.
        late = nearest > 1.5 * np.median(nearest[present])
        complete = (widest <= 2 * plane.resolution) & ~late
        # Where the picture's upper edge lies on the ground, bearings end at different ranges.
        reach = np.minimum(np.sort(farthest[complete] + plane.resolution), plane.range_max)
        cleared = reach**2 * np.arange(reach.size, 0, -1)
        range_max = float(reach[np.argmax(cleared)]) if reach.size else plane.range_max
        complete &= farthest + plane.resolution >= range_max
        of_sample[plane.distance > range_max] = size
        return cls(
            angle_min=first * increment,
            increment=increment,
            range_max=range_max,
            blind_range=float(np.max(nearest[complete], initial=0.0)),
            complete=complete,
            of_sample=of_sample,
            runs=np.flatnonzero(np.diff(of_sample.reshape(-1), prepend=-1)),
        )


@dataclass(frozen=True)
class Scan:
    """A scan about the base frame's origin; S bearings."""

    ranges: NDArray[np.float32]
    """[S] m: the nearest obstacle; inf where all ground from the edge of the view to ``range_max``
    is seen free; NaN where neither is so."""
    angle_min: float
    """Bearing of the first range, rad, positive to the left."""
    angle_max: float
    """Bearing of the last range, rad."""
    angle_increment: float
    """rad."""
    range_min: float
    """m."""
    range_max: float
    """m."""


def laser_scan(view: View, bins: ScanBins) -> Scan:
    """Return the scan; ``bins`` are those of the view's plane, built once with it."""
    size = bins.complete.size
    seen_free = bins.complete.copy()
    all_free = np.logical_and.reduceat(view.free.reshape(-1), bins.runs)
    spoilt = bins.of_sample.reshape(-1)[bins.runs[~all_free]]
    seen_free[spoilt[spoilt < size]] = False
    ranges = np.where(seen_free, np.inf, np.nan).astype(np.float32)

    contacts = view.contacts
    nearest = np.full(size + 1, np.inf)
    np.minimum.at(
        nearest, bins.of_sample[contacts.bearing, contacts.range_index], contacts.distance
    )
    hit = np.flatnonzero(np.isfinite(nearest[:-1]))
    ranges[hit] = nearest[hit]
    return Scan(
        ranges=ranges,
        angle_min=bins.angle_min,
        angle_max=bins.angle_min + (size - 1) * bins.increment,
        angle_increment=bins.increment,
        range_min=view.plane.min_range,
        range_max=bins.range_max,
    )
