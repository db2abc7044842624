# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What one frame shows of the ground: where it is free, where the nearest obstacles stand.

:func:`look` decides it once per frame, along every bearing of a :class:`GroundPlane`; the grid, the
scan, the points and the distances are read off its result. From the camera outwards,

- *free* is ground of a traversable class, labelled with enough confidence, nearer than anything
  that could hide it;
- the *contact* is the first pixel of an obstacle class labelled with enough confidence: there the
  obstacle stands on the ground. The pixels above show the obstacle's upper parts and not the
  ground, so that all that lies behind is unseen;
- *unsure* is everything else: unlabelled, too low a confidence, or background (sky in the ground is
  a reflection or a mistake). It is never free and never an obstacle. Since it may be one, ground
  behind it is not free either, unless nothing higher than ``step_height`` could stand in it; but it
  never hides an obstacle behind it.

Flat ground has its limits. Ground under the picture's lower edge is not seen; an obstacle that
stands there is reported where it enters the picture, farther away than it stands. Whatever hangs
over the ground below the camera's height is placed where its ray meets the ground, farther away
than it hangs: a sign board, or the shoulders of a person along a bearing that misses the feet.
What is above the horizon is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import VOID, Role
from enet_ros.ground_plane import GroundPlane

UNSURE, FREE, OBSTACLE, OUTSIDE = 0, 1, 2, 4
"""What a sample of the ground shows; OUTSIDE: the picture does not show it."""

_STATES = {Role.BACKGROUND: UNSURE, Role.TRAVERSABLE: FREE, Role.OBSTACLE: OBSTACLE}
_SEVERITY = np.array([1, 0, 2])  # of unsure, free, obstacle


def resolve_roles(
    defaults: Mapping[str, Role | str | None],
    *,
    traversable: Sequence[str] = (),
    obstacle: Sequence[str] = (),
) -> tuple[Role, ...]:
    """Return the role of each class in the order of ``defaults``, which is that of the ids.

    ``defaults`` are the model's own roles by class name, None where it gives none; ``traversable``
    and ``obstacle`` name classes that have this role whatever the model says. A class to which
    nobody gives a role is an obstacle.

    Raises ValueError for a name that is no class or stands in both lists, and for an unknown role.
    """
    unknown = [name for name in (*traversable, *obstacle) if name not in defaults]
    if unknown:
        raise ValueError(f'{unknown} are no classes of the model, which has {list(defaults)}')
    both = sorted(set(traversable) & set(obstacle))
    if both:
        raise ValueError(f'{both} are named as traversable and as obstacle: name them once')
    roles = {name: Role(role or Role.OBSTACLE) for name, role in defaults.items()}
    roles.update(dict.fromkeys(traversable, Role.TRAVERSABLE))
    roles.update(dict.fromkeys(obstacle, Role.OBSTACLE))
    return tuple(roles.values())


@dataclass(frozen=True)
class Contacts:
    """The nearest obstacle of each bearing that has one, where it stands on the ground."""

    bearing: NDArray[np.intp]
    """[N] index of the bearing."""
    range_index: NDArray[np.intp]
    """[N] index of the first range at which the obstacle is seen."""
    x: NDArray[np.float64]
    """[N] m, base frame; so is y."""
    y: NDArray[np.float64]
    distance: NDArray[np.float64]
    """[N] m from the base frame's origin."""
    depth: NDArray[np.float64]
    """[N] m of ground along the bearing that the pixel at the contact covers; the obstacle stands
    within half of it before or behind the contact."""
    class_id: NDArray[np.uint8]
    """[N]"""
    probability: NDArray[np.float32]
    """[N] 0 - 1."""


@dataclass(frozen=True)
class View:
    """What one frame shows along each bearing of a ground plane: B bearings, K ranges."""

    plane: GroundPlane
    roles: tuple[Role, ...]
    """Of the classes, by id."""
    labels: NDArray[np.uint8]
    """[B, K] class ids."""
    confidence: NDArray[np.uint8] | None
    """[B, K] 255 x probability; None stands for certainty."""
    state: NDArray[np.uint8]
    """[B, K] UNSURE, FREE, OBSTACLE or OUTSIDE: what the pixel says, hidden or not."""
    free: NDArray[np.bool_]
    """[B, K] ground that is seen to be free."""
    contacts: Contacts
    """Where the nearest obstacles stand."""


