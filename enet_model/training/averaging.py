# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One network of several checkpoints: the mean of their weights, with statistics of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.loading import EvaluationFrames, as_input
from enet_model.evaluation.evaluate import check_classes
from enet_model.training.checkpoint import CheckpointError, load_checkpoint

BATCH = 8


def average(paths: Sequence[Path], frames: AnnotatedFrames) -> nn.Module:
    """Return the mean of the networks of one or more checkpoints, ready to be used.

    The checkpoints are those of one run, or of runs that began with the same weights: others have
    no mean that is good for anything (M. Wortsman et al., "Model soups", ICML 2022, section 2).
    frames: what they were trained on, from which batch normalisation takes its statistics anew, at
    the size of the training and not augmented.
    CheckpointError where the checkpoints are of different networks or were trained on different
    splits, DataSetError where the frames are of other classes or of several sizes.
    """
    first, *others = (load_checkpoint(path) for path in paths)
    for path, other in zip(paths[1:], others, strict=True):
        if other.spec.training_split != first.spec.training_split:
            raise CheckpointError(
                f'{path}: trained on {other.spec.training_split!r}, {paths[0]} on '
                f'{first.spec.training_split!r}; the mean would not know what it has seen'
            )
    check_classes(first.spec.names, frames)
    network = first.network
    networks = [network.state_dict(), *(other.network.state_dict() for other in others)]
    for path, weights in zip(paths, networks, strict=True):
        if _shapes(weights) != _shapes(networks[0]):
            raise CheckpointError(f'{path}: of another network than {paths[0]}; both have no mean')
    network.load_state_dict(
        {
            name: torch.stack([weights[name] for weights in networks]).mean(0)
            if value.is_floating_point()
            else value
            for name, value in networks[0].items()
        }
    )
    estimate_statistics(network, _batches(replace(frames, size=first.size)))
    return network


def estimate_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Let batch normalisation have the mean statistics of batches, N x 3 x H x W in [0, 1].

    What training leaves are the statistics of augmented crops in small batches, under weights that
    have changed since (Y. Wu, J. Johnson, "Rethinking 'Batch' in BatchNorm", 2021, section 3).
    """
    layers = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [layer.momentum for layer in layers]
    network.eval()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over all batches, instead of a decaying one
        layer.train()
    with torch.inference_mode():
        for batch in batches:
            network(batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    network.eval()


def _batches(frames: AnnotatedFrames) -> Iterator[Tensor]:
    """Yield all frames; those of a batch are from all over the data set, as unlike as they are."""
    samples, count = EvaluationFrames(frames), max(len(frames) // BATCH, 1)
    for first in range(count):
        images = [samples[index][0] for index in range(first, len(frames), count)]
        if len({image.shape for image in images}) > 1:
            raise DataSetError('frames of several sizes came; train and average with a data.size')
        yield as_input(torch.stack(images))


def _shapes(weights: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in weights.items()}
