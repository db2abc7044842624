# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What all cameras of a node work with."""

from __future__ import annotations

from dataclasses import dataclass

from enet_model.label_sets import Role
from enet_model.segmenter import Segmenter
from enet_ros.parameters import Settings


@dataclass(frozen=True)
class Engine:
    """What all cameras of a node share; replaced as a whole when a setting changes."""

    segmenter: Segmenter
    settings: Settings
    roles: tuple[Role, ...]
    """Of the classes, by id."""
