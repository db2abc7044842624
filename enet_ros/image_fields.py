# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The fields of an image message, checked one by one before anybody believes them."""

from __future__ import annotations

import operator
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Frame: TypeAlias = NDArray[np.uint8]
"""A picture: uint8, height x width x 3, RGB."""

Reason: TypeAlias = Literal['encoding', 'size', 'step', 'data', 'compressed']
"""What is wrong with a message: an encoding or format that cannot be read; a width or height that
is 0, too large, or that the encoding does not allow; a row length that does not fit the width; data
that is no buffer or too short; a JPEG or PNG that is cut or corrupt."""

MAX_PIXELS = 64_000_000
"""Pictures with more pixels are refused before anything is allocated. Larger than any camera on a
robot, small enough (192 MB of RGB) that a forged header cannot exhaust the memory."""


class ImageError(ValueError):
    """A message is no picture; its text says what came, what was wanted and what to do."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason: Reason = reason


def text(value: object, field: str) -> str:
    """Return ``value``, or raise ImageError where it is no string."""
    if isinstance(value, str):
        return value
    raise ImageError('encoding', f'{field} is a {type(value).__name__}, wanted a string')


def whole_number(value: object, field: str, reason: Reason) -> int:
    """Return ``value``, or raise ImageError where it is not what a uint32 can hold."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ImageError(
            reason, f'{field} is a {type(value).__name__}, wanted a whole number'
        ) from None
    if not 0 <= number < 2**32:
        raise ImageError(reason, f'{field} is outside the range of a uint32')
    return number


def buffer(data: Any) -> NDArray[np.uint8]:
    """Return the bytes of ``data`` as a flat array that shares their memory.

    Raises ImageError where ``data`` has no contiguous buffer.
    """
    try:
        return np.frombuffer(data, np.uint8)
    except (TypeError, ValueError, BufferError) as error:
        raise ImageError(
            'data',
            f'data is a {type(data).__name__}, wanted a contiguous buffer of bytes ({error})',
        ) from error


def check_size(encoding: str, width: int, height: int) -> None:
    """Raise ImageError for a picture without pixels, or with more than :data:`MAX_PIXELS`."""
    if width == 0 or height == 0 or width * height > MAX_PIXELS:
        raise ImageError(
            'size',
            f'{quoted(encoding)} picture of {width} x {height}, wanted 1 to {MAX_PIXELS} pixels; '
            'look at width and height in the camera driver',
        )


def quoted(name: str) -> str:
    """Return an encoding or format for an error's text: short, and printable everywhere."""
    return ascii(name if len(name) <= 40 else f'{name[:40]}...')