def look(
    plane: GroundPlane,
    labels: NDArray[np.uint8],
    confidence: NDArray[np.uint8] | None,
    roles: Sequence[Role],
    *,
    min_confidence: float = 0.5,
    step_height: float = 0.05,
) -> View:
    """Return what is free, where the nearest obstacles stand, and what is unseen or unsure.

    ``labels`` and ``confidence`` (255 x probability; None: all is certain) are uint8 of the plane's
    ``mask_shape``. ``roles`` are those of the classes by id; 255 is unlabelled, any other id
    without a role is an obstacle. Labels with a probability under ``min_confidence`` are unsure.
    ``step_height`` [m]: unsure ground in which nothing higher can stand hides nothing.

    Raises ValueError for arrays of another kind or size, or settings without a meaning.
    """
    for name, image in (('labels', labels), ('confidence', confidence)):
        if image is not None and (image.shape != plane.mask_shape or image.dtype != np.uint8):
            raise ValueError(
                f'{name} are {image.dtype} {image.shape}, wanted uint8 {plane.mask_shape}'
            )
    if not (0.0 <= min_confidence <= 1.0 and step_height >= 0.0):
        raise ValueError(
            f'min_confidence {min_confidence}, step_height {step_height}: wanted 0 - 1, 0 or more'
        )
    judge = _Judge(roles, min_confidence)
    sampled = _sampled(plane, labels)
    sure = None if confidence is None else _sampled(plane, confidence)
    for sample, pixel in plane.extra:  # two pixels share a sample: the worse one counts
        theirs = judge.states(*_at(pixel, labels, confidence))
        ours = judge.states(*_at(sample, sampled, sure))
        worse = _SEVERITY[theirs] > _SEVERITY[ours]
        sampled.reshape(-1)[sample[worse]] = labels.reshape(-1)[pixel[worse]]
        if sure is not None and confidence is not None:
            sure.reshape(-1)[sample[worse]] = confidence.reshape(-1)[pixel[worse]]
    state = judge.states(sampled, sure)
    state[plane.outside] = OUTSIDE
    contacts = _find_contacts(plane, state, sampled, sure)
    end = _first_hidden(plane, state == UNSURE, step_height)
    before = np.searchsorted(plane.edges, plane.edges[contacts.range_index] - contacts.depth / 2)
    end[contacts.bearing] = np.minimum(end[contacts.bearing], before - 1)
    index = np.arange(plane.ranges.size, dtype=np.int32)  # half the memory of intp
    free = (state == FREE) & (index < end[:, None].astype(np.int32))
    return View(plane, tuple(roles), sampled, sure, state, free, contacts)


class _Judge:
    """Decides from its label and confidence alone what a pixel shows."""

    def __init__(self, roles: Sequence[Role], min_confidence: float) -> None:
        if len(roles) > VOID:
            raise ValueError(f'{len(roles)} roles, wanted at most {VOID}: {VOID} is no class')
        self._table = np.full(256, OBSTACLE, np.uint8)
        self._table[: len(roles)] = [_STATES[Role(role)] for role in roles]
        self._table[VOID] = UNSURE
        self._lowest = np.uint8(np.searchsorted(np.arange(256) / 255, min_confidence))

    def states(
        self, labels: NDArray[np.uint8], confidence: NDArray[np.uint8] | None
    ) -> NDArray[np.uint8]:
        """Return UNSURE, FREE or OBSTACLE for arrays of any one shape."""
        states: NDArray[np.uint8] = cv2.LUT(labels, self._table).reshape(labels.shape)
        if confidence is not None:
            states *= confidence >= self._lowest  # UNSURE is 0
        return states


def _sampled(plane: GroundPlane, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image.reshape(-1).take(plane.source)


def _at(
    index: NDArray[np.intp], labels: NDArray[np.uint8], confidence: NDArray[np.uint8] | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    return labels.reshape(-1)[index], None if confidence is None else confidence.reshape(-1)[index]


def _find_contacts(
    plane: GroundPlane,
    state: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    confidence: NDArray[np.uint8] | None,
) -> Contacts:
    first = _first(state == OBSTACLE)
    bearing = np.flatnonzero(first < plane.ranges.size)
    at = first[bearing]
    reach, angle = plane.edges[at], plane.bearings[bearing]
    x, y = plane.foot[0] + reach * np.cos(angle), plane.foot[1] + reach * np.sin(angle)
    probability = np.ones(at.size, np.float32)
    if confidence is not None:
        probability = confidence[bearing, at] * np.float32(1 / 255)
    return Contacts(
        bearing=bearing,
        range_index=at,
        x=x,
        y=y,
        distance=np.hypot(x, y),
        depth=plane.footprint.reshape(-1)[plane.source[bearing, at]],
        class_id=labels[bearing, at],
        probability=probability,
    )


def _first(hit: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the index of the first True in each row; the length of the row where there is none."""
    first = hit.argmax(axis=1)
    first[~hit[np.arange(first.size), first]] = hit.shape[1]
    return first


def _first_hidden(
    plane: GroundPlane, unsure: NDArray[np.bool_], step_height: float
) -> NDArray[np.intp]:
    """Return for each bearing the range index from which on unsure pixels may hide the ground.

    An object that stands at distance a and hides the ground up to distance b is (1 - a / b) times
    as high as the camera (similar triangles). Pixels that are unsure from a to b without a break
    may be such an object.
    """
    hidden = np.full(unsure.shape[0], plane.ranges.size)
    rows = np.flatnonzero(unsure.any(axis=1))
    share = min(step_height / plane.height, 0.5)  # higher steps than half the camera's: half
    start = np.searchsorted(plane.edges, plane.edges[1:] * (1 - share), 'right') - 1
    start = np.minimum(start, np.arange(start.size))
    long = np.flatnonzero(start >= 0)  # ranges that a long enough run can end at
    if not (rows.size and long.size):
        return hidden
    count = np.zeros((rows.size, plane.edges.size), np.int32)
    np.cumsum(unsure[rows], axis=1, out=count[:, 1:])
    run = count[:, long + 1] - count[:, start[long]]
    hidden[rows] = np.append(long, plane.ranges.size)[_first(run == long + 1 - start[long])]
    return hidden
