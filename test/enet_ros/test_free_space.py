# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.label_sets import Role
from enet_ros.camera_model import CameraCalibration
from enet_ros.camera_pose import pose_from_body
from enet_ros.free_space import FREE, OUTSIDE, UNSURE, View, look, resolve_roles
from enet_ros.ground_plane import GroundPlane
from enet_ros.occupancy_grid import occupancy_grid

SKY, ROAD, GRASS, CAR, PERSON, FOREIGN, VOID = 0, 1, 2, 3, 4, 77, 255
ROLES = (
    Role.BACKGROUND,
    Role.TRAVERSABLE,
    Role.TRAVERSABLE,
    Role.OBSTACLE,
    Role.OBSTACLE,
)
FOCAL, H, W, HORIZON = 150.0, 80, 120, 10.0
CAMERA = CameraCalibration(W, H, (FOCAL, 0, 59.5, 0, FOCAL, HORIZON, 0, 0, 1))
LEVEL = GroundPlane(CAMERA, pose_from_body(0, 0, 1.0, 0, 0, 0), (H, W), max_range=5.5)
IN_VIEW = np.flatnonzero(~LEVEL.outside.all(axis=1))
ROLLED = GroundPlane(CAMERA, pose_from_body(0, 0, 1.0, 0.4, 0.1, 0), (H, W), max_range=5.5)


def ahead(row: float) -> float:
    """Distance ahead of the level camera that a row shows, m."""
    return FOCAL / (row - HORIZON)


def street(**rows: tuple[int, int]) -> NDArray[np.uint8]:
    """Road below the horizon and sky above, but for stretches of rows of other classes."""
    labels = np.full((H, W), ROAD, np.uint8)
    labels[: int(HORIZON) + 1] = SKY
    for name, (top, bottom) in rows.items():
        labels[top:bottom] = globals()[name]
    return labels


def reach(view: View) -> NDArray[np.float64]:
    """How far ahead (along x) the ground is seen free, in the middle of the picture."""
    middle = np.abs(view.plane.bearings) < 0.1
    return np.where(view.free[middle], view.plane.ranges, 0.0).max(axis=1)


def test_an_empty_street_is_free_to_the_end() -> None:
    view = look(LEVEL, street(), None, ROLES)
    assert view.contacts.bearing.size == 0
    assert set(np.unique(view.state)) == {FREE, OUTSIDE}
    np.testing.assert_array_equal(view.free, ~LEVEL.outside)
    assert reach(view).min() > 5.4


def test_an_obstacle_stands_at_its_lowest_pixel_and_hides_the_rest() -> None:
    labels = street(CAR=(30, 50), PERSON=(20, 30))
    view = look(LEVEL, labels, None, ROLES)
    distance = ahead(49.5)
    np.testing.assert_array_equal(view.contacts.bearing, IN_VIEW)
    np.testing.assert_allclose(view.contacts.x, distance, atol=0.04)
    across = view.contacts.x * np.tan(LEVEL.bearings[IN_VIEW])
    np.testing.assert_allclose(view.contacts.y, across, atol=1e-9)
    np.testing.assert_allclose(
        view.contacts.distance, np.hypot(view.contacts.x, view.contacts.y), atol=1e-9
    )
    assert (view.contacts.class_id == CAR).all()
    # Free to the middle of the last free pixel, and not behind, though there is road in the rows.
    assert reach(view).max() < distance
    assert reach(view).min() > distance - 0.2


def test_free_ground_ends_with_the_middle_of_a_pixel() -> None:
    # The border lies between the middles of rows 39 and 40, 0.17 m apart: it is free to row 40.
    view = look(LEVEL, street(CAR=(20, 40)), None, ROLES)
    assert ahead(40) - 0.1 < reach(view).min()
    assert reach(view).max() < ahead(40) + 0.02
    np.testing.assert_allclose(view.contacts.depth.min(), ahead(38.5) - ahead(39.5), atol=0.01)


def test_road_seen_through_an_obstacle_is_not_free() -> None:
    view = look(LEVEL, street(CAR=(49, 50)), None, ROLES)
    assert reach(view).max() < ahead(49.5)


def test_a_class_that_nobody_knows_is_an_obstacle() -> None:
    view = look(LEVEL, street(FOREIGN=(40, 50)), None, ROLES)
    assert (view.contacts.class_id == FOREIGN).all()
    np.testing.assert_array_equal(view.contacts.bearing, IN_VIEW)


@pytest.mark.parametrize('unsure', ['VOID', 'SKY', 'low confidence'])
def test_unsure_ground_is_neither_free_nor_an_obstacle(unsure: str) -> None:
    confidence = np.full((H, W), 255, np.uint8)
    if unsure == 'low confidence':
        labels = street(CAR=(40, 50))
        confidence[40:50] = 127
    else:
        labels = street(**{unsure: (40, 50)})
    view = look(LEVEL, labels, confidence, ROLES, min_confidence=0.5)
    assert view.contacts.bearing.size == 0
    assert (view.state == UNSURE).any()
    assert reach(view).max() < ahead(49.5)


