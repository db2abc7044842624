# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.contact_sheet import caption, contact_sheet, legend

NAMES = ['sky', 'building', 'road', 'pedestrian']
COLORS = np.array([[70, 130, 180], [70, 70, 71], [128, 64, 128], [220, 20, 60]], np.uint8)


def filled(height: int, width: int, value: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def where_is(color: NDArray[np.uint8], strip: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of the pixels of a colour, which fill a rectangle."""
    rows, cols = np.nonzero((strip == color).all(axis=2))
    top, left, bottom, right = rows.min(), cols.min(), rows.max() + 1, cols.max() + 1
    assert len(rows) == (bottom - top) * (right - left)
    return top, left, bottom, right


def test_each_name_has_its_color_and_text_beside_it() -> None:
    strip = legend(NAMES, COLORS, 300)
    assert strip.shape[1] == 300
    assert strip.dtype == np.uint8
    for color in COLORS:
        top, _, bottom, right = where_is(color, strip)
        assert bottom - top >= 12
        ink = (strip[top:bottom, right : right + 40] < 100).all(axis=2)
        assert 20 < ink.sum() < ink.size / 2


def test_a_caption_is_one_line_in_a_strip() -> None:
    strip = caption('frame 7', 200)
    assert strip.shape[1:] == (200, 3)
    rows, columns = np.nonzero((strip < 100).all(axis=2))
    assert 0 < rows.min() < rows.max() < len(strip) - 1
    assert 40 < columns.max() < 120
    assert caption('frame 7' * 9, 200).shape == strip.shape


def test_entries_read_from_left_to_right() -> None:
    corners = [where_is(color, legend(NAMES, COLORS, 300))[:2] for color in COLORS]
    assert corners == sorted(corners)
    assert len({top for top, _ in corners}) == 2


def test_a_narrow_legend_is_a_column_and_a_wide_one_a_row() -> None:
    column, row = legend(NAMES, COLORS, 60), legend(NAMES, COLORS, 2000)
    assert len({where_is(color, column)[1] for color in COLORS}) == 1
    assert len({where_is(color, row)[0] for color in COLORS}) == 1
    assert column.shape == (4 * row.shape[0], 60, 3)


@pytest.mark.parametrize(('names', 'colors'), [([], COLORS[:0]), (NAMES, COLORS[:3])])
def test_a_legend_needs_a_color_for_each_name(names: list[str], colors: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match='wanted one color a name'):
        legend(names, colors, 300)


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 5))
def test_each_picture_stands_in_its_tile(count: int, columns: int, gap: int) -> None:
    sheet = contact_sheet([filled(4, 6, value) for value in range(count)], columns, gap)
    used = min(columns, count)
    rows = -(-count // used)
    assert sheet.shape == (rows * (4 + gap) + gap, used * (6 + gap) + gap, 3)
    for value in range(count):
        top, left = gap + value // used * (4 + gap), gap + value % used * (6 + gap)
        assert (sheet[top : top + 4, left : left + 6] == value).all()
    assert (sheet == 255).all(axis=2).sum() == sheet.size // 3 - count * 24


def test_pictures_of_several_sizes() -> None:
    sheet = contact_sheet([filled(4, 6, 1), filled(8, 2, 2)], columns=2, gap=1)
    assert sheet.shape == (10, 15, 3)
    assert (sheet[1:5, 1:7] == 1).all()
    assert (sheet[1:9, 8:10] == 2).all()
    assert (sheet == 255).all(axis=2).sum() == 10 * 15 - 24 - 16


@pytest.mark.parametrize(('count', 'columns'), [(0, 2), (2, 0), (2, -1)])
def test_a_sheet_needs_pictures_and_columns(count: int, columns: int) -> None:
    with pytest.raises(ValueError, match='wanted 1 or more of each'):
        contact_sheet([filled(4, 6, 0)] * count, columns)
