# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The images that the cameras send: real ones where there are any."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_ros.frame_sources import images_in, open_source
from enet_ros.image_fields import Frame
from enet_ros.synthetic_street import SyntheticStreet

COUNT = 8
"""Images of a case; the cameras send them again and again."""
ENCODINGS = {'rgb8': None, 'bgr8': cv2.COLOR_RGB2BGR, 'mono8': cv2.COLOR_RGB2GRAY}
"""What the cameras can send, and how OpenCV makes it of RGB."""
_STREET = 'synthetic'
_STREET_STEP = 30  # frames of the drawn street from one that is sent to the next: it moves slowly


class Frames:
    """Images of a source, scaled to what a case wants.

    source: folder, video, or '' for CAMVID_ROOT/val and, without it, the drawn street.
    SourceError where a source cannot be read.
    """

    def __init__(self, source: str) -> None:
        camvid = os.environ.get('CAMVID_ROOT')
        self._source = source or (str(Path(camvid) / 'val') if camvid else _STREET)

    @property
    def described(self) -> str:
        """What they are, for a reader of the figures."""
        if self._source == _STREET:
            return 'frames of the drawn street (no CAMVID_ROOT: not real ones)'
        path = Path(self._source)
        return f'{COUNT} images at most of {path.parent.name}/{path.name}, scaled'

    def scaled(self, width: int, height: int) -> Frame:
        """Return uint8 [N, height, width, 3], RGB, from all over the source."""
        if self._source == _STREET:
            street = SyntheticStreet(width, height)
            return np.stack([street.frame(_STREET_STEP * index)[0] for index in range(COUNT)])
        folder = Path(self._source)
        step = max(len(images_in(folder)) // COUNT, 1) if folder.is_dir() else 1
        source = open_source(self._source, width, height)
        try:
            return np.stack(list(itertools.islice(source, 0, COUNT * step, step)))
        finally:
            source.close()


def encoded(frame: Frame, encoding: str) -> NDArray[np.uint8]:
    """Return an RGB frame in one of ENCODINGS: uint8 H x W x 3, or H x W of mono8."""
    code = ENCODINGS[encoding]
    return frame if code is None else cv2.cvtColor(frame, code)
