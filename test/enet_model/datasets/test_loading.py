# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip('torch', reason="needs pip install 'enet_model[train]'")

from torch import Tensor  # noqa: E402
from torch.utils.data import DataLoader, Dataset  # noqa: E402

from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError  # noqa: E402
from enet_model.datasets.augmentation import Augmentation  # noqa: E402
from enet_model.datasets.camvid import camvid  # noqa: E402
from enet_model.datasets.loading import (  # noqa: E402
    EpochSampler,
    EvaluationFrames,
    TrainingFrames,
    as_input,
    as_it_was_raised,
    to_tensors,
)


def crop(number: int) -> tuple[int, int]:
    return (32, 40) if number < 3 else (48, 64)


@pytest.fixture
def samples(drawn_camvid: Path) -> TrainingFrames:
    return TrainingFrames(camvid(drawn_camvid, 'train'), Augmentation(), crop, seed=1)


@given(st.integers(0, 40), st.integers(1, 5), st.integers(0, 9), st.integers(0, 99))
def test_every_frame_is_dealt_once(length: int, processes: int, seed: int, epoch: int) -> None:
    samplers = [
        EpochSampler(length, seed, lambda: epoch, rank, processes) for rank in range(processes)
    ]
    hands = [list(sampler) for sampler in samplers]
    assert {len(hand) for hand in hands} == {length // processes} == {len(s) for s in samplers}
    dealt = [index for hand in hands for _, index in hand]
    assert len(set(dealt)) == len(dealt) == length - length % processes
    assert set(dealt) <= set(range(length))
    assert {at for hand in hands for at, _ in hand} <= {epoch}


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    orders = {
        (seed, epoch): list(EpochSampler(20, seed, lambda epoch=epoch: epoch))  # type: ignore[misc]
        for seed in (1, 2)
        for epoch in (0, 1)
    }
    assert orders[1, 1] == list(EpochSampler(20, 1, lambda: 1))
    assert len({tuple(index for _, index in order) for order in orders.values()}) == 4


def test_the_epoch_is_asked_as_it_begins() -> None:
    epochs = iter((4, 5))
    sampler = EpochSampler(3, 0, lambda: next(epochs))
    assert [{epoch for epoch, _ in sampler} for _ in range(2)] == [{4}, {5}]


@given(st.integers(1, 20), st.integers(1, 3), st.integers(0, 9), st.integers(1, 4))
def test_the_passes_of_an_epoch_are_epochs_of_one(
    length: int, processes: int, epoch: int, passes: int
) -> None:
    def keys(epoch: int, passes: int = 1) -> list[tuple[int, int]]:
        sampler = EpochSampler(length, 3, lambda: epoch, processes - 1, processes, passes)
        hand = list(sampler)
        assert len(hand) == len(sampler)
        return hand

    alone = [key for number in range(passes) for key in keys(epoch * passes + number)]
    assert keys(epoch, passes) == alone


def test_a_key_has_one_sample(samples: TrainingFrames) -> None:
    image, labels = samples[2, 5]
    again = samples[2, 5]
    assert torch.equal(image, again[0])
    assert torch.equal(labels, again[1])
    for key in ((1, 5), (2, 4)):
        assert not torch.equal(image, samples[key][0])


def test_a_share_of_the_samples_is_mixed_with_another(samples: TrainingFrames) -> None:
    mixing = replace(samples, augmentation=replace(samples.augmentation, mix=0.3))
    changed = 0
    for epoch in range(30):
        for index in range(len(samples.frames)):
            image, labels = mixing[epoch, index]
            plain, plain_labels = samples[epoch, index]
            same = (image == plain).all(dim=-1)
            changed += not same.all()
            assert torch.equal(labels[same], plain_labels[same])
            assert same.any()
    assert 0.2 < changed / (30 * len(samples.frames)) < 0.4


def test_samples_are_bytes_of_the_size_of_the_crop(samples: TrainingFrames) -> None:
    for number, size in ((0, (32, 40)), (3, (48, 64))):
        image, labels = samples[number, 0]
        assert image.dtype == labels.dtype == torch.uint8
        assert image.shape == (*size, 3)
        assert labels.shape == size


def test_frames_in_memory_change_nothing(samples: TrainingFrames) -> None:
    assert isinstance(samples.frames, AnnotatedFrames)
    mixing = replace(samples, augmentation=Augmentation(mix=1.0))
    kept = replace(mixing, frames=samples.frames.in_memory())
    for number in range(3):  # what is kept stays as it is, whatever is drawn from it
        for index in range(len(samples.frames)):
            assert all(map(torch.equal, mixing[number, index], kept[number, index]))


def test_a_network_takes_shares_of_white() -> None:
    images = torch.tensor([[[[0, 51, 255]] * 4] * 2], dtype=torch.uint8)
    taken = as_input(images)
    assert (taken.shape, taken.dtype) == ((1, 3, 2, 4), torch.float32)
    assert taken[0, :, 1, 3].tolist() == pytest.approx([0.0, 0.2, 1.0])
    assert taken.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.filterwarnings('ignore:This DataLoader will create')  # more workers than cores
@pytest.mark.parametrize('workers', [1, 2])
def test_workers_change_nothing(samples: TrainingFrames, workers: int) -> None:
    def batches(count: int) -> list[Tensor]:
        sampler = EpochSampler(6, 1, lambda: 2)
        return [image for image, _ in DataLoader(samples, 2, sampler=sampler, num_workers=count)]

    alone, together = batches(0), batches(workers)
    assert len(alone) == 3
    assert all(map(torch.equal, alone, together))


def test_evaluation_sees_whole_frames_in_order(drawn_camvid: Path) -> None:
    frames = camvid(drawn_camvid, 'val')
    data = EvaluationFrames(frames)
    assert len(data) == 3
    for index in range(3):
        frame, labels = frames[index]
        image, target = data[index]
        assert np.array_equal(image, frame)
        assert np.array_equal(target, labels)


@pytest.mark.parametrize('shape', [(24, 30), (20, 32)])
def test_frames_that_a_network_cannot_take(shape: tuple[int, int]) -> None:
    text = f'a frame of {shape[1]} x {shape[0]} pixels came; .*data.size'
    with pytest.raises(DataSetError, match=text):
        to_tensors(np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8))


class Broken(Dataset[int]):
    def __getitem__(self, index: int) -> int:
        raise DataSetError('street.png: not an image')

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize('workers', [0, 1])
def test_an_error_of_a_worker_has_its_own_text(workers: int) -> None:
    with pytest.raises(DataSetError) as caught:
        next(iter(DataLoader(Broken(), num_workers=workers)))
    assert str(as_it_was_raised(caught.value)) == 'street.png: not an image'
