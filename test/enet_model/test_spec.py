# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_model.label_sets import CAMVID, VOID, LabelClass, Role
from enet_model.spec import ModelSpec, Normalization, SpecError

NAMES = st.text(min_size=1, max_size=12).filter(str.isprintable)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COLORS = st.tuples(*[st.integers(0, 255)] * 3)
CLASSES = st.lists(
    st.builds(LabelClass, NAMES, COLORS, st.sampled_from(Role)),
    min_size=1,
    max_size=6,
    unique_by=lambda label_class: label_class.name,
)
SPECS = st.builds(
    ModelSpec,
    CLASSES.map(tuple),
    st.text(),
    st.text(),
    st.dictionaries(st.text(), NUMBERS),
    st.builds(
        Normalization,
        st.tuples(*[NUMBERS] * 3),
        st.tuples(*[st.floats(min_value=1e-9, allow_infinity=False)] * 3),
    ),
    st.text(),
)


def tree(**changes: Any) -> dict[str, Any]:
    """Return what a valid specification holds, with changes to it."""
    return {**json.loads(ModelSpec(CAMVID.classes).to_json()), **changes}


def with_class(**changes: Any) -> dict[str, Any]:
    classes = tree()['classes']
    classes[4] |= changes
    return tree(classes=classes)


@given(SPECS)
def test_what_is_written_is_read(spec: ModelSpec) -> None:
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_the_text_is_the_documented_json() -> None:
    spec = ModelSpec(
        CAMVID.classes[:1],
        'camvid',
        'CC-BY',
        {'val_mean_iou': 0.66},
        Normalization((0.5, 0, 0)),
        'train',
    )
    assert json.loads(spec.to_json()) == {
        'format': 1,
        'data_set': 'camvid',
        'training_split': 'train',
        'license': 'CC-BY',
        'metrics': {'val_mean_iou': 0.66},
        'normalization': {'mean': [0.5, 0, 0], 'std': [1.0, 1.0, 1.0]},
        'classes': [{'id': 0, 'name': 'sky', 'color': [70, 130, 180], 'role': 'background'}],
    }


def test_format_and_classes_suffice() -> None:
    spec = ModelSpec.from_json(json.dumps({'format': 1, 'classes': tree()['classes']}))
    assert spec == ModelSpec(CAMVID.classes)
    assert spec.names == CAMVID.names
    assert spec.colors.dtype == np.uint8
    assert spec.colors[3].tolist() == [128, 64, 128]


@pytest.mark.parametrize(
    ('trained_on', 'seen'),
    [
        ('', set()),
        ('train', {'train', 'trainval'}),
        ('trainval', {'train', 'val', 'trainval'}),
        ('holiday', set()),
    ],
)
def test_what_a_network_has_seen(trained_on: str, seen: set[str]) -> None:
    spec = ModelSpec(CAMVID.classes, 'camvid', training_split=trained_on)
    splits = ('train', 'val', 'test', 'trainval')
    assert {split for split in splits if spec.has_seen('camvid', split)} == seen
    assert not any(spec.has_seen('cityscapes', split) for split in splits)


def test_what_a_later_release_adds_does_not_matter() -> None:
    later = with_class(height=1.5) | {'author': 'someone', 'metrics': {'fps': 9, 'note': 'fast'}}
    assert ModelSpec.from_json(json.dumps(later)) == ModelSpec(CAMVID.classes, metrics={'fps': 9})


@pytest.mark.parametrize(
    ('content', 'text'),
    [
        (tree(format=2), 'format 2 came; this release reads format 1'),
        ({'classes': []}, 'format None came'),
        ([1], 'a list came; wanted an object'),
        (tree(classes=None), 'classes: wanted a list'),
        (tree(classes=[]), f'classes: 0 came; wanted 1 to {VOID}'),
        (tree(classes=[3]), r'classes\[0\]: 3 came; wanted an object'),
        (with_class(id=7), r'classes\[4\]: id 7 came; ids count from 0'),
        (with_class(id=None), r'classes\[4\]: id None came'),
        (with_class(name=7), r'classes\[4\]: name 7 came; wanted a text'),
        (with_class(name=''), "classes: the name '' is empty"),
        (with_class(name='two\nlines'), r"classes: the name 'two\\nlines' is .*not printable"),
        (with_class(name='sky'), "classes: the name 'sky' .*stands there twice"),
        (with_class(color='red'), r"classes\[4\]: color 'red' came; wanted three integers"),
        (with_class(color=[1, 2]), r'classes\[4\]: color \[1, 2\] came'),
        (with_class(color=[1, 2, 256]), r'classes\[4\]: color .* wanted three integers from 0'),
        (with_class(color=[1, 2, True]), r'classes\[4\]: color'),
        (with_class(role='lava'), r"classes\[4\]: role 'lava' came; wanted one of traversable"),
        (with_class(role=['obstacle']), r'classes\[4\]: role'),
        (tree(data_set=None), 'data_set: None came; wanted a text'),
        (tree(license=1), 'license: 1 came; wanted a text'),
        (tree(metrics=[0.5]), r'metrics: \[0.5\] came; wanted an object'),
        (tree(normalization=1), 'normalization: 1 came; wanted an object'),
        (tree(normalization={'mean': [0, 0]}), r'normalization.mean: \[0, 0\] came; wanted three'),
        (tree(normalization={'mean': [0, 0, '0']}), 'normalization.mean: .* wanted three numbers'),
        (tree(normalization={'mean': [0, 0, math.nan]}), 'normalization.mean'),
        (tree(normalization={'mean': [0, 0, 10**400]}), 'normalization.mean'),
        (tree(normalization={'std': [1, 1, True]}), 'normalization.std'),
        (tree(normalization={'std': [1, 0, 1]}), 'normalization.std: .* wanted three .* above 0'),
    ],
)
def test_a_refusal_names_the_entry(content: Any, text: str) -> None:
    with pytest.raises(SpecError, match=text):
        ModelSpec.from_json(json.dumps(content))


@pytest.mark.parametrize('text', ['', '{', 'null', '[' * 100_000, '1' * 5000, '"\\ud800"'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match=r'not JSON|wanted an object'):
        ModelSpec.from_json(text)


@given(st.text())
def test_no_text_does_worse_than_a_refusal(text: str) -> None:
    with pytest.raises(SpecError):
        ModelSpec.from_json(text)


def test_255_is_never_a_class() -> None:
    classes = tuple(LabelClass(f'c{i}', (0, 0, 0), Role.OBSTACLE) for i in range(VOID + 1))
    assert len(ModelSpec(classes[:VOID]).names) == VOID
    with pytest.raises(SpecError, match='classes: 256 came'):
        ModelSpec(classes)


@pytest.mark.parametrize('number', [math.nan, math.inf])
def test_what_is_no_number_normalises_nothing(number: float) -> None:
    with pytest.raises(SpecError, match=r'normalization\.mean: .* wanted three numbers'):
        Normalization(mean=(0.0, number, 0.0))
    with pytest.raises(SpecError, match=r'normalization\.std: .* wanted three numbers above 0'):
        Normalization(std=(1.0, number, 1.0))
