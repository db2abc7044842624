# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memory that results are written into: handed in by a caller, or kept from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def check_out(out: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless OpenCV can write into ``out``; it would silently write elsewhere."""
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.carray:
        raise ValueError(
            f'out is {out.dtype} {out.shape}, wanted a writable C-contiguous uint8 array of {shape}'
        )


class Scratch:
    """Memory for one result that is kept from frame to frame.

    Whoever holds it owns the result, which is good until the next one is written. A large array
    that is made anew for each frame may cost more than what is written into it: the kernel clears
    its pages one by one.
    """

    def __init__(self) -> None:
        self._array: NDArray[np.uint8] = np.empty(0, np.uint8)

    def shaped(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return the array, C-contiguous uint8; a new one where the shape has changed."""
        if self._array.shape != shape:
            self._array = np.empty(shape, np.uint8)
        return self._array
