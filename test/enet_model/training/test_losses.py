# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import Tensor  # noqa: E402

from enet_model.datasets.annotated_frames import AnnotatedFrames  # noqa: E402
from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.label_sets import CAMVID, VOID  # noqa: E402
from enet_model.training.losses import (  # noqa: E402
    class_shares,
    class_weights,
    cross_entropy,
    lovasz_softmax,
)

Loss = Callable[[Tensor, Tensor], Tensor]

SEEDS = st.integers(0, 2**32)
EACH_LOSS = pytest.mark.parametrize(
    'loss', [lambda logits, labels: cross_entropy(logits, labels, None), lovasz_softmax]
)


def problem(seed: int, classes: int = 3) -> tuple[Tensor, Tensor]:
    """Return logits and labels of two small images, some pixels of them void."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([*range(classes), VOID], (2, 3, 4))
    labels[0, 0, 0] = 0
    logits = torch.from_numpy(rng.normal(size=(2, classes, 3, 4))).requires_grad_()
    return logits, torch.from_numpy(labels)


def gradient_of(loss: Loss, logits: Tensor, labels: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(loss(logits, labels), logits)
    return gradient


def certain(labels: Tensor, classes: int) -> Tensor:
    """Return logits whose softmax is 1 at the labels."""
    return torch.nn.functional.one_hot(labels, classes).movedim(-1, 1).double() * 1e4


def iou_loss(chosen: set[int], inside: set[int]) -> float:
    """Return the Jaccard loss of a class where chosen pixels are wrong (CVPR 2018, eq. 6)."""
    return len(chosen) / len(inside | chosen)


def lovasz_by_definition(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the Lovasz extension of the Jaccard losses: sum of sorted errors x increments."""
    losses = []
    for class_id in sorted(set(labels.tolist())):
        inside = {i for i, label in enumerate(labels) if label == class_id}
        errors = [
            1 - p if i in inside else p for i, p in enumerate(probabilities[:, class_id].tolist())
        ]
        loss, wrong = 0.0, set[int]()
        for pixel in sorted(range(len(errors)), key=lambda i: -errors[i]):
            before = iou_loss(wrong, inside)
            wrong.add(pixel)
            loss += errors[pixel] * (iou_loss(wrong, inside) - before)
        losses.append(loss)
    return float(np.mean(losses))


def test_shares_are_those_of_the_labelled_pixels(drawn_camvid: Path) -> None:
    frames = camvid(drawn_camvid, 'train')
    labels = np.stack([frames[index][1] for index in range(len(frames))])
    expected = [(labels == class_id).sum() / (labels != VOID).sum() for class_id in range(11)]
    np.testing.assert_allclose(class_shares(frames), expected)
    assert class_shares(frames).sum() == pytest.approx(1.0)


def test_no_frames_have_no_shares() -> None:
    assert class_shares(AnnotatedFrames(CAMVID, ())).tolist() == [0.0] * 11


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.floats(1.01, 2))
def test_the_weights_of_the_paper(shares: list[float], damping: float) -> None:
    weights = class_weights(np.array(shares), damping)
    assert weights.dtype == torch.float32
    np.testing.assert_allclose(weights, [1 / np.log(damping + p) for p in shares], rtol=1e-6)


def test_the_paper_weighs_between_1_and_50() -> None:
    rare, common = class_weights(np.array([0.0, 1.0]), 1.02).tolist()
    assert rare == pytest.approx(50.5, abs=0.1)
    assert common == pytest.approx(1.42, abs=0.01)


@pytest.mark.parametrize('weights', [None, [0.5, 2.0, 3.0]])
@given(seed=SEEDS)
def test_cross_entropy_is_the_mean_over_labelled_pixels(
    seed: int, weights: list[float] | None
) -> None:
    logits, labels = problem(seed)
    scores = logits.detach().numpy()
    total = norm = 0.0
    for n, y, x in np.argwhere(labels.numpy() != VOID):
        label = labels[n, y, x]
        weight = weights[label] if weights else 1.0
        pixel = scores[n, :, y, x]
        total += weight * (np.log(np.exp(pixel).sum()) - pixel[label])
        norm += weight
    tensor = None if weights is None else torch.tensor(weights).double()
    loss = cross_entropy(logits, labels, tensor)
    assert loss.item() == pytest.approx(total / norm)


@given(SEEDS)
def test_lovasz_is_its_definition(seed: int) -> None:
    logits, labels = problem(seed)
    probabilities = logits.softmax(1).movedim(1, -1)[labels != VOID].detach().numpy()
    expected = lovasz_by_definition(probabilities, labels[labels != VOID].numpy())
    assert lovasz_softmax(logits, labels).item() == pytest.approx(expected)


def test_lovasz_of_a_perfect_prediction_is_0() -> None:
    labels = torch.tensor([[[0, 1, 2], [2, 2, 0]]])
    assert lovasz_softmax(certain(labels, 3), labels).item() == 0.0


@given(SEEDS)
def test_lovasz_of_hard_predictions_is_1_minus_iou(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, guesses = rng.integers(0, 2, (2, 1, 4, 5))
    losses = [
        1 - ((labels == c) & (guesses == c)).sum() / ((labels == c) | (guesses == c)).sum()
        for c in set(labels.ravel().tolist())
    ]
    loss = lovasz_softmax(certain(torch.from_numpy(guesses), 2), torch.from_numpy(labels))
    assert loss.item() == pytest.approx(np.mean(losses))


@EACH_LOSS
@given(seed=SEEDS)
def test_void_pixels_do_not_count(seed: int, loss: Loss) -> None:
    logits, labels = problem(seed)
    gradient = gradient_of(loss, logits, labels)
    assert gradient.isfinite().all()
    void = (labels == VOID)[:, None].expand_as(logits)
    assert (gradient[void] == 0).all()
    assert gradient[~void].any()
    changed = torch.where(void, 100.0 * torch.rand_like(logits), logits)
    assert loss(changed, labels).item() == pytest.approx(loss(logits, labels).item())


@EACH_LOSS
def test_images_without_labels_change_nothing(loss: Loss) -> None:
    logits = torch.rand(1, 3, 2, 2, requires_grad=True)
    labels = torch.full((1, 2, 2), VOID)
    assert loss(logits, labels).item() == 0.0
    assert (gradient_of(loss, logits, labels) == 0.0).all()


@EACH_LOSS
def test_a_step_down_the_gradient_lowers_the_loss(loss: Loss) -> None:
    logits, labels = problem(3)
    step = logits - 0.1 * gradient_of(loss, logits, labels)
    assert loss(step, labels).item() < loss(logits, labels).item()
