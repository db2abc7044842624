# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network with its losses, its optimiser and its scores on val, as Lightning trains it."""

from __future__ import annotations

import dataclasses
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.nn import functional

from enet_model.datasets.annotated_frames import AnnotatedFrames
from enet_model.evaluation.metrics import ConfusionMatrix
from enet_model.label_sets import VOID
from enet_model.networks.catalog import build_network
from enet_model.networks.enet import Encoder, ENet
from enet_model.training import losses
from enet_model.training.checkpoint import spec_of
from enet_model.training.optimization import build_optimizer, rate_at
from enet_model.training.processes import process_count, share_of_batch
from enet_model.training.recipe import Phase, Recipe


class SegmentationModule(lightning.LightningModule):
    """Trains by a recipe; frames are float N x 3 x H x W in [0, 1], labels int64 N x H x W."""

    def __init__(self, recipe: Recipe, training: AnnotatedFrames) -> None:
        super().__init__()
        class_count = len(training.label_set.classes)
        self.recipe = recipe
        self.network = build_network(recipe.network, class_count, recipe.layout)
        if not recipe.dropout:
            _remove_dropout(self.network)
        # Channels last is the layout in which CPUs and tensor cores convolve fastest.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.auxiliary: nn.Module | None = None
        if any(phase.classifies_features for phase in recipe.phases):
            self.auxiliary = nn.Conv2d(Encoder.channels, class_count, 1)
        self.shares = losses.class_shares(training)
        self.class_count = class_count
        # What an export needs to build the network again stands in the checkpoint.
        self.save_hyperparameters(
            {
                'network': recipe.network,
                'layout': recipe.layout,
                'spec': spec_of(training.label_set, recipe.data.split),
                'recipe': dataclasses.asdict(recipe),
            }
        )

    def forward(self, image: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return logits, and those of the auxiliary classifier at 1/8 of the size.

        None stands for what this epoch does not ask for. The network's own are there in evaluation
        always, since it is the whole network that is exported.
        """
        network, phase = self.network, self._phase
        image = image.to(memory_format=torch.channels_last)
        if not isinstance(network, ENet):
            return network(image), None
        with torch.set_grad_enabled(torch.is_grad_enabled() and not phase.freeze_encoder):
            encoded = network.encoder(image)
        logits = coarse = None
        if phase.classifies_features:
            assert self.auxiliary is not None
            coarse = self.auxiliary(encoded.features)
        if not (phase.encoder_only and self.training):
            logits = network.decoder(encoded)
        return logits, coarse

    def on_train_epoch_start(self) -> None:
        # A frozen encoder is as it will be used: no dropout, and batch statistics stay.
        if isinstance(self.network, ENet):
            self.network.encoder.train(not self._phase.freeze_encoder)

    def on_train_batch_start(self, batch: Any, index: int) -> None:
        # Dropout draws from torch's generator: start it anew, so that a step is the same in a run
        # that was resumed, whatever else has drawn before it.
        torch.manual_seed(hash((self.recipe.seed, self.current_epoch, index, self.global_rank)))

    def training_step(self, batch: tuple[Tensor, Tensor], index: int) -> Tensor:
        image, labels = batch
        logits, coarse = self(image)
        loss = image.new_zeros(())
        phase = self._phase
        if coarse is not None:
            share = 1.0 if phase.encoder_only else phase.auxiliary
            loss = loss + share * self._cross_entropy(coarse, _shrink(labels, coarse), phase)
        if logits is not None:
            loss = loss + phase.cross_entropy * self._cross_entropy(logits, labels, phase)
            if phase.lovasz:
                loss = loss + phase.lovasz * _lovasz(logits, labels, phase.lovasz_stride)
        self.log('train/loss', loss, prog_bar=True, sync_dist=True, batch_size=len(image))
        return loss

    def _cross_entropy(self, logits: Tensor, labels: Tensor, phase: Phase) -> Tensor:
        """Weighted mean over the labelled pixels of the batch, those of all processes."""
        weights = torch.ones(self.class_count, device=logits.device)
        if phase.class_damping is not None:
            weights = losses.class_weights(self.shares, phase.class_damping).to(logits.device)
        loss = losses.cross_entropy(logits.float(), labels, weights)
        if process_count() == 1:
            return loss
        return loss * share_of_batch(weights[labels[labels != VOID]].sum())

    def on_validation_epoch_start(self) -> None:
        self.confusion = ConfusionMatrix(self.class_count)
        self.encoder_confusion = ConfusionMatrix(self.class_count)

    @torch.compiler.set_stance('force_eager')  # few, whole frames do not pay for compiled code
    def validation_step(self, batch: tuple[Tensor, Tensor], index: int) -> None:
        image, labels = batch
        logits, coarse = self(image)
        _count(self.confusion, labels, logits)
        if self._phase.encoder_only:
            enlarged = functional.interpolate(coarse, labels.shape[-2:], mode='bilinear')
            _count(self.encoder_confusion, labels, enlarged)

    def on_validation_epoch_end(self) -> None:
        # A checkpoint is chosen by the score of the whole network always, since that is exported.
        self._log_scores('val', self.confusion)
        if self._phase.encoder_only:
            self._log_scores('val/encoder', self.encoder_confusion)

    def _log_scores(self, name: str, confusion: ConfusionMatrix) -> None:
        counts = torch.from_numpy(confusion.counts).to(self.device)
        confusion.counts = self.trainer.strategy.reduce(counts, reduce_op='sum').cpu().numpy()
        self.log(f'{name}/mean_iou', confusion.mean_iou, prog_bar=True, sync_dist=True)
        self.log(f'{name}/class_average', confusion.class_average, sync_dist=True)

    @property
    def _phase(self) -> Phase:
        return self.recipe.phase_at(self.current_epoch)

    def configure_optimizers(self) -> Any:
        settings = self.recipe.optimizer
        total = int(self.trainer.estimated_stepping_batches)
        optimizer = build_optimizer(self, settings)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: rate_at(step, total, settings)
        )
        return {
            'optimizer': optimizer,
            'lr_scheduler': {'scheduler': schedule, 'interval': 'step'},
        }


def _remove_dropout(network: nn.Module) -> None:
    """Drop nothing; names of weights stay, since dropout has none."""
    for parent in network.modules():
        for name, child in parent.named_children():
            if isinstance(child, nn.Dropout2d):
                setattr(parent, name, nn.Identity())


def _lovasz(logits: Tensor, labels: Tensor, stride: int) -> Tensor:
    """Lovasz softmax of this process's part of the batch, on one pixel in ``stride`` squared."""
    row, column = torch.randint(stride, (2,)).tolist()
    part = (..., slice(row, None, stride), slice(column, None, stride))
    return losses.lovasz_softmax(logits[part].float(), labels[part])


def _shrink(labels: Tensor, coarse: Tensor) -> Tensor:
    """Return labels, N x H x W, at the size of coarse logits, by nearest neighbour."""
    return functional.interpolate(labels[:, None].float(), coarse.shape[-2:]).long()[:, 0]


def _count(confusion: ConfusionMatrix, labels: Tensor, logits: Tensor) -> None:
    confusion.add(labels.cpu().numpy(), logits.argmax(dim=1).cpu().numpy())
