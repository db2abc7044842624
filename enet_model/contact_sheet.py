# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Many pictures on one, and the legend that goes with them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_BACKGROUND = 255
_INK = (0, 0, 0)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SCALE = 0.5  # capitals of about 11 pixels
_ROW = 26  # height of a line of the legend, pixels
_SWATCH = 18
_GAP = 8


def legend(names: Sequence[str], colors: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Return a white strip, ``width`` pixels wide, with a swatch of each colour beside its name.

    ``colors`` is uint8 RGB, C x 3, in the order of ``names``. The strip is as high as it needs to
    be: entries stand in columns as wide as the longest name, reading from left to right. A name
    that is wider than the strip is cut at its edge.

    Raises ValueError unless there is a colour for each name, and a name.
    """
    if not names or colors.shape != (len(names), 3):
        raise ValueError(f'{len(names)} names and colors {colors.shape}, wanted one color a name')
    longest = max(cv2.getTextSize(name, _FONT, _FONT_SCALE, 1)[0][0] for name in names)
    entry = _GAP + _SWATCH + _GAP + longest + _GAP
    columns = max(1, min(width // entry, len(names)))
    strip = np.full((-(-len(names) // columns) * _ROW, width, 3), _BACKGROUND, np.uint8)
    for index, (name, color) in enumerate(zip(names, colors, strict=True)):
        top, left = index // columns * _ROW, index % columns * entry + _GAP
        margin = (_ROW - _SWATCH) // 2
        strip[top + margin : top + margin + _SWATCH, left : left + _SWATCH] = color
        baseline = left + _SWATCH + _GAP, top + margin + _SWATCH - 4
        cv2.putText(strip, name, baseline, _FONT, _FONT_SCALE, _INK, 1, cv2.LINE_AA)
    return strip


def caption(text: str, width: int) -> NDArray[np.uint8]:
    """Return a white strip, ``width`` pixels wide, with one line of text; cut at its edge."""
    strip = np.full((_ROW, width, 3), _BACKGROUND, np.uint8)
    cv2.putText(strip, text, (_GAP, _ROW - _GAP), _FONT, _FONT_SCALE, _INK, 1, cv2.LINE_AA)
    return strip


def contact_sheet(
    pictures: Sequence[NDArray[np.uint8]], columns: int, gap: int = _GAP
) -> NDArray[np.uint8]:
    """Return the pictures in rows of ``columns``, on white, ``gap`` pixels apart and to the edge.

    Pictures (uint8 RGB) may differ in size: each stands in the top left corner of a tile as large
    as the largest of them. A last row that is not full stays white to its right.

    Raises ValueError without a picture, or a column.
    """
    if not pictures or columns < 1:
        raise ValueError(f'{len(pictures)} pictures in {columns} columns, wanted 1 or more of each')
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    height = max(picture.shape[0] for picture in pictures) + gap
    width = max(picture.shape[1] for picture in pictures) + gap
    sheet = np.full((rows * height + gap, columns * width + gap, 3), _BACKGROUND, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * height + gap, index % columns * width + gap
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return sheet
