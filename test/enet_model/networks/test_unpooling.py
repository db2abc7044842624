# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch.nn import functional  # noqa: E402

from enet_model.networks.unpooling import max_pool, max_unpool  # noqa: E402

SHAPES = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(2, 9), st.integers(2, 9))
# Three values in windows of four: every window has a tie.
TIES = hnp.arrays(np.float32, SHAPES, elements=st.sampled_from([-1.0, 0.0, 2.0]))
ANY = hnp.arrays(np.float32, SHAPES, elements=st.floats(-(2.0**99), 2.0**99, width=32))


@given(TIES | ANY)
def test_the_same_as_torch_bit_for_bit(array: np.ndarray) -> None:
    x = torch.from_numpy(array)
    expected, indices = functional.max_pool2d(x, 2, return_indices=True)
    pooled, winners = max_pool(x)
    assert torch.equal(pooled, expected)
    size = x.shape[2], x.shape[3]
    assert torch.equal(
        max_unpool(pooled, winners, size),
        functional.max_unpool2d(expected, indices, [2, 2], output_size=size),
    )


@given(TIES, st.integers(0, 1000))
def test_other_values_go_where_the_winners_were(array: np.ndarray, seed: int) -> None:
    """The decoder unpools what it has computed, not what was pooled."""
    x = torch.from_numpy(array)
    expected, indices = functional.max_pool2d(x, 2, return_indices=True)
    values = torch.randn(expected.shape, generator=torch.Generator().manual_seed(seed))
    _, winners = max_pool(x)
    size = x.shape[2], x.shape[3]
    assert torch.equal(
        max_unpool(values, winners, size),
        functional.max_unpool2d(values, indices, [2, 2], output_size=size),
    )


@given(TIES)
def test_one_pixel_of_each_window_wins(array: np.ndarray) -> None:
    pooled, winners = max_pool(torch.from_numpy(array))
    ones = max_unpool(torch.ones_like(pooled), winners)
    assert ones.shape[-2:] == (2 * pooled.shape[-2], 2 * pooled.shape[-1])
    assert (functional.avg_pool2d(ones, 2) == 0.25).all()


@given(SHAPES, st.integers(0, 1000))
def test_the_same_gradients_as_torch(shape: tuple[int, int, int, int], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    # No ties: where the maximum is not one pixel, it has no one gradient.
    x = torch.randperm(int(np.prod(shape)), generator=generator).float().reshape(shape)
    weights = torch.randn(shape, generator=generator)
    size = shape[2], shape[3]

    ours = x.clone().requires_grad_()
    pooled, winners = max_pool(ours)
    (max_unpool(pooled**2, winners, size) * weights).sum().backward()

    theirs = x.clone().requires_grad_()
    pooled, indices = functional.max_pool2d(theirs, 2, return_indices=True)
    unpooled = functional.max_unpool2d(pooled**2, indices, [2, 2], output_size=size)
    (unpooled * weights).sum().backward()

    assert torch.equal(ours.grad, theirs.grad)
    assert ours.grad.any()


@pytest.mark.parametrize('size', [(6, 6), (7, 9), (4, 10), (3, 4), (8, 4)])
def test_a_size_that_the_windows_cannot_give(size: tuple[int, int]) -> None:
    pooled, winners = max_pool(torch.rand(1, 1, 4, 8))
    with pytest.raises(ValueError, match=f'2x4 windows of 2x2 cannot give {size[0]}x{size[1]}'):
        max_unpool(pooled, winners, size)