def test_what_can_stand_in_unsure_ground_hides_what_is_behind() -> None:
    # Ground from a to b hides an object of (1 - a / b) of the camera's height: here 1 m.
    top, bottom = 40, 43
    hidden = 1 - ahead(bottom - 0.5) / ahead(top - 0.5)
    assert 0.08 < hidden < 0.10
    labels = street(VOID=(top, bottom))
    low = look(LEVEL, labels, None, ROLES, step_height=0.12)
    high = look(LEVEL, labels, None, ROLES, step_height=0.05)
    assert reach(low).min() > 5.4
    assert reach(high).max() < ahead(bottom - 0.5)
    strict = look(LEVEL, street(VOID=(42, 43)), None, ROLES, step_height=0.0)
    assert reach(strict).max() < ahead(42.5)


def test_unsure_ground_hides_no_obstacle() -> None:
    view = look(LEVEL, street(VOID=(45, 60), CAR=(35, 45)), None, ROLES)
    np.testing.assert_allclose(view.contacts.x, ahead(44.5), atol=0.04)


def test_the_limit_of_confidence_is_kept() -> None:
    confidence = np.full((H, W), 153, np.uint8)  # 0.6
    assert look(LEVEL, street(), confidence, ROLES, min_confidence=0.6).free.any()
    assert not look(LEVEL, street(), confidence, ROLES, min_confidence=0.601).free.any()
    assert look(LEVEL, street(), confidence * 0, ROLES, min_confidence=0.0).free.any()


@pytest.mark.parametrize('plane', [LEVEL, ROLLED], ids=['level', 'rolled'])
def test_each_single_pixel_counts(plane: GroundPlane) -> None:
    distance = np.hypot(*np.moveaxis(plane.ground, -1, 0))
    rows, columns = np.nonzero((distance < plane.range_max) & np.isfinite(plane.footprint))
    for row, column in list(zip(rows, columns, strict=True))[::23]:
        labels = np.full((H, W), ROAD, np.uint8)
        labels[row, column] = PERSON
        contacts = look(plane, labels, None, ROLES).contacts
        assert contacts.x.size >= 1
        place = plane.ground[row, column]
        size = plane.footprint[row, column] + 0.1
        away = np.hypot(contacts.x - place[0], contacts.y - place[1])
        assert away.max() < size


class Case(NamedTuple):
    plane: GroundPlane
    labels: NDArray[np.uint8]
    confidence: NDArray[np.uint8]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any picture: patches of all classes, speckles, and patches of low confidence."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = np.full((H, W), draw(st.sampled_from([ROAD, GRASS, VOID])), np.uint8)
    confidence = np.full((H, W), 230, np.uint8)
    kinds = np.array([SKY, ROAD, GRASS, CAR, PERSON, FOREIGN, VOID], np.uint8)
    for _ in range(draw(st.integers(0, 8))):
        top, left = rng.integers(0, H), rng.integers(0, W)
        patch = np.s_[top : top + rng.integers(1, 25), left : left + rng.integers(1, 60)]
        labels[patch] = rng.choice(kinds)
        confidence[patch] = rng.integers(0, 256)
    speckles = rng.random((H, W)) < draw(st.sampled_from([0.0, 0.01, 0.3]))
    labels[speckles] = rng.choice(kinds, np.count_nonzero(speckles))
    return Case(draw(st.sampled_from([LEVEL, ROLLED])), labels, confidence)


def sure_ground(case: Case) -> NDArray[np.bool_]:
    return np.isin(case.labels, (ROAD, GRASS)) & (case.confidence >= 128)


def free_cells(view: View) -> NDArray[np.bool_]:
    data = occupancy_grid(view, size=12.0).data
    return (data >= 0) & (data < 50)


