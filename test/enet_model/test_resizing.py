# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From the camera's size to the network's, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.arrays import Scratch
from enet_model.resizing import fit, mask_repeats, resize_mask

RNG = np.random.default_rng(7)
NOISE = RNG.integers(0, 256, (16, 24, 3), np.uint8)


def test_a_frame_that_fits_is_not_copied() -> None:
    assert fit(NOISE, 24, 16) is NOISE


def test_fit_fills_the_networks_input() -> None:
    batch = np.zeros((2, 10, 12, 3), np.uint8)
    for frame in (NOISE, np.full((10, 12, 3), 9, np.uint8), np.full((40, 48, 3), 9, np.uint8)):
        filled = fit(frame, 12, 10, batch[1])
        assert np.shares_memory(filled, batch)
        np.testing.assert_array_equal(batch[1], fit(frame, 12, 10))
    assert not batch[0].any()


@pytest.mark.parametrize(
    'out',
    [
        np.zeros((12, 10, 3), np.uint8),
        np.zeros((10, 12, 3), np.float32),
        np.zeros((10, 24, 3), np.uint8)[:, ::2],
        np.broadcast_to(np.uint8(0), (10, 12, 3)),
    ],
)
def test_fit_refuses_an_out_that_it_cannot_fill(out: NDArray[Any]) -> None:
    with pytest.raises(
        ValueError, match=r'wanted a writable C-contiguous uint8 array of \(10, 12, 3\)'
    ):
        fit(NOISE, 12, 10, out)


def test_fit_averages_when_it_halves() -> None:
    noise = RNG.integers(0, 256, (12, 16, 3), np.uint8)
    means = noise.reshape(6, 2, 8, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(fit(noise, 8, 6), means, atol=0.5)


def test_fit_does_not_turn_fine_texture_into_coarse_texture() -> None:
    checkers = np.indices((128, 192)).sum(axis=0)[..., None].repeat(3, axis=2) % 2 * 254
    np.testing.assert_array_equal(fit(checkers.astype(np.uint8), 40, 30), np.full((30, 40, 3), 127))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.data())
def test_fit_is_centred_and_keeps_plain_colors(
    height: int, width: int, new_height: int, new_width: int, data: st.DataObject
) -> None:
    color = data.draw(st.tuples(*[st.integers(0, 255)] * 3))
    plain = np.full((height, width, 3), color, np.uint8)
    fitted = fit(plain, new_width, new_height)
    np.testing.assert_array_equal(fitted, np.full((new_height, new_width, 3), color))
    noise = RNG.integers(0, 256, (2 * height, 2 * width, 3), np.uint8)
    mirrored = fit(np.ascontiguousarray(noise[::-1, ::-1]), new_width, new_height)
    np.testing.assert_allclose(
        mirrored[::-1, ::-1].astype(int), fit(noise, new_width, new_height), atol=2
    )


def test_fit_keeps_the_memory_of_its_first_half() -> None:
    frame, halves = RNG.integers(0, 256, (50, 70, 3), np.uint8), Scratch()
    first = halves.shaped((25, 35, 3))
    np.testing.assert_array_equal(fit(frame, 12, 10, halves=halves), fit(frame, 12, 10))
    assert halves.shaped((25, 35, 3)) is first
    means = frame.reshape(25, 2, 35, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(first, means, atol=0.51)


def test_a_mask_of_the_wanted_size_is_not_copied() -> None:
    mask = NOISE[..., 0]
    assert resize_mask(mask, 24, 16) is mask


def test_a_mask_twice_as_large_shows_every_pixel_four_times() -> None:
    mask = np.array([[1, 2], [3, 255]], np.uint8)
    wanted = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 255, 255], [3, 3, 255, 255]]
    np.testing.assert_array_equal(resize_mask(mask, 4, 4), wanted)


@given(*[st.integers(1, 60)] * 4, st.sampled_from([(), (3,)]))
def test_a_resized_mask_repeats_rows_and_columns(
    height: int, width: int, new_height: int, new_width: int, channels: tuple[int, ...]
) -> None:
    mask = RNG.integers(0, 256, (height, width, *channels), np.uint8)
    rows, cols = mask_repeats(height, new_height), mask_repeats(width, new_width)
    resized = resize_mask(mask, new_width, new_height)
    np.testing.assert_array_equal(resized, mask[rows][:, cols])
    centres = (np.arange(new_height) + 0.5) * height / new_height
    np.testing.assert_allclose(rows + 0.5, centres, atol=0.5 + 1e-3)
    out = np.empty_like(resized)
    assert resize_mask(mask, new_width, new_height, out) is out
    np.testing.assert_array_equal(out, resized)


def test_resize_mask_refuses_an_out_that_it_cannot_fill() -> None:
    with pytest.raises(ValueError, match=r'contiguous uint8 array of \(10, 12\)'):
        resize_mask(NOISE[..., 0], 12, 10, np.zeros((12, 10), np.uint8))
