# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""2x2 max pooling that remembers the winners, and the unpooling that puts values back there.

torch's ``max_pool2d(return_indices=True)`` and ``max_unpool2d`` have no portable ONNX form:
TensorRT refuses both, and ONNX Runtime runs MaxUnpool on the CPU alone. The functions here give the
same values bit for bit out of slices, comparisons and a pixel shuffle, which every runtime has.

While torch.onnx traces them, they write ONNX's own MaxPool with indices and MaxUnpool all the same:
that graph says what is meant, and a rewrite gives each target the form that it likes best
(enet_model/deployment/rewrites_pooling.py).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.onnx.ops
from torch import Tensor
from torch.nn import functional

_WINDOW: dict[str, Any] = {'kernel_shape': [2, 2], 'strides': [2, 2]}


class Winners(NamedTuple):
    """Where the maximum of each 2x2 window ``a b / c d`` lies; each mask is N x C x H/2 x W/2.

    Equal values go to the first in reading order, as in torch: exactly one pixel of a window wins.
    """

    top: Tensor
    """The maximum is in the row ``a b``."""
    top_left: Tensor
    """``a`` beats ``b``."""
    bottom_left: Tensor
    """``c`` beats ``d``."""


def max_pool(x: Tensor) -> tuple[Tensor, Winners]:
    """Pool N x C x H x W over 2x2 windows with stride 2; an odd last row or column is dropped."""
    height, width = x.shape[-2] // 2 * 2, x.shape[-1] // 2 * 2
    if torch.onnx.is_in_onnx_export():
        return _max_pool_of_onnx(x[..., :height, :width])
    a, b = x[..., 0:height:2, 0:width:2], x[..., 0:height:2, 1:width:2]
    c, d = x[..., 1:height:2, 0:width:2], x[..., 1:height:2, 1:width:2]
    top, bottom = torch.maximum(a, b), torch.maximum(c, d)
    return torch.maximum(top, bottom), Winners(top >= bottom, a >= b, c >= d)


def max_unpool(x: Tensor, winners: Winners, size: tuple[int, int] | None = None) -> Tensor:
    """Put each value of N x C x h x w at its window's winner, zero elsewhere.

    ``size`` is the height and width of the result; none is 2h x 2w. ValueError where the windows
    cannot give it.
    """
    if torch.onnx.is_in_onnx_export():
        unpooled = _max_unpool_of_onnx(x, winners.top)
    else:
        top, bottom = _split(x, winners.top)
        members = (*_split(top, winners.top_left), *_split(bottom, winners.bottom_left))
        unpooled = functional.pixel_shuffle(torch.stack(members, dim=2).flatten(1, 2), 2)
    if size is None:
        return unpooled
    height, width = size
    if not (0 <= height - 2 * x.shape[-2] <= 1 and 0 <= width - 2 * x.shape[-1] <= 1):
        raise ValueError(
            f'{x.shape[-2]}x{x.shape[-1]} windows of 2x2 cannot give {height}x{width}: '
            'the size is twice theirs, or one more where the pooled tensor was odd'
        )
    return functional.pad(unpooled, (0, width - 2 * x.shape[-1], 0, height - 2 * x.shape[-2]))


def _split(x: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    zero = x.new_zeros(())
    return torch.where(chosen, x, zero), torch.where(chosen, zero, x)


def _max_pool_of_onnx(x: Tensor) -> tuple[Tensor, Winners]:
    shape = (*x.shape[:-2], x.shape[-2] // 2, x.shape[-1] // 2)
    pooled, indices = torch.onnx.ops.symbolic_multi_out(
        'MaxPool', (x,), _WINDOW, dtypes=(x.dtype, torch.int64), shapes=(shape, shape)
    )
    return pooled, Winners(indices, indices, indices)  # one tensor that says all of it


def _max_unpool_of_onnx(x: Tensor, indices: Tensor) -> Tensor:
    shape = (*x.shape[:-2], 2 * x.shape[-2], 2 * x.shape[-1])
    return torch.onnx.ops.symbolic('MaxUnpool', (x, indices), _WINDOW, dtype=x.dtype, shape=shape)
