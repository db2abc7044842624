# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from enet_model.label_sets import CAMVID, CITYSCAPES, LABEL_SETS, SUN_RGBD, VOID, LabelSet, Role

LABEL_SET = pytest.mark.parametrize('label_set', LABEL_SETS.values(), ids=LABEL_SETS)


def test_the_data_sets_of_the_paper() -> None:
    counts = {name: len(label_set.classes) for name, label_set in LABEL_SETS.items()}
    assert counts == {'camvid': 11, 'cityscapes': 19, 'sun_rgbd': 37}


@LABEL_SET
def test_names_and_colors_tell_the_classes_apart(label_set: LabelSet) -> None:
    colors = [label_class.color for label_class in label_set.classes]
    assert len(set(label_set.names)) == len(set(colors)) == len(colors)
    assert all(name and name == name.lower().strip() for name in label_set.names)
    assert all(0 <= value <= 255 for color in colors for value in color)
    assert (0, 0, 0) not in colors, 'black is what void is drawn in'


@LABEL_SET
def test_each_role_is_there(label_set: LabelSet) -> None:
    assert {label_class.role for label_class in label_set.classes} == set(Role)


@LABEL_SET
def test_annotation_ids_tell_the_classes_apart(label_set: LabelSet) -> None:
    ids = label_set.annotation_ids
    assert len(set(ids)) == len(label_set.classes)
    assert all(0 <= value < VOID for value in ids)


@LABEL_SET
def test_a_class_is_found_by_its_name(label_set: LabelSet) -> None:
    assert [label_set.id_of(name) for name in label_set.names] == [*range(len(label_set.classes))]
    with pytest.raises(ValueError, match='not in tuple'):
        label_set.id_of('no such thing')


def test_what_one_drives_on() -> None:
    ways = {
        label_set.name: {c.name for c in label_set.classes if c.role == Role.TRAVERSABLE}
        for label_set in LABEL_SETS.values()
    }
    assert ways == {
        'camvid': {'road', 'pavement'},
        'cityscapes': {'road', 'sidewalk'},
        'sun_rgbd': {'floor', 'floor mat'},
    }


@pytest.mark.parametrize(
    ('camvid', 'cityscapes'),
    [(name, name) for name in ('sky', 'building', 'pole', 'road', 'fence', 'car')]
    + [('pavement', 'sidewalk'), ('tree', 'vegetation'), ('sign', 'traffic sign')]
    + [('pedestrian', 'person')],
)
def test_one_thing_has_one_color_and_role_in_all_streets(camvid: str, cityscapes: str) -> None:
    first = CAMVID.classes[CAMVID.id_of(camvid)]
    second = CITYSCAPES.classes[CITYSCAPES.id_of(cityscapes)]
    assert (first.color, first.role) == (second.color, second.role)


def test_cityscapes_is_as_its_authors_evaluate_it() -> None:
    labels = pytest.importorskip(
        'cityscapesscripts.helpers.labels', reason='pip install cityscapesscripts'
    )
    table = labels.trainId2label
    assert CITYSCAPES.names == tuple(table[index].name for index in range(19))
    assert CITYSCAPES.annotation_ids == tuple(table[index].id for index in range(19))
    assert all(CITYSCAPES.classes[index].color == table[index].color for index in range(19))


def test_every_class_needs_its_annotation_id() -> None:
    with pytest.raises(ValueError, match='37 classes need as many annotation ids, got 1'):
        LabelSet('indoors', SUN_RGBD.classes, (1,))
