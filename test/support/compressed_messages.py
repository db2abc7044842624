# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""JPEG and PNG files for tests, as compressed camera messages."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass
class Compressed:
    """The picture fields of a sensor_msgs/CompressedImage."""

    format: Any = 'jpeg'
    data: Any = b''


# Whole blocks of JPEG's subsampled colour, so that each stripe survives the compression.
STRIPES = np.zeros((16, 48, 3), np.uint8)
STRIPES[:, :16], STRIPES[:, 16:32], STRIPES[:, 32:] = (200, 40, 30), (40, 180, 60), (20, 60, 220)
INSIDE = np.r_[3:13, 19:29, 35:45]


def encoded(kind: str, bgr: Array, *parameters: int) -> bytes:
    done, raw = cv2.imencode(kind, bgr, parameters)
    assert done
    return raw.tobytes()


JPEG = encoded('.jpg', STRIPES[..., ::-1])
PNG = encoded('.png', STRIPES[..., ::-1])


def png(width: int, height: int, depth: int, kind: int, rows: bytes, *chunks: bytes) -> bytes:
    """Return a PNG file of unfiltered rows (each after a zero byte), with chunks before IDAT."""
    header = struct.pack('>IIBBBBB', width, height, depth, kind, 0, 0, 0)
    body = [chunk(b'IHDR', header), *chunks, chunk(b'IDAT', zlib.compress(rows)), chunk(b'IEND')]
    return b'\x89PNG\r\n\x1a\n' + b''.join(body)


def chunk(name: bytes, data: bytes = b'') -> bytes:
    return struct.pack('>I', len(data)) + name + data + struct.pack('>I', zlib.crc32(name + data))


def with_segment(marker: int, body: bytes) -> bytes:
    """Return the JPEG with one more segment behind its first marker."""
    segment = struct.pack('>BBH', 0xFF, marker, len(body) + 2) + body
    return JPEG[:2] + segment + JPEG[2:]
