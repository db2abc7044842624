# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from enet_model.networks import enet  # noqa: E402
from enet_model.networks.enet import ENet  # noqa: E402

LAYOUTS = ('authors', 'paper')
# Of table 1 of the paper: channels, and by how much the output is smaller than the input.
STAGES = {
    'encoder.initial': (16, 2),
    'encoder.down_1': (64, 4),
    'encoder.stage_1': (64, 4),
    'encoder.down_2': (128, 8),
    'encoder.stage_2': (128, 8),
    'encoder.stage_3': (128, 8),
    'decoder.up_4': (64, 4),
    'decoder.stage_4': (64, 4),
    'decoder.up_5': (16, 2),
    'decoder.stage_5': (16, 2),
    'decoder.full_convolution': (12, 1),
}


def network(layout: Any = 'authors', classes: int = 12) -> ENet:
    """Return a network of which no layer is trivial."""
    torch.manual_seed(0)
    net = ENet(classes, layout)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (*module.parameters(), *module.buffers()):
                if tensor.ndim:
                    tensor.data.uniform_(0.5, 1.5)
    return net.eval()


def modules(part: nn.Module, *kinds: type) -> list[Any]:
    return [module for module in part.modules() if isinstance(module, kinds)]


def test_the_0_37_million_parameters_of_the_paper() -> None:
    net = ENet(12)
    parameters = sum(p.numel() for p in net.parameters())
    statistics = sum(b.numel() for b in net.buffers() if b.ndim)
    assert (parameters, parameters + statistics) == (363_151, 371_503)


@pytest.mark.parametrize('layout', LAYOUTS)
@pytest.mark.parametrize('size', [(64, 64), (40, 24)])
def test_the_output_of_each_stage(layout: Any, size: tuple[int, int]) -> None:
    net = network(layout)
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            shapes[name] = tuple((output[0] if isinstance(output, tuple) else output).shape)

        return hook

    for name in STAGES:
        net.get_submodule(name).register_forward_hook(note(name))
    logits = net(torch.rand(2, 3, *size))
    assert logits.isfinite().all()
    assert shapes == {
        name: (2, channels, size[0] // step, size[1] // step)
        for name, (channels, step) in STAGES.items()
    }


@pytest.mark.parametrize('stage', ['stage_2', 'stage_3'])
def test_regular_dilated_and_asymmetric_in_turn(stage: str) -> None:
    kernels = [
        [
            (convolution.kernel_size, convolution.dilation[0])
            for convolution in modules(bottleneck, nn.Conv2d)
            if convolution.kernel_size != (1, 1)
        ]
        for bottleneck in getattr(ENet(12).encoder, stage)
    ]
    square, asymmetric = (3, 3), [((5, 1), 1), ((1, 5), 1)]
    assert kernels == [
        *([(square, 1)], [(square, 2)], asymmetric, [(square, 4)]),
        *([(square, 1)], [(square, 8)], asymmetric, [(square, 16)]),
    ]


@pytest.mark.parametrize('layout', LAYOUTS)
def test_no_convolution_has_a_bias(layout: Any) -> None:
    convolutions = modules(ENet(12, layout), nn.Conv2d, nn.ConvTranspose2d)
    assert len(convolutions) == 89
    assert all(convolution.bias is None for convolution in convolutions)


def test_the_layouts_differ_in_the_decoder_alone() -> None:
    authors, paper = ENet(12, 'authors'), ENet(12, 'paper')
    assert str(authors.encoder) == str(paper.encoder)
    assert modules(authors.decoder, nn.PReLU, nn.Dropout2d) == []
    assert len(modules(authors.decoder, nn.ReLU)) == len(modules(paper.decoder, nn.PReLU)) == 15
    assert modules(paper.decoder, nn.ReLU) == []
    assert [dropout.p for dropout in modules(paper.decoder, nn.Dropout2d)] == [0.1] * 5


def test_dropout_grows_with_depth() -> None:
    rates = [dropout.p for dropout in modules(ENet(12).encoder, nn.Dropout2d)]
    assert [(p, len([*same])) for p, same in itertools.groupby(rates)] == [(0.01, 5), (0.1, 17)]


def test_one_slope_for_each_channel() -> None:
    slopes = [prelu.num_parameters for prelu in modules(ENet(12).encoder.stage_2, nn.PReLU)]
    assert slopes == [32, 32, 128] * 8


@pytest.mark.parametrize('layout', LAYOUTS)
def test_torch_own_unpooling_gives_the_same_logits(
    layout: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, image = network(layout), torch.rand(1, 3, 40, 24)
    expected = net(image)
    monkeypatch.setattr(
        enet, 'max_pool', lambda x: functional.max_pool2d(x, 2, return_indices=True)
    )
    monkeypatch.setattr(
        enet, 'max_unpool', lambda x, indices: functional.max_unpool2d(x, indices, [2, 2])
    )
    assert torch.equal(net(image), expected)


def test_dropout_and_statistics_rest_in_evaluation() -> None:
    net, image = network('paper'), torch.rand(2, 3, 16, 16)
    both = net(image)
    assert torch.equal(net(image), both)
    torch.testing.assert_close(net(image[1:]), both[1:])
    assert not torch.equal(net.train()(image), both)


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    net = ENet(12, 'paper')
    net(torch.rand(2, 3, 32, 32)).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize('size', [(36, 64), (64, 36), (270, 480)])
def test_sides_that_do_not_divide_by_8(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f'{size[0]} x {size[1]} pixels came; .* divide by 8'):
        network()(torch.rand(1, 3, *size))


def test_an_unknown_layout() -> None:
    layout: Any = 'sketch'
    with pytest.raises(ValueError, match="layout is 'authors' or 'paper', got 'sketch'"):
        ENet(12, layout)
