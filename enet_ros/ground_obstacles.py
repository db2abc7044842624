# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Obstacles as points, and how near each class is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.label_sets import Role
from enet_ros.free_space import View

POINT_HEIGHT = 0.25
"""z of the points, m. Nav2's obstacle layer, voxel layer and collision monitor take points from
0.05 to 0.5 m by default and drop those on the ground itself."""

POINT_DTYPE = np.dtype(
    {
        'names': ['x', 'y', 'z', 'class_id', 'probability'],
        'formats': ['<f4', '<f4', '<f4', 'u1', '<f4'],
        'offsets': [0, 4, 8, 12, 16],
        'itemsize': 20,
    }
)
"""A point: m in the base frame, class id, probability 0 - 1. Numbers are aligned: consumers read
them through pointers."""


def obstacle_points(view: View, *, height: float = POINT_HEIGHT) -> NDArray[np.void]:
    """Return the contacts with the ground as points [N] of :data:`POINT_DTYPE`, by bearing.

    There is one for each bearing with an obstacle. ``height`` [m] is their z.
    """
    contacts = view.contacts
    points = np.empty(contacts.x.shape, POINT_DTYPE)
    points['x'], points['y'], points['z'] = contacts.x, contacts.y, height
    points['class_id'], points['probability'] = contacts.class_id, contacts.probability
    return points


def nearest_distance(view: View) -> NDArray[np.float32]:
    """Return the distance [classes] of each class from the base frame's origin [m], by id.

    That of an obstacle class is its nearest contact with the ground, that of a traversable class
    the nearest ground of this class seen free; neither is nearer than the picture's lower edge.
    NaN where there is none in view and range; and for background, which is nowhere on the ground.
    """
    nearest = np.full(256, np.inf)
    np.minimum.at(nearest, view.contacts.class_id, view.contacts.distance)
    for class_id, role in enumerate(view.roles):
        if role == Role.TRAVERSABLE:
            ground = view.free & (view.labels == class_id)
            if ground.any():
                nearest[class_id] = cv2.minMaxLoc(view.plane.distance, ground.view(np.uint8))[0]
    nearest[np.isinf(nearest)] = np.nan
    return nearest[: len(view.roles)].astype(np.float32)
