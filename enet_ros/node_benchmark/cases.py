# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what the processes of a case are told. No ROS in here."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

READY = 'ready'
"""What the listener prints as soon as something has been heard on every topic."""

T = TypeVar('T')


@dataclass(frozen=True)
class Case:
    """Cameras, and what becomes of their images."""

    width: int
    height: int
    rate: float
    """Of each camera [Hz]."""
    cameras: int = 1
    encoding: str = 'rgb8'
    model: str = ''
    """Model file; empty is the bundled one."""
    device: str = 'auto'

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the cameras."""
        return tuple(f'camera_{index}' for index in range(self.cameras))


@dataclass(frozen=True)
class Cameras:
    """The orders to the process of the cameras."""

    frames: str
    """Array file: uint8 [N, height, width, 3], what the cameras send again and again."""
    encoding: str
    rate: float
    """Of each [Hz]; they take turns."""
    topics: tuple[str, ...]
    """Where each sends its images, best effort as cameras do."""
    output: str
    """JSON file to write at the end: {topic: stamps of the images sent [s]}."""


@dataclass(frozen=True)
class Listener:
    """The orders to the process of the listener."""

    topics: tuple[str, ...]
    """Images to hear."""
    output: str
    """JSON file to write at the end: {topic: [[stamp of an image, its age then], ...]} [s]."""


def to_file(orders: object, path: Path) -> None:
    """Write orders for another process."""
    path.write_text(json.dumps(dataclasses.asdict(orders)))  # type: ignore[call-overload]


def from_file(kind: type[T], path: str) -> T:
    """Read orders that :func:`to_file` has written."""
    values = json.loads(Path(path).read_text())
    values['topics'] = tuple(values['topics'])
    return kind(**values)
