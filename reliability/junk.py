# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that no camera should send: good ones with fields replaced, cut or flipped."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from enet_ros.images import ENCODINGS
from enet_ros.synthetic_street import SyntheticStreet

_NUMBERS = (0, 1, 2, 3, 7, 255, 256, 32767, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
_ENCODINGS = (*ENCODINGS, '', 'rgb9', '16UC3', '32FC1', 'h264', 'x' * 300, 'rgb8\0', 'ä' * 40)
_SIDE = 48


@dataclass
class RawFields:
    """The fields of a ``sensor_msgs/Image`` that make the picture."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: bytes


def fuzzed_image(random_: random.Random) -> RawFields:
    """Return a raw image with none to four of its fields replaced."""
    width, height = random_.randint(1, _SIDE), random_.randint(1, _SIDE)
    encoding = random_.choice(ENCODINGS)
    step = width * random_.choice((1, 2, 3, 4, 6, 8)) + random_.choice((0, 0, 0, 1, 5))
    size = min(height * step * 3 // 2, 2**15)
    fields = RawFields(
        height, width, encoding, random_.randint(0, 1), step, random_.randbytes(size)
    )
    for _ in range(random_.randint(0, 4)):
        name = random_.choice(('height', 'width', 'encoding', 'is_bigendian', 'step', 'data'))
        setattr(fields, name, _replacement(random_, name, fields))
    return fields


def _replacement(random_: random.Random, name: str, fields: RawFields) -> Any:
    if name == 'encoding':
        return random_.choice(_ENCODINGS)
    if name == 'is_bigendian':
        return random_.randint(0, 255)
    if name == 'data':
        return fields.data[: random_.randint(0, len(fields.data))]
    return random_.choice((*_NUMBERS, random_.randint(0, _SIDE)))


def street_files(width: int = 320, height: int = 180) -> dict[str, bytes]:
    """Return a picture of the drawn street as files: jpeg, progressive jpeg and png."""
    pixels, _ = SyntheticStreet(width, height).frame(0)
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return {
        'jpeg': _encode('.jpg', bgr),
        'jpeg, progressive': _encode('.jpg', bgr, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        'png': _encode('.png', bgr),
    }


def flipped(random_: random.Random, file: bytes) -> bytes:
    """Return a file with one to eight bits flipped, half of them in its first 700 bytes."""
    changed = bytearray(file)
    for _ in range(random_.randint(1, 8)):
        end = len(file) if random_.random() < 0.5 else min(700, len(file))
        changed[random_.randrange(end)] ^= 1 << random_.randrange(8)
    return bytes(changed)


def bombs() -> dict[str, bytes]:
    """Return small files whose headers claim much, with and without the pixels to go with it."""
    jpeg = _encode('.jpg', np.zeros((16, 16, 3), np.uint8))
    progressive = _encode('.jpg', np.zeros((64, 64, 3), np.uint8), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    scan = progressive[progressive.rindex(b'\xff\xda') : -2]
    return {
        'png of 7,900 x 7,900, whole': png_of_zeros(7900, 7900, 8, 2),
        'png of 5,000 x 5,000 with 16 bits, whole': png_of_zeros(5000, 5000, 16, 6),
        'png of 65,535 x 65,535': png_of_zeros(65535, 65535, 8, 2, rows=10),
        'png of 2,147,483,647 x 1': png_of_zeros(2**31 - 1, 1, 1, 0, rows=0),
        'png with a text of 64 MiB': _with_text(png_of_zeros(16, 16, 8, 2), 64 * 2**20),
        'jpeg of 65,535 x 65,535': _with_size(jpeg, b'\xff\xc0', 65535, 65535),
        'jpeg of 7,000 x 7,000': _with_size(jpeg, b'\xff\xc0', 7000, 7000),
        'progressive jpeg of 3,800 x 2,100': _with_size(progressive, b'\xff\xc2', 3800, 2100),
        'jpeg of 20,000 scans': progressive[:-2] + scan * 20_000 + progressive[-2:],
    }


def png_of_zeros(width: int, height: int, depth: int, kind: int, rows: int | None = None) -> bytes:
    """Return a PNG of black pixels, or of its first ``rows`` alone."""
    channels = {0: 1, 2: 3, 6: 4}[kind]
    row = bytes(1 + (width * channels * depth + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b''.join(packer.compress(row) for _ in range(height if rows is None else rows))
    header = struct.pack('>IIBBBBB', width, height, depth, kind, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        _chunk(*chunk)
        for chunk in ((b'IHDR', header), (b'IDAT', packed + packer.flush()), (b'IEND', b''))
    )


def _with_text(png: bytes, size: int) -> bytes:
    text = _chunk(b'zTXt', b'bomb\0\0' + zlib.compress(bytes(size), 9))
    return png[:33] + text + png[33:]


def _with_size(jpeg: bytes, frame: bytes, width: int, height: int) -> bytes:
    at = jpeg.index(frame) + 5
    return jpeg[:at] + struct.pack('>HH', height, width) + jpeg[at + 4 :]


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body))


def _encode(kind: str, bgr: np.ndarray, *options: int) -> bytes:
    return bytes(cv2.imencode(kind, bgr, list(options))[1])
