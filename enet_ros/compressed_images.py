# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed camera messages to RGB arrays: JPEG and PNG, checked before they are decoded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
from numpy.typing import NDArray

from enet_ros.image_fields import Frame, ImageError, buffer, check_size, quoted, text
from enet_ros.images import decode

_PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_JPEG_SIGNATURE = b'\xff\xd8'
_JPEG_END = b'\xff\xd9'
_JPEG_SCAN = 0xDA
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_MAX_SEGMENTS = 1000


class CompressedImageMessage(Protocol):
    """The fields of a ``sensor_msgs/CompressedImage`` that make the picture."""

    format: str
    data: Any  # anything with the buffer protocol; rclpy gives array.array('B')


def decode_compressed(message: CompressedImageMessage) -> Frame:
    """Return the picture of a ``sensor_msgs/CompressedImage`` as RGB, height x width x 3, uint8.

    JPEG and PNG are read, known by their first bytes: grey, colour, palette, alpha, 8 or 16 bits.
    A raw Bayer mosaic (``bayer_rggb8; png compressed``) becomes colour. The EXIF orientation is
    ignored, so that the picture keeps the geometry of its camera_info. The size is read from the
    header and checked before anything is decoded. A cut file is refused; so is a changed bit in a
    PNG. JPEG carries no checksum: damage inside its scan decodes to wrong pixels unnoticed.

    Raises ImageError, and nothing else, whatever the fields hold.
    """
    stated = text(message.format, 'format')
    data = buffer(message.data)
    raw = data.tobytes()
    if 'compresseddepth' in stated.lower():
        raise ImageError(
            'encoding',
            f'format {quoted(stated)} is a depth map, wanted a JPEG or PNG picture; subscribe to '
            "the colour camera's compressed topic",
        )
    if raw.startswith(_PNG_SIGNATURE):
        width, height = _png_size(raw)
    elif raw.startswith(_JPEG_SIGNATURE):
        width, height = _jpeg_size(raw)
    else:
        raise ImageError(
            'encoding' if raw else 'data',
            f'{len(raw)} bytes of format {quoted(stated)} start with {raw[:8]!r}, wanted JPEG or '
            'PNG; set the compressed transport of the camera to one of these',
        )
    check_size(stated, width, height)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)  # unchanged: not turned by EXIF either
    except cv2.error as error:
        raise _corrupt(str(error)) from error
    if pixels is None or pixels.shape[:2] != (height, width):
        raise _corrupt(f'OpenCV cannot decode the {width} x {height} picture')
    return decode(_Decoded(height, width, _encoding(stated, pixels), pixels.strides[0], pixels))


@dataclass
class _Decoded:
    """A picture out of its file: an image message like those that were never compressed."""

    height: int
    width: int
    encoding: str
    step: int
    data: NDArray[Any]
    is_bigendian: int = sys.byteorder == 'big'


def _encoding(stated: str, pixels: NDArray[Any]) -> str:
    """Return the encoding of what OpenCV has decoded.

    compressed_image_transport writes ``<raw encoding>; <codec> compressed <what was compressed>``
    as format; nothing stands at the end where the raw pixels went into the codec, and a Bayer
    mosaic is then still one. Otherwise OpenCV's own order holds, whatever the message states.
    """
    bits = 8 * pixels.itemsize
    if pixels.ndim == 3:
        return f'{"bgr" if pixels.shape[2] == 3 else "bgra"}{bits}'
    raw_encoding, _, codec = stated.partition(';')
    is_mosaic = raw_encoding.startswith('bayer_') and codec.strip().endswith('compressed')
    return f'{raw_encoding.rstrip("0123456789")}{bits}' if is_mosaic else f'mono{bits}'


def _png_size(raw: bytes) -> tuple[int, int]:
    """Return width and height out of the IHDR chunk, which is the first (PNG, section 11.2.2)."""
    if len(raw) < 24 or raw[12:16] != b'IHDR':
        raise _corrupt(f'PNG of {len(raw)} bytes without a header')
    return int.from_bytes(raw[16:20], 'big'), int.from_bytes(raw[20:24], 'big')


def _jpeg_size(raw: bytes) -> tuple[int, int]:
    """Return width and height out of the frame header (ITU-T T.81, annex B); refuse a cut file.

    In a scan every 0xFF that is data is followed by a zero, so that an end marker behind the start
    of the first scan is real. Before it, one may belong to an embedded thumbnail.
    """
    size = None
    at = len(_JPEG_SIGNATURE)
    for _ in range(_JPEG_MAX_SEGMENTS):
        if at + 4 > len(raw) or raw[at] != 0xFF:
            break
        marker = raw[at + 1]
        if marker == _JPEG_SCAN:
            if size is None:
                raise _corrupt('JPEG with a scan before its frame header')
            if raw.rfind(_JPEG_END, at) < 0:
                raise _corrupt(f'JPEG of {len(raw)} bytes without an end marker')
            return size
        if marker in _JPEG_FRAMES and at + 9 <= len(raw):
            height, width = raw[at + 5 : at + 7], raw[at + 7 : at + 9]
            size = int.from_bytes(width, 'big'), int.from_bytes(height, 'big')
        # A marker may be preceded by fill bytes, 0xFF; every other segment tells its own length.
        at += 1 if marker == 0xFF else 2 + int.from_bytes(raw[at + 2 : at + 4], 'big')
    raise _corrupt(f'JPEG of {len(raw)} bytes whose header ends before a scan')


def _corrupt(what: str) -> ImageError:
    return ImageError(
        'compressed',
        f'{what}, wanted a whole JPEG or PNG; look for lost packets between camera and node',
    )
