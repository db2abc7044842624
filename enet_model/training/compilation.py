# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network made quicker to train by torch.compile."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from enet_model.networks.enet import ENet


class PointwiseProduct(nn.Conv2d):
    """A 1x1 convolution, without bias, as the matrix product that it is.

    In channels last the product needs no copy, and compiled code joins it with what is around it.
    """

    def forward(self, input: Tensor) -> Tensor:
        product = functional.linear(input.permute(0, 2, 3, 1), self.weight[:, :, 0, 0])
        return product.permute(0, 3, 1, 2)


def compile_network(network: nn.Module) -> None:
    """Compile a network in place, by the parts that training calls; its weights keep their names.

    A forward pass under ``torch.compiler.set_stance('force_eager')`` is as without.
    """
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.Conv2d and child.kernel_size == (1, 1) and child.bias is None:
                product = PointwiseProduct(child.in_channels, child.out_channels, 1, bias=False)
                product.weight = child.weight
                setattr(parent, name, product)
    parts = (network.encoder, network.decoder) if isinstance(network, ENet) else (network,)
    for part in parts:
        part.compile(dynamic=False)  # a recipe has few sizes, and code for one size is quicker
