# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The calibration of a camera as sensor_msgs/CameraInfo: from its field of view or from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sensor_msgs.msg import CameraInfo

from enet_model.errors import UserError
from enet_ros.camera_model import pinhole_matrix


class CalibrationError(UserError):
    """A calibration file cannot be read or says too little."""


def from_field_of_view(width: int, height: int, horizontal_fov: float) -> CameraInfo:
    """Return an ideal pinhole camera with square pixels, its axis through the middle of the image.

    The arguments are those of :func:`enet_ros.camera_model.pinhole_matrix`.
    """
    k = pinhole_matrix(width, height, horizontal_fov)
    return CameraInfo(
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=[0.0] * 5,
        k=k,
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0],
    )


def from_file(url: str) -> CameraInfo:
    """Read a file as ``camera_calibration`` and ``camera_info_manager`` write it (YAML).

    ``url`` is a path, or ``file://`` and an absolute path. Raises CalibrationError where the file
    cannot be read or lacks a field.
    """
    path = Path(url.removeprefix('file://')).expanduser()
    try:
        fields = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = ' '.join(str(error).split())
        raise CalibrationError(f"calibration '{url}' cannot be read as YAML: {reason}") from error
    try:
        width, height = int(fields['image_width']), int(fields['image_height'])
        if width <= 0 or height <= 0:
            raise ValueError(f'the image is {width}x{height}')
        return CameraInfo(
            width=width,
            height=height,
            distortion_model=str(fields['distortion_model']),
            d=_matrix(fields, 'distortion_coefficients'),
            k=_matrix(fields, 'camera_matrix', 9),
            r=_matrix(fields, 'rectification_matrix', 9),
            p=_matrix(fields, 'projection_matrix', 12),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(
            f"calibration '{url}' is not complete ({type(error).__name__}: {error}): wanted is "
            'what `ros2 run camera_calibration cameracalibrator` writes'
        ) from error


def fits(info: CameraInfo, width: int, height: int) -> bool:
    """Tell whether a calibration can be that of an image: of one shape, to within rounding.

    The image may be resized as a whole, but not cropped or stretched. A calibration that does not
    tell its size fits none.
    """
    own = info.roi.width or info.width, info.roi.height or info.height
    return min(own) > 0 and abs(width * own[1] - height * own[0]) <= max(width, height, *own)


def scaled(info: CameraInfo, width: int, height: int) -> CameraInfo:
    """Return the calibration of the camera's image once it is resized to ``width`` x ``height``.

    The image is what the camera sends: its region of interest, binned. Both become part of K and P
    here. The edges of the image, not its outer pixel centres, stay where they are (u = -0.5 on the
    left). A calibration that does not tell its size becomes no calibration: K and P are 0.
    """
    roi = info.roi
    own_width, own_height = roi.width or info.width, roi.height or info.height
    x, y = (width / own_width, height / own_height) if own_width and own_height else (0.0, 0.0)
    # What a pixel (u, v, 1) of the sensor is in the resized image; it applies to K and P alike.
    rescale = np.array(
        [
            [x, 0.0, (0.5 - roi.x_offset) * x - 0.5 * (x > 0)],
            [0.0, y, (0.5 - roi.y_offset) * y - 0.5 * (y > 0)],
            [0.0, 0.0, float(x > 0)],
        ]
    )
    return CameraInfo(
        header=info.header,
        width=width,
        height=height,
        distortion_model=info.distortion_model,
        d=info.d,
        k=(rescale @ np.reshape(info.k, (3, 3))).ravel(),
        r=info.r,
        p=(rescale @ np.reshape(info.p, (3, 4))).ravel(),
    )


def _matrix(fields: dict[str, Any], name: str, count: int | None = None) -> list[float]:
    data = [float(value) for value in fields[name]['data']]
    if count is not None and len(data) != count:
        raise ValueError(f'{name} has {len(data)} values, wanted {count}')
    return data
