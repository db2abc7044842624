# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_model.overlay import draw
from enet_model.resizing import resize_mask

RNG = np.random.default_rng(11)
COLORS = np.array([[250, 10, 20], [0, 200, 40], [30, 60, 220]], np.uint8)
FRAME = RNG.integers(0, 256, (6, 8, 3), np.uint8)
LABELS = RNG.choice(np.array([0, 1, 2, 255], np.uint8), (6, 8))
LABELS[0] = [0, 1, 2, 255, 0, 1, 2, 255]


def test_pixels_that_can_be_blended_by_hand() -> None:
    frame = np.array([[[100, 100, 100], [50, 0, 40], [1, 2, 3]]], np.uint8)
    labels = np.array([[0, 2, 255]], np.uint8)
    wanted = [[[175, 55, 60], [40, 30, 130], [1, 2, 3]]]
    np.testing.assert_array_equal(draw(frame, labels, COLORS, 0.5), wanted)


@given(st.floats(0, 1), st.integers(1, 256), st.integers(1, 20), st.integers(1, 20))
def test_colors_are_blended_and_void_is_not_touched(
    opacity: float, color_count: int, height: int, width: int
) -> None:
    frame = RNG.integers(0, 256, (height, width, 3), np.uint8)
    labels = RNG.choice(np.array([0, 1, color_count - 1, 255], np.uint8), (height, width))
    colors = RNG.integers(0, 256, (color_count, 3), np.uint8)
    drawn = draw(frame, labels, colors, opacity)
    bare = (labels >= color_count) | (labels == 255)
    np.testing.assert_array_equal(drawn[bare], frame[bare])
    wanted = (1 - opacity) * frame[~bare] + opacity * colors[labels[~bare]]
    np.testing.assert_allclose(drawn[~bare], wanted, atol=0.51)


def test_opacity_0_is_the_frame() -> None:
    np.testing.assert_array_equal(draw(FRAME, LABELS, COLORS, 0.0), FRAME)


def test_opacity_1_is_the_colors() -> None:
    wanted = np.where((LABELS == 255)[..., None], FRAME, COLORS[LABELS % 253])
    np.testing.assert_array_equal(draw(FRAME, LABELS, COLORS, 1.0), wanted)


def test_a_void_label_has_no_color_even_where_the_palette_has_one() -> None:
    colors = np.full((256, 3), 77, np.uint8)
    drawn = draw(FRAME, LABELS, colors, 1.0)
    np.testing.assert_array_equal(drawn[LABELS == 255], FRAME[LABELS == 255])
    assert (drawn[LABELS != 255] == 77).all()


def test_labels_of_another_size_are_stretched_as_masks_are() -> None:
    small = LABELS[:4, :3]
    np.testing.assert_array_equal(
        draw(FRAME, small, COLORS, 0.4), draw(FRAME, resize_mask(small, 8, 6), COLORS, 0.4)
    )


def test_frame_and_labels_are_left_alone() -> None:
    frame, labels = FRAME.copy(), LABELS.copy()
    frame.flags.writeable = labels.flags.writeable = False
    drawn = draw(frame, labels, COLORS, 0.4)
    assert not np.shares_memory(drawn, frame)
    np.testing.assert_array_equal(frame, FRAME)
    np.testing.assert_array_equal(labels, LABELS)


def test_drawing_into_the_data_of_a_message() -> None:
    data = bytearray(FRAME.size)
    out = np.frombuffer(data, np.uint8).reshape(FRAME.shape)
    assert draw(FRAME, LABELS, COLORS, 0.4, out) is out
    assert bytes(data) == draw(FRAME, LABELS, COLORS, 0.4).tobytes()
    assert bytes(data) != FRAME.tobytes()


def test_a_padded_frame() -> None:
    padded = RNG.integers(0, 256, (6, 12, 3), np.uint8)[:, :8]
    np.testing.assert_array_equal(
        draw(padded, LABELS, COLORS, 0.4), draw(padded.copy(), LABELS, COLORS, 0.4)
    )


@pytest.mark.parametrize(
    ('changes', 'text'),
    [
        ({'labels': LABELS[0]}, r'frame \(6, 8, 3\) and labels uint8 \(8,\)'),
        ({'labels': LABELS.astype(np.int32)}, 'labels int32'),
        ({'frame': FRAME[..., 0]}, r'frame \(6, 8\)'),
        ({'colors': COLORS[:, :2]}, r'colors are \(3, 2\)'),
        ({'colors': COLORS[:0]}, r'colors are \(0, 3\)'),
        ({'colors': COLORS[0]}, r'colors are \(3,\)'),
        ({'opacity': 1.5}, 'opacity is 1.5, wanted 0 - 1'),
        ({'opacity': float('nan')}, 'opacity is nan'),
        ({'out': np.zeros((8, 6, 3), np.uint8)}, r'out is uint8 \(8, 6, 3\)'),
        ({'out': np.zeros((6, 8, 3), np.float32)}, 'out is float32'),
    ],
)
def test_what_cannot_be_drawn(changes: dict[str, Any], text: str) -> None:
    arguments = {'frame': FRAME, 'labels': LABELS, 'colors': COLORS, 'opacity': 0.5}
    with pytest.raises(ValueError, match=text):
        draw(**{**arguments, **changes})
