# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed camera messages to RGB arrays: JPEG and PNG, checked before they are decoded."""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import cv2
from numpy.typing import NDArray

from enet_ros.image_fields import Frame, ImageError, buffer, check_size, quoted, text
from enet_ros.images import decode

_PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_PNG_CHUNK_BYTES = 12  # length, name and checksum, around the data
_JPEG_SIGNATURE = b'\xff\xd8'
_JPEG_END = b'\xff\xd9'
_JPEG_SCAN = 0xDA
_JPEG_SCAN_START = b'\xff\xda'
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_MAX_SEGMENTS = 1000  # before the pixels: real files have some tens

MAX_SCANS = 64
"""A JPEG may go over its picture in scans without end, each some bytes long; real ones have ten."""
MAX_DECODED_BYTES = 48 * 2**20
"""Pictures that take more memory are refused by their headers: a few bytes can claim any size.
Decoded, and once more as RGB, this is room for a colour picture of 3840 x 2160."""


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
    if data.size > MAX_DECODED_BYTES:
        raise ImageError(
            'size',
            f'compressed picture of {data.size >> 20} MiB, wanted {MAX_DECODED_BYTES >> 20} at '
            'most; set a smaller size in the camera driver',
        )
    raw = data.tobytes()
    if 'compresseddepth' in stated.lower():
        raise ImageError(
            'encoding',
            f'format {quoted(stated)} is a depth map, wanted a JPEG or PNG picture; subscribe to '
            "the colour camera's compressed topic",
        )
    if raw.startswith(_PNG_SIGNATURE):
        width, height, pixel_bytes = _png_header(raw)
    elif raw.startswith(_JPEG_SIGNATURE):
        width, height, pixel_bytes = _jpeg_header(raw)
    else:
        raise ImageError(
            'encoding' if raw else 'data',
            f'{len(raw)} bytes of format {quoted(stated)} start with {raw[:8]!r}, wanted JPEG or '
            'PNG; set the compressed transport of the camera to one of these',
        )
    check_size(stated, width, height)
    _check_memory(width, height, pixel_bytes)
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


class _Header(NamedTuple):
    """What a picture says of itself before it is decoded."""

    width: int
    height: int
    pixel_bytes: int
    """Memory that decoding takes, for each pixel."""


def _check_memory(width: int, height: int, pixel_bytes: int) -> None:
    needed = width * height * (pixel_bytes + 3)  # and the RGB picture
    if needed > MAX_DECODED_BYTES:
        raise ImageError(
            'size',
            f'compressed picture of {width} x {height} takes {needed >> 20} MiB, wanted '
            f'{MAX_DECODED_BYTES >> 20} at most; set a smaller size in the camera driver',
        )


def _png_header(raw: bytes) -> _Header:
    """Read the IHDR chunk, which is the first (PNG, section 11.2.2), and walk to the pixels.

    OpenCV takes memory for each chunk up to the first IDAT by the length that the chunk states, up
    to 4 GiB, before it looks whether the file is that long: every one of them must lie in the file.
    Behind it libpng reads, which never takes more for a chunk than a limit of its own.
    """
    if len(raw) < 26 or raw[12:16] != b'IHDR':
        raise _corrupt(f'PNG of {len(raw)} bytes without a header')
    at = len(_PNG_SIGNATURE)
    for _ in range(_MAX_SEGMENTS):
        length, name = int.from_bytes(raw[at : at + 4], 'big'), raw[at + 4 : at + 8]
        at += _PNG_CHUNK_BYTES + length
        if at > len(raw):
            raise _corrupt(f'PNG of {len(raw)} bytes with a chunk that ends at byte {at}')
        if name == b'acTL':
            # OpenCV ignores checksums in an animation and takes memory for four of its frames.
            raise _corrupt('animated PNG')
        if name == b'IDAT':
            break
    else:
        raise _corrupt(f'PNG of more than {_MAX_SEGMENTS} chunks before its pixels')
    width, height, depth, kind = struct.unpack_from('>IIBB', raw, 16)
    # OpenCV makes BGR or BGRA of a palette, and BGRA of grey with alpha.
    channels = {0: 1, 2: 3}.get(kind, 4)
    return _Header(width, height, channels * (2 if depth == 16 else 1))


def _jpeg_header(raw: bytes) -> _Header:
    """Read the frame header (ITU-T T.81, annex B); refuse a cut file, and scans without end.

    In a scan every 0xFF that is data is followed by a zero, so that an end marker behind the start
    of the first scan is real. Before it, one may belong to an embedded thumbnail.
    """
    frame = b''
    at = len(_JPEG_SIGNATURE)
    for _ in range(_MAX_SEGMENTS):
        if at + 5 > len(raw) or raw[at] != 0xFF:
            break
        marker = raw[at + 1]
        if marker == _JPEG_SCAN:
            if not frame:
                raise _corrupt('JPEG with a scan before its frame header')
            if raw.rfind(_JPEG_END, at) < 0:
                raise _corrupt(f'JPEG of {len(raw)} bytes without an end marker')
            scans = raw.count(_JPEG_SCAN_START, at)
            if scans > MAX_SCANS:
                raise _corrupt(f'JPEG of {scans} scans, more than {MAX_SCANS}')
            return _jpeg_frame(frame, scan_components=raw[at + 4])
        if marker in _JPEG_FRAMES and at + 10 <= len(raw):
            frame = raw[at : at + 10]
        # A marker may be preceded by fill bytes, 0xFF; every other segment tells its own length.
        at += 1 if marker == 0xFF else 2 + int.from_bytes(raw[at + 2 : at + 4], 'big')
    raise _corrupt(f'JPEG of {len(raw)} bytes whose header ends before a scan')


def _jpeg_frame(frame: bytes, scan_components: int) -> _Header:
    height, width, components = struct.unpack_from('>HHB', frame, 5)
    # libjpeg keeps all coefficients, 16 bits each, where the first scan is not the whole picture.
    is_one_scan = frame[1] not in _JPEG_PROGRESSIVE and scan_components >= components
    coefficients = 0 if is_one_scan else 2 * components
    return _Header(width, height, (1 if components == 1 else 3) + coefficients)


def _corrupt(what: str) -> ImageError:
    return ImageError(
        'compressed',
        f'{what}, wanted a whole JPEG or PNG; look for lost packets between camera and node',
    )
