# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

from enet_model.networks import segnet  # noqa: E402
from enet_model.networks.segnet import SegNet  # noqa: E402


@pytest.fixture(scope='module')
def network() -> SegNet:
    torch.manual_seed(0)
    return SegNet(12)


def convolutions(part: nn.Module) -> list[tuple[int, int]]:
    return [
        (module.in_channels, module.out_channels)
        for module in part.modules()
        if isinstance(module, nn.Conv2d)
    ]


def test_the_29_45_million_parameters(network: SegNet) -> None:
    assert sum(p.numel() for p in network.parameters()) == 29_449_932


def test_the_encoders_are_those_of_vgg_16(network: SegNet) -> None:
    """Configuration D of K. Simonyan, A. Zisserman, arXiv 1409.1556, table 1."""
    widths = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    assert convolutions(network.encoders) == list(zip([3, *widths], widths, strict=False))


def test_the_decoders_mirror_the_encoders(network: SegNet) -> None:
    mirrored = [(b, a) for a, b in convolutions(network.encoders)[::-1]]
    assert convolutions(network.decoders) == mirrored[:-1]
    classifier = network.classifier
    assert (classifier.in_channels, classifier.out_channels) == (64, 12)


def test_every_convolution_but_the_last_is_normalised(network: SegNet) -> None:
    kinds = [type(module) for module in network.modules() if not list(module.children())]
    assert kinds == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 25 + [nn.Conv2d]


def test_weights_begin_after_he(network: SegNet) -> None:
    weight = network.get_parameter('encoders.3.1.0.weight')
    assert weight.std().item() == pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.01)
    assert weight.mean().item() == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize('size', [(32, 32), (72, 40), (61, 67)])
def test_torch_own_unpooling_gives_the_same_logits(
    network: SegNet, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sides that are odd on the way down too, as 360 = 8 x 45 is."""
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        logits = network(image)
        monkeypatch.setattr(
            segnet, 'max_pool', lambda x: functional.max_pool2d(x, 2, return_indices=True)
        )
        monkeypatch.setattr(
            segnet,
            'max_unpool',
            lambda x, indices, size: functional.max_unpool2d(x, indices, [2, 2], output_size=size),
        )
        assert torch.equal(network(image), logits)
    assert logits.shape == (1, 12, *size)
    assert logits.std() > 0.1


def test_gradients_reach_every_parameter() -> None:
    torch.manual_seed(0)
    net = SegNet(3)
    net(torch.rand(2, 3, 64, 64)).square().sum().backward()
    # Batch normalisation takes away what a bias before it adds.
    biases = {f'{name}.bias' for name, m in net.named_modules() if isinstance(m, nn.Conv2d)}
    gradients = {name: p.grad for name, p in net.named_parameters()}
    silent = {name for name, grad in gradients.items() if grad is None or not grad.any()}
    assert silent <= biases - {'classifier.bias'}


@pytest.mark.parametrize('size', [(31, 64), (64, 16)])
def test_frames_that_are_too_small(network: SegNet, size: Any) -> None:
    with pytest.raises(ValueError, match=f'{size[0]} x {size[1]} pixels came; .* 32 or more'):
        network(torch.rand(1, 3, *size))
