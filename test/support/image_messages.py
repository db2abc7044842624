# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw camera messages for tests, and the mosaics that sensors see."""

from __future__ import annotations

import array
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
RNG = np.random.default_rng(7)
WIDTH, HEIGHT = 8, 6


@dataclass
class Image:
    """The picture fields of a sensor_msgs/Image."""

    height: Any = HEIGHT
    width: Any = WIDTH
    encoding: Any = 'rgb8'
    is_bigendian: Any = 0
    step: Any = 3 * WIDTH
    data: Any = b''


def message(samples: Array, encoding: str, padding: int = 0, rows: int | None = None) -> Image:
    """Return a message of height x width (x channels) samples, with filler behind each row."""
    body = samples.reshape(len(samples), -1).view(np.uint8)
    filler = RNG.integers(0, 256, (len(samples), padding), np.uint8)
    return Image(
        height=rows or len(samples),
        width=samples.shape[1],
        encoding=encoding,
        is_bigendian=int(samples.dtype.str.startswith('>')),
        step=body.shape[1] + padding,
        data=array.array('B', np.hstack([body, filler]).tobytes()),
    )


PIXEL_BYTES = {
    **dict.fromkeys(['mono8', '8UC1', 'nv12', 'nv21'], 1),
    **dict.fromkeys(['bayer_rggb8', 'bayer_bggr8', 'bayer_gbrg8', 'bayer_grbg8'], 1),
    **dict.fromkeys(['bayer_rggb16', 'bayer_bggr16', 'bayer_gbrg16', 'bayer_grbg16'], 2),
    **dict.fromkeys(['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2', 'mono16'], 2),
    **dict.fromkeys(['rgb8', 'bgr8', '8UC3'], 3),
    **dict.fromkeys(['rgba8', 'bgra8', '8UC4'], 4),
    **dict.fromkeys(['rgb16', 'bgr16'], 6),
    **dict.fromkeys(['rgba16', 'bgra16'], 8),
}


def random_samples(encoding: str, height: int = HEIGHT, width: int = WIDTH) -> Array:
    rows = height * 3 // 2 if encoding.startswith('nv') else height
    return RNG.integers(0, 256, (rows, width, PIXEL_BYTES[encoding]), np.uint8)


def random_message(encoding: str, height: int, width: int, padding: int = 0) -> Image:
    return message(random_samples(encoding, height, width), encoding, padding, rows=height)


BAYER = ['rggb', 'bggr', 'gbrg', 'grbg']


def mosaic(picture: Array, pattern: str) -> Array:
    """Return what a sensor under the pattern's filters sees of an RGB picture."""
    seen = np.empty(picture.shape[:2], picture.dtype)
    for index, color in enumerate(pattern):
        at = np.s_[index // 2 :: 2, index % 2 :: 2]
        seen[at] = picture[..., 'rgb'.index(color)][at]
    return seen
