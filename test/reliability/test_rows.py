# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from reliability.rows import Outcome, Row, table


def row(name: str, outcome: Outcome) -> Row:
    return Row(name, f'fault of {name}', 'that it holds', lambda short: outcome, 'a bug')


def test_the_table_tells_what_holds_and_what_does_not() -> None:
    rows = [row('good', Outcome('2 | 3\nof 5', True)), row('bad', Outcome('0 of 5', False))]
    lines = table((each, each.outcome(False)) for each in rows).splitlines()
    assert len(lines) == 4
    assert lines[2] == '| `good` | fault of good | that it holds | 2 \\| 3 of 5 | yes | a bug |'
    assert '| 0 of 5 | **no** |' in lines[3]


def test_a_row_that_breaks_off_does_not_hold() -> None:
    broken = Row('broken', '', '', lambda short: 1 / 0)  # type: ignore[arg-type, return-value]
    assert broken.outcome(True) == Outcome('broke off: ZeroDivisionError: division by zero', False)


@pytest.mark.parametrize(('holds', 'status'), [(True, 0), (False, 1)])
def test_the_command_prints_and_writes_the_table(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    holds: bool,
    status: int,
) -> None:
    pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    from reliability import __main__ as program

    rows = row('one', Outcome('7 of 7', holds)), row('two', Outcome('8 of 8', True))
    monkeypatch.setitem(program.SUITES, 'fuzz', rows)
    document = tmp_path / 'reliability.md'
    section = '<!-- begin: fuzz -->\nstale table\n<!-- end: fuzz -->'
    document.write_text(f'before\n{section}\nafter\n')
    assert program.main(['fuzz', '--short', '--document', str(document)]) == status
    text = document.read_text()
    assert text.startswith('before\n<!-- begin: fuzz -->\n| row |')
    assert '7 of 7' in text
    assert 'stale table' not in text
    assert text.endswith('after\n')
    assert '8 of 8' in capsys.readouterr().out
    assert program.main(['fuzz', '--rows', 'two']) == 0
    with pytest.raises(SystemExit):
        program.main(['fuzz', '--rows', 'three'])
    assert 'rows three came; wanted some of one, two' in capsys.readouterr().err
    assert program.main(['fuzz', '--document', str(tmp_path / 'none.md')]) == 1
