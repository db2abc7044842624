# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw camera messages to RGB arrays: checked first, copied only where a conversion needs it.

What the encodings mean is taken from ``sensor_msgs/image_encodings.hpp`` (ROS 2 common_interfaces).
Where that file leaves a choice, this module does as ``cv_bridge`` and RViz do:

- ``8UC3`` is bgr8, ``8UC4`` is bgra8 and ``8UC1`` is mono8: OpenCV's order, and what RViz shows.
- 16-bit samples are scaled by 255 / 65535 and rounded, the whole range and not the range in use.
- YUV is ITU-R BT.601 with studio swing (luma 16 - 235), as OpenCV converts it.
- The height of an ``nv12`` or ``nv21`` message is that of the picture; the chroma plane follows the
  luma plane with the same ``step``, so that the data holds 1.5 x height rows.
- Alpha is dropped.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from enet_model.arrays import Scratch
from enet_ros.image_fields import (
    Frame,
    ImageError,
    buffer,
    check_size,
    quoted,
    text,
    whole_number,
)


class ImageMessage(Protocol):
    """The fields of a ``sensor_msgs/Image`` that make the picture."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: Any  # anything with the buffer protocol; rclpy gives array.array('B')


class _Layout(NamedTuple):
    """How the samples of a picture lie in memory, and the OpenCV code that makes RGB of them."""

    channels: int  # interleaved samples of one pixel
    code: int | None  # None: RGB already
    sample_bytes: int = 1
    multiple_of: tuple[int, int] = (1, 1)  # width and height, where pixels share chroma
    smallest_side: int = 1
    height_scale: float = 1.0  # rows of data for a row of pixels


# OpenCV names a Bayer pattern after the second row, from the second column on: its "BG" is RGGB.
_BAYER_CODES = {
    'bayer_rggb': cv2.COLOR_BayerBG2RGB,
    'bayer_bggr': cv2.COLOR_BayerRG2RGB,
    'bayer_gbrg': cv2.COLOR_BayerGR2RGB,
    'bayer_grbg': cv2.COLOR_BayerGB2RGB,
}
_UYVY = _Layout(2, cv2.COLOR_YUV2RGB_UYVY, multiple_of=(2, 1))
_YUYV = _Layout(2, cv2.COLOR_YUV2RGB_YUY2, multiple_of=(2, 1))
_LAYOUTS = {
    'rgb8': _Layout(3, None),
    'bgr8': _Layout(3, cv2.COLOR_BGR2RGB),
    '8UC3': _Layout(3, cv2.COLOR_BGR2RGB),
    'rgba8': _Layout(4, cv2.COLOR_RGBA2RGB),
    'bgra8': _Layout(4, cv2.COLOR_BGRA2RGB),
    '8UC4': _Layout(4, cv2.COLOR_BGRA2RGB),
    'mono8': _Layout(1, cv2.COLOR_GRAY2RGB),
    '8UC1': _Layout(1, cv2.COLOR_GRAY2RGB),
    'rgb16': _Layout(3, None, 2),
    'bgr16': _Layout(3, cv2.COLOR_BGR2RGB, 2),
    'rgba16': _Layout(4, cv2.COLOR_RGBA2RGB, 2),
    'bgra16': _Layout(4, cv2.COLOR_BGRA2RGB, 2),
    'mono16': _Layout(1, cv2.COLOR_GRAY2RGB, 2),
    'uyvy': _UYVY,
    'yuv422': _UYVY,
    'yuyv': _YUYV,
    'yuv422_yuy2': _YUYV,
    'nv12': _Layout(1, cv2.COLOR_YUV2RGB_NV12, multiple_of=(2, 2), height_scale=1.5),
    'nv21': _Layout(1, cv2.COLOR_YUV2RGB_NV21, multiple_of=(2, 2), height_scale=1.5),
    # OpenCV leaves a mosaic with a side under 3 pixels black: it has no neighbour for each colour.
    **{f'{name}8': _Layout(1, code, smallest_side=3) for name, code in _BAYER_CODES.items()},
    **{f'{name}16': _Layout(1, code, 2, smallest_side=3) for name, code in _BAYER_CODES.items()},
}

ENCODINGS = tuple(_LAYOUTS)
"""The encodings that need no cv_bridge."""


def decode(message: ImageMessage, scratch: Scratch | None = None) -> Frame:
    """Return the picture of a ``sensor_msgs/Image`` as RGB, height x width x 3, uint8.

    An ``rgb8`` message is not copied: the result is a read-only view of ``message.data``, with the
    message's row length as its stride, good for as long as nobody overwrites that buffer. Of any
    other encoding the picture is made in ``scratch``, where it is given.
    Encodings outside :data:`ENCODINGS` are left to cv_bridge where it is installed. Bytes behind
    the last row are ignored, since drivers publish whole page-aligned buffers.

    Raises :class:`ImageError`, and nothing else, whatever the fields hold.
    """
    encoding = text(message.encoding, 'encoding')
    width = whole_number(message.width, 'width', 'size')
    height = whole_number(message.height, 'height', 'size')
    step = whole_number(message.step, 'step', 'step')
    big_endian = whole_number(message.is_bigendian, 'is_bigendian', 'encoding') != 0
    data = buffer(message.data)
    layout = _LAYOUTS.get(encoding)
    if layout is None:
        return _decode_with_cv_bridge(message, encoding, width, height, step, data.size)

    check_size(encoding, width, height)
    _check_sides(encoding, width, height, layout)
    rows = int(height * layout.height_scale)
    _check_rows(encoding, width, rows, step, data.size, layout.channels * layout.sample_bytes)
    size = layout.sample_bytes
    pixels: NDArray[Any] = np.ndarray(
        (rows, width, layout.channels),
        dtype=f'{">" if big_endian else "<"}u{size}',
        buffer=data,
        strides=(step, layout.channels * size, size),
    )
    pixels.flags.writeable = False
    if layout.channels == 1:
        pixels = pixels[:, :, 0]
    if size == 2:
        pixels = _to_8_bit(pixels)
    if layout.code is None:
        return pixels
    out = scratch.shaped((height, width, 3)) if scratch is not None else None
    return cast(Frame, cv2.cvtColor(pixels, layout.code, out))


def _decode_with_cv_bridge(
    message: ImageMessage, encoding: str, width: int, height: int, step: int, data_size: int
) -> Frame:
    """Return what cv_bridge makes of an encoding that is not in our table."""
    wanted = f'wanted one of {", ".join(ENCODINGS)}, or one that cv_bridge converts to rgb8'
    try:
        from cv_bridge import CvBridge
    except Exception as error:  # a cv_bridge built for another NumPy raises more than ImportError
        raise ImageError(
            'encoding',
            f'encoding {quoted(encoding)}, {wanted}; cv_bridge cannot be imported ({error!a}): '
            'apt install ros-$ROS_DISTRO-cv-bridge, or let the camera publish rgb8',
        ) from error
    check_size(encoding, width, height)
    try:
        bridge = CvBridge()
        sample, channels = bridge.encoding_to_dtype_with_channels(encoding)
        _check_rows(encoding, width, height, step, data_size, np.dtype(sample).itemsize * channels)
        frame = bridge.imgmsg_to_cv2(message, 'rgb8')
    except ImageError:
        raise
    except Exception as error:  # CvBridgeError, and whatever NumPy and OpenCV raise below it
        raise ImageError(
            'encoding',
            f'encoding {quoted(encoding)}, {wanted}; cv_bridge refused it ({error!a}): let the '
            'camera publish rgb8',
        ) from error
    if getattr(frame, 'shape', None) != (height, width, 3) or frame.dtype != np.uint8:
        raise ImageError(
            'encoding',
            f'cv_bridge made no {width} x {height} rgb8 picture of encoding {quoted(encoding)}; '
            'let the camera publish rgb8',
        )
    return cast(Frame, frame)


def _check_sides(encoding: str, width: int, height: int, layout: _Layout) -> None:
    across, down = layout.multiple_of
    if width % across or height % down or min(width, height) < layout.smallest_side:
        raise ImageError(
            'size',
            f'{quoted(encoding)} picture of {width} x {height}, wanted a width that divides by '
            f'{across}, a height that divides by {down} and sides of at least '
            f'{layout.smallest_side}; set another size or encoding in the camera driver',
        )


def _check_rows(
    encoding: str, width: int, rows: int, step: int, data_size: int, pixel_bytes: int
) -> None:
    if step < width * pixel_bytes or step % pixel_bytes:
        raise ImageError(
            'step',
            f'{quoted(encoding)} rows of {width} pixels with step {step}, wanted '
            f'{width * pixel_bytes} bytes or more, a multiple of the {pixel_bytes} of a pixel; '
            'let the camera driver set step to the length of a row in bytes',
        )
    if data_size < rows * step:
        raise ImageError(
            'data',
            f'{quoted(encoding)} data of {data_size} bytes, wanted {rows} rows x step {step} = '
            f'{rows * step}; the message was cut or its height or step is wrong',
        )


def _to_8_bit(pixels: NDArray[Any]) -> Frame:
    """Scale 16-bit samples to 8 bits, 65535 to 255, rounded; any byte order comes in."""
    native = pixels.astype(np.uint16, copy=False)
    return cast(Frame, cv2.convertScaleAbs(native, alpha=255 / 65535))
