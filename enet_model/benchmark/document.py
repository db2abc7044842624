# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sections of a document that a command writes: what stands between two markers is replaced.

``<!-- begin: NAME -->`` begins a section and ``<!-- end: NAME -->`` ends it. A document holds
the sections that it wants to show; the text around them is a person's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from enet_model.errors import UserError


class DocumentError(UserError):
    """A document without a place for what was measured."""


def write_sections(path: Path, sections: Mapping[str, str]) -> list[str]:
    """Replace the sections of a Markdown file that are named in ``sections``; return their names.

    DocumentError where the file has none of them, or a marker without its other half.
    """
    text = path.read_text()
    text, written = replace_sections(text, sections)
    if not written:
        markers = ', '.join(f'<!-- begin: {name} -->' for name in sections)
        raise DocumentError(f'{path}: has no marker; write one of {markers} and its end into it')
    path.write_text(text)
    return written


def replace_sections(text: str, sections: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the text with the sections replaced, and the names of those that it has."""
    written = []
    for name, content in sections.items():
        begin, end = f'<!-- begin: {name} -->', f'<!-- end: {name} -->'
        markers = {text.count(begin), text.count(end)}
        if markers == {0}:
            continue
        pattern = f'{re.escape(begin)}\n.*?{re.escape(end)}'
        block = f'{begin}\n{content.strip()}\n{end}'.replace('\\', r'\\')
        text, count = re.subn(pattern, block, text, flags=re.DOTALL)
        if markers != {count}:
            raise DocumentError(f'{begin} and {end} have to stand in turn, on lines of their own')
        written.append(name)
    return text, written
