# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Classes of one's own, from a YAML file: for data sets, and for networks of others.

name: yard                       # of the data set; optional
classes:                         # ids count from 0 in this order
  - name: grass
    role: traversable            # traversable, obstacle or background; none is obstacle
    color: [152, 251, 152]       # RGB, 0 - 255; none is a colour of the PASCAL VOC palette
    annotation: 7                # value in the annotation images; none is the id
  - name: wall
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from enet_model.errors import UserError
from enet_model.label_sets import VOID, LabelClass, LabelSet, Role

_ENTRIES = {'name', 'role', 'color', 'annotation'}
_ROLES = tuple(role.value for role in Role)


class ClassFileError(UserError):
    """A file of classes that cannot be used; the text names the entry and what was wanted."""


def load_classes(path: str | Path) -> LabelSet:
    """Read the classes of a file; its stem is the name where the file gives none.

    Raises ClassFileError where the file cannot be read, or an entry does not fit.
    """
    path = Path(path)
    try:
        tree = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = ' '.join(str(error).split())
        raise ClassFileError(
            f'{path}: cannot be read: {reason}; wanted YAML with a list "classes"'
        ) from error
    try:
        return _label_set(path.stem, tree)
    except ClassFileError as error:
        raise ClassFileError(f'{path}: {error}') from error


def _label_set(stem: str, tree: Any) -> LabelSet:
    if not isinstance(tree, dict) or not isinstance(tree.get('classes'), list):
        raise ClassFileError('wanted a list "classes", with a name in each entry')
    _refuse_others('the file', tree, {'name', 'classes'})
    entries = tree['classes']
    if not 1 <= len(entries) <= VOID:
        raise ClassFileError(f'classes: {len(entries)} came; wanted 1 to {VOID}')
    classes, annotations = zip(*(_read(*entry) for entry in enumerate(entries)), strict=True)
    for values, what in (([c.name for c in classes], 'name'), (annotations, 'annotation')):
        repeated = next((value for value in values if values.count(value) > 1), None)
        if repeated is not None:
            raise ClassFileError(f'classes: the {what} {repeated!r} stands there twice')
    return LabelSet(str(tree.get('name', stem)), classes, annotations)


def _read(index: int, entry: Any) -> tuple[LabelClass, int]:
    """Return a class and its value in the annotation images."""
    where = f'classes[{index}]'
    if not isinstance(entry, dict):
        raise ClassFileError(f'{where}: {entry!r} came; wanted "name: ..."')
    _refuse_others(where, entry, _ENTRIES)
    name = entry.get('name')
    if not isinstance(name, str) or not name or not name.isprintable():
        raise ClassFileError(f'{where}: name {name!r} came; wanted a text')
    role = entry.get('role', Role.OBSTACLE.value)
    if role not in _ROLES:
        raise ClassFileError(f'{where}: role {role!r} came; wanted one of {", ".join(_ROLES)}')
    color = entry.get('color', voc_color(index + 1))
    if not isinstance(color, list | tuple) or len(color) != 3 or not all(map(_is_byte, color)):
        raise ClassFileError(f'{where}: color {color!r} came; wanted three integers from 0 to 255')
    annotation = entry.get('annotation', index)
    if not _is_byte(annotation) or annotation == VOID:
        raise ClassFileError(
            f'{where}: annotation {annotation!r} came; wanted an integer from 0 to {VOID - 1}'
        )
    return LabelClass(name, (color[0], color[1], color[2]), Role(role)), annotation


def voc_color(index: int) -> tuple[int, int, int]:
    """Return RGB of entry ``index`` (0 - 255) of the PASCAL VOC palette; entry 0 is black.

    The bits of the index go in turn to red, green and blue, the first ones to the highest bits:
    neighbouring classes differ much (VOCcode/VOClabelcolormap.m of the VOC development kit).
    """
    channels = [0, 0, 0]
    for position in range(8):
        for channel in range(3):
            bit = index >> (3 * position + channel) & 1
            channels[channel] |= bit << (7 - position)
    return channels[0], channels[1], channels[2]


def _refuse_others(where: str, entry: dict[Any, Any], known: set[str]) -> None:
    others = [key for key in entry if key not in known]
    if others:
        raise ClassFileError(
            f'{where}: unknown entry {others[0]!r}; wanted {", ".join(sorted(known))}'
        )


def _is_byte(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 255