def cell_of(places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column in a grid of 12 m about the robot."""
    column, row = np.floor((places + 6.0) / 0.1).astype(int).T
    return row, column


@settings(max_examples=60, deadline=None)
@given(cases())
def test_no_pixel_but_sure_ground_makes_a_free_cell(case: Case) -> None:
    view = look(case.plane, case.labels, case.confidence, ROLES)
    free = free_cells(view)
    on_ground = np.hypot(*np.moveaxis(case.plane.ground, -1, 0)) < case.plane.range_max
    bad = case.plane.ground[on_ground & ~sure_ground(case)]
    row, column = cell_of(bad)
    # A pixel's own sample may lie over the border of its cell: look at the cell's middle only.
    inner = np.abs((bad + 6.0) % 0.1 - 0.05).max(axis=1) < 0.02
    assert not free[row, column][inner].any()


@settings(max_examples=60, deadline=None)
@given(cases())
def test_no_free_cell_lies_behind_an_obstacle(case: Case) -> None:
    view = look(case.plane, case.labels, case.confidence, ROLES)
    row, column = np.nonzero(free_cells(view))
    obstacle = ~np.isin(case.labels, (SKY, ROAD, GRASS, VOID)) & (case.confidence >= 128)
    x, y = (column + 0.5) * 0.1 - 6.0, (row + 0.5) * 0.1 - 6.0
    # Walk from the foot of the camera to the middle of the cell, and look at the pixels passed.
    for part in np.linspace(0.03, 0.99, 49):
        pixels = case.plane.ground_to_pixel(np.stack([x, y], axis=-1) * part)
        seen = np.isfinite(pixels[:, 0])
        middle = np.rint(pixels[seen])
        well_inside = np.abs(pixels[seen] - middle).max(axis=1) < 0.2
        u, v = middle[well_inside].astype(int).T
        assert not obstacle[v, u].any()


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(0, 2**32 - 1), st.sampled_from(['label', 'sky', 'confidence']))
def test_knowing_less_frees_nothing_and_hides_no_obstacle(case: Case, seed: int, how: str) -> None:
    before = look(case.plane, case.labels, case.confidence, ROLES)
    rng = np.random.default_rng(seed)
    forgotten = sure_ground(case) & (rng.random((H, W)) < rng.choice([0.01, 0.5, 1.0]))
    labels, confidence = case.labels.copy(), case.confidence.copy()
    if how == 'confidence':
        confidence[forgotten] = 127
    else:
        labels[forgotten] = VOID if how == 'label' else SKY
    after = look(case.plane, labels, confidence, ROLES)
    assert not (after.free & ~before.free).any()
    np.testing.assert_array_equal(after.contacts.bearing, before.contacts.bearing)
    np.testing.assert_array_equal(after.contacts.x, before.contacts.x)
    np.testing.assert_array_equal(after.contacts.class_id, before.contacts.class_id)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 255), st.integers(0, 127))
def test_a_picture_of_nothing_sure_is_not_free(label: int, confidence: int) -> None:
    labels = np.full((H, W), label, np.uint8)
    view = look(LEVEL, labels, np.full((H, W), confidence, np.uint8), ROLES)
    assert not view.free.any()
    assert (occupancy_grid(view).data == -1).all()


def test_arrays_need_not_be_contiguous() -> None:
    labels = street(CAR=(30, 50))
    wide = np.zeros((H, 2 * W), np.uint8)
    wide[:, ::2] = labels
    strided = look(LEVEL, wide[:, ::2], wide[:, ::2] * 0 + np.uint8(200), ROLES)
    packed = look(LEVEL, labels, np.full((H, W), 200, np.uint8), ROLES)
    np.testing.assert_array_equal(strided.free, packed.free)
    assert strided.contacts.probability == pytest.approx(200 / 255)


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ({'labels': np.zeros((H, W + 1), np.uint8)}, r'labels are uint8 \(80, 121\), wanted'),
        ({'labels': np.zeros((H, W), np.int32)}, 'labels are int32'),
        ({'confidence': np.zeros((H, W, 1), np.uint8)}, 'confidence are uint8'),
        ({'min_confidence': 1.5}, 'min_confidence 1.5'),
        ({'min_confidence': np.nan}, 'min_confidence nan'),
        ({'step_height': -1.0}, 'step_height -1.0'),
        ({'roles': [Role.OBSTACLE] * 256}, '256 roles'),
        ({'roles': ['flying']}, 'flying'),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {'labels': street(), 'confidence': None, 'roles': ROLES, **change}
    with pytest.raises(ValueError, match=message):
        look(LEVEL, **arguments)


def test_roles_are_the_models_own_unless_somebody_says_otherwise() -> None:
    own = {'sky': Role.BACKGROUND, 'road': 'traversable', 'grass': None, 'car': Role.OBSTACLE}
    assert resolve_roles(own) == (
        Role.BACKGROUND,
        Role.TRAVERSABLE,
        Role.OBSTACLE,
        Role.OBSTACLE,
    )
    changed = resolve_roles(own, traversable=['grass'], obstacle=['road', 'sky'])
    assert changed == (Role.OBSTACLE, Role.OBSTACLE, Role.TRAVERSABLE, Role.OBSTACLE)


@pytest.mark.parametrize(
    ('lists', 'message'),
    [
        ({'traversable': ['rode']}, r"\['rode'\] are no classes of the model, which has \['road'"),
        ({'traversable': ['road'], 'obstacle': ['road']}, 'name them once'),
    ],
)
def test_roles_that_make_no_sense_are_refused(lists: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve_roles({'road': Role.TRAVERSABLE}, **lists)
    with pytest.raises(ValueError, match='flying'):
        resolve_roles({'road': 'flying'})


def test_a_camera_lower_than_the_step_still_stops_at_large_unsure_ground() -> None:
    plane = GroundPlane(CAMERA, pose_from_body(0, 0, 0.04, 0, 0, 0), (H, W), resolution=0.01)
    view = look(plane, street(VOID=(15, 60)), None, ROLES, step_height=0.05)
    assert reach(view).max() < 0.04 * ahead(59.5) / np.cos(0.1)
