# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Checks on arrays that callers hand in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def check_out(out: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless OpenCV can write into ``out``; it would silently write elsewhere."""
    if out.shape != shape or out.dtype != np.uint8 or not out.flags.carray:
        raise ValueError(
            f'out is {out.dtype} {out.shape}, wanted a writable C-contiguous uint8 array of {shape}'
        )
