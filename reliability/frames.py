# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Good frames for the rows: a drawn street, and as many different ones as are wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from builtin_interfaces.msg import Time
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from enet_ros import messages
from enet_ros.camera_info import from_field_of_view
from enet_ros.synthetic_street import HORIZONTAL_FOV, SyntheticStreet

_SCENES = 32


def street_message(width: int = 640, height: int = 360) -> Image:
    """Return a frame of the drawn street."""
    pixels, _ = SyntheticStreet(width, height).frame(0)
    return messages.image(Header(frame_id='camera'), pixels, 'rgb8')


def different_frames(width: int, height: int) -> Iterator[Image]:
    """Yield frames without end, no two alike: street scenes, shifted and brightened."""
    street = SyntheticStreet(width, height)
    scenes = [street.frame(20 * index)[0] for index in range(_SCENES)]
    for index in range(width * 256):  # times _SCENES different ones
        for scene in scenes:
            shifted: NDArray[np.uint8] = np.roll(scene, index % width, axis=1)
            yield messages.image(stamped('camera'), shifted + np.uint8(index // width), 'rgb8')


def stamped(frame_id: str, seconds: float | None = None) -> Header:
    """Return a header of now, or of another moment [s]."""
    now = time.time() if seconds is None else seconds
    return Header(frame_id=frame_id, stamp=Time(sec=int(now), nanosec=int(now % 1 * 1e9)))


def restamp(message: Image) -> Image:
    """Set the stamp to now and return the message."""
    message.header.stamp = stamped('').stamp
    return message


def calibration(width: int, height: int) -> CameraInfo:
    """Return the calibration of the drawn street's camera."""
    info = from_field_of_view(width, height, HORIZONTAL_FOV)
    info.header.frame_id = 'camera'
    return info
