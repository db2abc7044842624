# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import numpy as np
import pytest

from enet_model.label_sets import CAMVID
from enet_ros.street_textures import LANE_MARKING, LANE_MARKING_PERIOD, LEFT_KERB, RIGHT_KERB
from enet_ros.synthetic_street import CAMERA_HEIGHT, FRAME_RATE, HORIZONTAL_FOV, SyntheticStreet

ROAD, PAVEMENT, SKY = (CAMVID.id_of(name) for name in ('road', 'pavement', 'sky'))


@pytest.fixture(scope='module')
def street() -> SyntheticStreet:
    return SyntheticStreet(640, 360, seed=3)


def test_a_frame_depends_on_seed_and_index_alone(street: SyntheticStreet) -> None:
    other = SyntheticStreet(640, 360, seed=3)
    for index in (100, 7, 100, -5):
        image, labels = street.frame(index)
        again, labels_again = other.frame(index)
        np.testing.assert_array_equal(image, again)
        np.testing.assert_array_equal(labels, labels_again)
        other.frame(index + 1)
        image[:] = labels[:] = 0  # what the caller does to a frame stays with the caller


def test_seeds_and_frames_differ(street: SyntheticStreet) -> None:
    image, labels = street.frame(0)
    for other_image, other_labels in (street.frame(1), SyntheticStreet(640, 360, 4).frame(0)):
        assert (other_image != image).mean() > 0.5
        assert (other_labels != labels).mean() > 0.001


@pytest.mark.parametrize(('width', 'height'), [(16, 16), (101, 233), (480, 360)])
def test_any_size(width: int, height: int) -> None:
    image, labels = SyntheticStreet(width, height).frame(12345)
    assert image.shape == (height, width, 3)
    assert labels.shape == (height, width)
    assert image.dtype == labels.dtype == np.uint8
    assert image.flags.c_contiguous
    assert labels.flags.c_contiguous
    assert labels.max() < len(CAMVID.classes)


def test_shows_every_class(street: SyntheticStreet) -> None:
    seen = np.unique([street.frame(index)[1] for index in range(0, 400, 40)])
    assert [CAMVID.names[label] for label in seen] == list(CAMVID.names)


def test_the_classes_are_as_bright_as_in_a_photograph(street: SyntheticStreet) -> None:
    image, labels = street.frame(50)
    assert image[labels == SKY].mean() > 200
    for label in (ROAD, PAVEMENT, CAMVID.id_of('building')):
        assert 40 < image[labels == label].mean() < 120


def test_field_of_view(street: SyntheticStreet) -> None:
    edges = (np.array([-0.5, street.width - 0.5]) - street.cx) / street.fx
    assert np.arctan(edges).tolist() == pytest.approx([-HORIZONTAL_FOV / 2, HORIZONTAL_FOV / 2])
    assert street.fx == street.fy
    assert street.cy == (street.height - 1) / 2


def test_the_ground_lies_where_the_camera_says(street: SyntheticStreet) -> None:
    """A pixel shows the road exactly where its ray meets the ground between the kerbs."""
    v, u = np.mgrid[: street.height, : street.width]
    depth = street.fy * CAMERA_HEIGHT / np.maximum(v - street.cy, 1e-6)
    left = -(u - street.cx) / street.fx * depth
    for index in (0, 333):
        labels = street.frame(index)[1]
        near = (v > street.cy) & (depth < 100)
        road, pavement = near & (labels == ROAD), near & (labels == PAVEMENT)
        assert road.sum() > 20_000
        assert pavement.sum() > 2_000
        texel = 0.05
        assert left[road].min() > RIGHT_KERB - texel
        assert left[road].max() < LEFT_KERB + texel
        assert not np.any(
            (left[pavement] > RIGHT_KERB + texel) & (left[pavement] < LEFT_KERB - texel)
        )
        assert v[labels == ROAD].min() > street.cy
        assert v[labels == SKY].max() < street.cy


def test_the_street_moves_with_the_car(street: SyntheticStreet) -> None:
    """After half a period the dashes of the lane marking are where the gaps were."""
    speed = 6.0
    x = np.linspace(7.0, 13.0, 61)
    u = np.rint(street.cx - street.fx * LANE_MARKING / x).astype(int)
    v = np.rint(street.cy + street.fy * CAMERA_HEIGHT / x).astype(int)
    clear_of_edges = np.abs(x % 3.0 - 1.5) < 1.0
    for frames in (0, round(LANE_MARKING_PERIOD / 2 / speed * FRAME_RATE)):
        image = street.frame(frames)[0]
        dash = (x + speed * frames / FRAME_RATE) % LANE_MARKING_PERIOD < LANE_MARKING_PERIOD / 2
        brightness = image[v, u].mean(axis=1)
        assert brightness[dash & clear_of_edges].min() > brightness[~dash & clear_of_edges].max()


@pytest.mark.parametrize(('width', 'height', 'seed'), [(15, 100, 0), (100, 0, 0), (64, 64, -1)])
def test_refuses_what_it_cannot_draw(width: int, height: int, seed: int) -> None:
    with pytest.raises(ValueError, match=f'{width}x{height} pixels with seed {seed}: wanted'):
        SyntheticStreet(width, height, seed)
