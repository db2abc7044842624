# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_model.benchmark.document import DocumentError, replace_sections, write_sections

TEXT = 'Before.\n\n<!-- begin: speed -->\nold\n<!-- end: speed -->\n\nAfter.\n'


@given(content=st.text(min_size=1).map(str.strip).filter(lambda text: '<!--' not in text))
def test_a_section_is_replaced_and_nothing_else(content: str) -> None:
    text, written = replace_sections(TEXT, {'speed': content})
    assert written == ['speed']
    assert text == TEXT.replace('old', content)
    assert replace_sections(text, {'speed': 'old'})[0] == TEXT


def test_only_sections_that_the_document_has(tmp_path: Path) -> None:
    path = tmp_path / 'performance.md'
    path.write_text(TEXT)
    assert write_sections(path, {'speed': 'fast', 'cost': 'low'}) == ['speed']
    assert path.read_text() == TEXT.replace('old', 'fast')


def test_a_document_without_markers(tmp_path: Path) -> None:
    path = tmp_path / 'README.md'
    path.write_text('nothing')
    with pytest.raises(DocumentError, match=re.escape('write one of <!-- begin: speed -->')):
        write_sections(path, {'speed': 'fast'})
    assert path.read_text() == 'nothing'


@pytest.mark.parametrize(
    'text',
    [
        '<!-- begin: speed -->\nold\n',
        'old\n<!-- end: speed -->\n',
        '<!-- end: speed -->\nold\n<!-- begin: speed -->\n',
        '<!-- begin: speed -->\na\n<!-- begin: speed -->\nb\n<!-- end: speed -->\n',
        '<!-- begin: speed --> on one line <!-- end: speed -->',
    ],
)
def test_markers_that_do_not_stand_in_turn(text: str) -> None:
    with pytest.raises(DocumentError, match='in turn'):
        replace_sections(text, {'speed': 'fast'})
