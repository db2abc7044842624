# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from enet_model.class_file import ClassFileError, load_classes, voc_color
from enet_model.label_sets import LabelClass, Role
from enet_model.spec import ModelSpec

BYTES = st.integers(0, 255)
ENTRIES = st.fixed_dictionaries(
    {'name': st.text('abcdefgh ', min_size=1, max_size=8)},
    optional={
        'role': st.sampled_from([role.value for role in Role]),
        'color': st.lists(BYTES, min_size=3, max_size=3),
    },
)


def write(folder: Path, text: str) -> Path:
    path = folder / 'yard.yaml'
    path.write_text(text)
    return path


def test_entries_that_are_given_and_those_that_are_not(tmp_path: Path) -> None:
    label_set = load_classes(
        write(
            tmp_path,
            """
            classes:
              - {name: grass, role: traversable, color: [1, 2, 3], annotation: 7}
              - name: wall
            """,
        )
    )
    assert label_set.name == 'yard'
    assert label_set.classes == (
        LabelClass('grass', (1, 2, 3), Role.TRAVERSABLE),
        LabelClass('wall', (0, 128, 0), Role.OBSTACLE),
    )
    assert label_set.annotation_ids == (7, 1)


@given(
    entries=st.lists(ENTRIES, min_size=1, max_size=20, unique_by=lambda entry: str(entry['name']))
)
def test_what_is_read_fits_a_specification(
    entries: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp('classes') / 'mine.yaml'
    path.write_text(yaml.safe_dump({'name': 'mine', 'classes': entries}))
    label_set = load_classes(path)
    assert label_set.name == 'mine'
    assert [c.name for c in label_set.classes] == [entry['name'] for entry in entries]
    assert label_set.annotation_ids == tuple(range(len(entries)))
    spec = ModelSpec(label_set.classes)
    assert ModelSpec.from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ('text', 'complaint'),
    [
        ('classes: [', 'cannot be read'),
        ('[1, 2]', 'wanted a list "classes"'),
        ('classes: 3', 'wanted a list "classes"'),
        ('classes: []', '0 came; wanted 1 to 255'),
        ('classes: [road]', "classes[0]: 'road' came"),
        ('classes: [{name: road, colour: [1, 2, 3]}]', "unknown entry 'colour'"),
        ('{classes: [{name: road}], roles: 1}', "the file: unknown entry 'roles'"),
        ('classes: [{name: 7}]', 'name 7 came'),
        ('classes: [{name: a, role: floor}]', "role 'floor' came; wanted one of traversable"),
        ('classes: [{name: a, color: [1, 2]}]', 'color [1, 2] came'),
        ('classes: [{name: a, color: [1, 2, 256]}]', 'color [1, 2, 256] came'),
        ('classes: [{name: a, annotation: 255}]', 'annotation 255 came'),
        ('classes: [{name: a, annotation: yes}]', 'annotation True came'),
        ('classes: [{name: a}, {name: a}]', "the name 'a' stands there twice"),
        ('classes: [{name: a, annotation: 1}, {name: b}]', 'the annotation 1 stands there twice'),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ClassFileError) as error:
        load_classes(path)
    assert str(error.value).startswith(f'{path}: ')
    assert complaint in str(error.value)
    assert '\n' not in str(error.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClassFileError, match='No such file'):
        load_classes(tmp_path / 'none.yaml')


def test_palette_is_that_of_pascal_voc() -> None:
    # The colours that the development kit documents for its first classes, and its border.
    assert [voc_color(index) for index in (0, 1, 2, 3, 7, 8, 20)] == [
        (0, 0, 0),
        (128, 0, 0),
        (0, 128, 0),
        (128, 128, 0),
        (128, 128, 128),
        (64, 0, 0),
        (0, 64, 128),
    ]
    assert len({voc_color(index) for index in range(256)}) == 256
