# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_data_sets import OWN_CLASSES, by_color, draw_own_classes

from enet_model.class_file import ClassFileError, load_classes
from enet_model.cli import main
from enet_model.datasets.annotated_frames import AnnotatedFrames, DataSetError
from enet_model.datasets.own_classes import own_classes
from enet_model.label_sets import VOID, LabelClass, Role


@pytest.fixture
def copy(drawn_own_classes: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(drawn_own_classes, tmp_path / 'own_classes'))


def names(data: AnnotatedFrames) -> list[str]:
    return [path.stem for path, _ in data.pairs]


def test_classes_are_those_of_the_file(drawn_own_classes: Path) -> None:
    label_set = own_classes(drawn_own_classes, 'val').label_set
    assert label_set.name == 'orchard'
    assert label_set.classes == (
        LabelClass('path', (200, 160, 90), Role.TRAVERSABLE),
        LabelClass('tree', (20, 120, 20), Role.OBSTACLE),
        LabelClass('sky', (120, 180, 250), Role.BACKGROUND),
    )
    assert label_set.annotation_ids == (3, 1, 7)


def test_masks_belong_to_the_frames_of_their_names(drawn_own_classes: Path) -> None:
    training, validation = (own_classes(drawn_own_classes, split) for split in ('train', 'val'))
    assert names(training) == ['000', '001', '002', '003']
    assert names(validation) == ['000', '001']
    for data in (training, validation):
        for index in range(len(data)):
            frame, labels = data[index]
            labelled = labels != VOID
            assert not labelled[:16, :16].any()
            assert (by_color(data.label_set, frame) == labels)[labelled].mean() > 0.9
            assert set(np.unique(labels[labelled])) <= {0, 1, 2}


@pytest.mark.parametrize(('count', 'validation'), [(2, 1), (9, 1), (10, 2), (14, 2)])
def test_the_last_fifth_of_one_folder_is_val(tmp_path: Path, count: int, validation: int) -> None:
    draw_own_classes(tmp_path, {'': count})
    training, held_out = (names(own_classes(tmp_path, split)) for split in ('train', 'val'))
    assert len(held_out) == validation
    assert training + held_out == [f'{index:03}' for index in range(count)]


@pytest.mark.parametrize(('count', 'split'), [(1, 'train'), (5, 'test')])
def test_a_split_that_one_folder_has_not(tmp_path: Path, count: int, split: str) -> None:
    draw_own_classes(tmp_path, {'': count})
    with pytest.raises(DataSetError, match=rf"{count} frames in one folder have no split '{split}"):
        own_classes(tmp_path, split)  # type: ignore[arg-type]


def test_what_is_missing_is_named(copy: Path) -> None:
    for path in (copy / 'masks' / 'val' / '001.png', copy / 'classes.yaml'):
        path.unlink()
        with pytest.raises(DataSetError, match=f'no file {path}; .*docs/data_sets.md'):
            own_classes(copy, 'val')


def test_the_example_of_the_document(tmp_path: Path) -> None:
    document = Path(__file__).parents[3] / 'docs' / 'data_sets.md'
    example = re.search(r'```yaml\n(.*?)```', document.read_text(), re.DOTALL)
    assert example is not None
    (tmp_path / 'classes.yaml').write_text(textwrap.dedent(example[1]))
    expected = tmp_path / 'drawn' / 'classes.yaml'
    expected.parent.mkdir()
    expected.write_text(OWN_CLASSES)
    assert load_classes(tmp_path / 'classes.yaml') == load_classes(expected)


def test_classes_that_do_not_fit(copy: Path) -> None:
    (copy / 'classes.yaml').write_text('classes: [{name: path, role: way}]')
    with pytest.raises(ClassFileError, match="role 'way' came"):
        own_classes(copy, 'val')


@pytest.mark.filterwarnings('ignore')  # Lightning's: that the training is small
def test_training_evaluation_and_export_keep_to_the_classes(
    drawn_own_classes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for library in ('torch', 'lightning', 'onnx'):
        pytest.importorskip(library, reason="needs pip install 'enet_model[train]'")
    recipe = tmp_path / 'recipe.yaml'
    recipe.write_text('phases: [{epochs: 1, crop: [32, 32]}]')
    root = str(drawn_own_classes)
    changes = ['data.name=own_classes', f'data.root={root}', 'data.size=[32, 24]']
    run = tmp_path / 'run'
    train = ['train', '--config', str(recipe), '--output', str(run), '--accelerator', 'cpu']
    assert main([*train, *changes, 'data.batch_size=2']) == 0
    data = ['--data', 'own_classes', '--root', root]
    capsys.readouterr()
    assert main(['evaluate', str(run / 'last.ckpt'), *data]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ['path', 'tree', 'sky']

    from enet_model.deployment import export

    told: list[Any] = []

    def keep(*arguments: Any) -> export.Parity:
        told.append(arguments)
        return export.Parity(logit_error=0.0, changed_labels=0, compared_labels=1)

    monkeypatch.setattr(export, 'export', keep)
    assert main(['export', str(run / 'last.ckpt'), str(tmp_path / 'orchard.onnx'), *data]) == 0
    _, spec, _, size, *_ = told[0]
    assert spec.classes == own_classes(drawn_own_classes, 'val').label_set.classes
    assert spec.data_set == 'orchard'
    assert size == (32, 24)
