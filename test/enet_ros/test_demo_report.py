# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_ros import demo_report
from enet_ros.demo_report import CONTACT_SHEET, SHEET_FRAMES, Album, Display, Progress
from enet_ros.image_fields import Frame
from enet_ros.occupancy_grid import Grid

NAMES = ('road', 'sky')
COLORS = np.array([(128, 64, 128), (70, 130, 180)], np.uint8)


def flat(value: int) -> Frame:
    return np.full((24, 32, 3), value, np.uint8)


def ground(value: int) -> Grid:
    """Return a grid without a ring; drawn 24 high it is 48 x 24 pixels."""
    return Grid(np.full((8, 8), value, np.int8), (-0.4, -0.4), 0.1)


def read(path: Path) -> Frame:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert image is not None, path
    return image[..., ::-1].astype(np.uint8)


class TestProgress:
    def test_counts_rate_and_age(self) -> None:
        progress = Progress(wanted=10, frames_in=4, provider='CPUExecutionProvider')
        for now, age in ((5.0, 0.02), (5.1, 0.03), (5.2, 0.9)):
            progress.add_result(now, age)
        assert progress.frames_out == 3
        assert progress.rate == pytest.approx(10.0)
        assert progress.age == pytest.approx(0.03)
        assert progress.summary() == (
            'frames in 4  out 3 of 10  rate 10.0 Hz  age 30 ms  provider CPUExecutionProvider'
        )

    def test_before_the_first_result(self) -> None:
        progress = Progress(wanted=10)
        assert progress.rate == 0.0
        assert np.isnan(progress.age)
        assert 'out 0 of 10  rate 0.0 Hz  age -  provider not known yet' in progress.line()

    def test_the_rate_is_that_of_late(self) -> None:
        progress = Progress(wanted=1000)
        for second in range(100):
            progress.add_result(float(second), 0.1)
        for hundredth in range(100):
            progress.add_result(200 + hundredth / 100, 0.1)
        assert progress.rate == pytest.approx(100.0)

    def test_line_names_what_is_seen_largest_first(self) -> None:
        progress = Progress(wanted=1, occupancy={'pole': 0.004, 'road': 0.3, 'sky': 0.6})
        assert progress.line().endswith('  sky 60%  road 30%')
        assert 'pole' not in progress.line()

    @given(st.lists(st.floats(0, 1), max_size=20))
    def test_every_row_of_the_table_is_as_wide(self, shares: list[float]) -> None:
        progress = Progress(1, occupancy={f'class {i}': share for i, share in enumerate(shares)})
        _, *rows = progress.table().split('\n')
        assert len(rows) == len(shares)
        assert len({len(row) for row in rows}) <= 1
        for row, share in zip(rows, shares, strict=True):
            assert f'{share:.1%}' in row
            assert row.count('█') == round(40 * share)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestDisplay:
    @pytest.fixture(autouse=True)
    def _no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(demo_report, '_TABLE_PERIOD', 0.0)
        monkeypatch.setattr(demo_report, '_LINE_PERIOD', 0.0)

    def test_writes_lines_into_a_file(self) -> None:
        stream = io.StringIO()
        display, progress = Display(stream), Progress(1, occupancy={'road': 0.5})
        display.show(progress)
        display.show(progress)
        first = progress.line()
        progress.add_result(0.0, 0.1)
        display.show(progress)
        assert stream.getvalue() == f'{first}\n{progress.line()}\n'

    def test_writes_the_table_over_itself_on_a_terminal(self) -> None:
        stream = Terminal()
        display, progress = Display(stream), Progress(1, occupancy={'road': 0.5, 'sky': 0.2})
        display.show(progress)
        display.show(progress)
        table = progress.table() + '\n'
        assert stream.getvalue() == f'{table}\x1b[3F\x1b[J{table}'

    def test_waits_but_not_with_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(demo_report, '_LINE_PERIOD', 1000.0)
        stream = io.StringIO()
        display, progress = Display(stream), Progress(1)
        display.show(progress)
        assert stream.getvalue() == ''
        display.show(progress, last=True)
        assert stream.getvalue() == progress.line() + '\n'


class TestAlbum:
    def test_writes_every_overlay(self, tmp_path: Path) -> None:
        album = Album(tmp_path / 'new' / 'folder', wanted=3)
        for index in range(3):
            album.add_overlay(index, flat(index + 10))
        for index in range(3):
            overlay = read(tmp_path / 'new' / 'folder' / f'overlay_{index:04d}.png')
            np.testing.assert_array_equal(overlay, flat(index + 10))

    def test_puts_each_frame_beside_its_overlay(self, tmp_path: Path) -> None:
        """Stamps tell what belongs together: some frames have no overlay, and some come late."""
        album = Album(tmp_path, wanted=2)
        for stamp in range(3):
            album.add_frame(stamp, flat(50 + stamp))
        for stamp in (1, 3):
            album.add_overlay(stamp, flat(150 + stamp))
        album.add_frame(3, flat(53))
        album.add_overlay(77, flat(0))
        path = album.finish(NAMES, COLORS)
        assert path == tmp_path / CONTACT_SHEET
        sheet = read(path)
        row = sheet[20, :, 0]
        changes = row[np.flatnonzero(np.diff(row.astype(int)) != 0) + 1]
        assert changes[changes != 255].tolist() == [51, 151, 53, 153]
        for color in COLORS:
            assert np.all(sheet == color, axis=2).sum() > 100, 'the legend shows every class'

    @pytest.mark.parametrize('order', ['frame overlay grid', 'grid overlay frame'])
    def test_puts_the_ground_beside_frame_and_overlay(self, tmp_path: Path, order: str) -> None:
        """The ground is told by its stamp, too, and a frame without it keeps its two pictures."""
        album = Album(tmp_path, wanted=3)
        add = {
            'frame': lambda stamp: album.add_frame(stamp, flat(51 + stamp)),
            'overlay': lambda stamp: album.add_overlay(stamp, flat(151 + stamp)),
            'grid': lambda stamp: album.add_grid(stamp, ground(20 * min(stamp, 2))),
        }
        for kind in order.split():
            for stamp in (0, 1, 2) if kind != 'grid' else (2, 1, 77):
                add[kind](stamp)
        album.finish(NAMES, COLORS)
        sheet = read(tmp_path / CONTACT_SHEET)
        width = 32 + 32 + 48
        for stamp, grey in ((0, 255), (1, 204), (2, 153)):
            top, left = 8 + stamp // 2 * (24 + 8), 8 + stamp % 2 * (width + 8)
            row = sheet[top : top + 24, left : left + width]
            assert (row[:, :32] == 51 + stamp).all()
            assert (row[:, 32:64] == 151 + stamp).all()
            assert (row[:9, 64:] == grey).all(), 'above the mark of the robot'
            has_mark = (row[:, 64:, 0] > row[:, 64:, 1]).any()
            assert has_mark == (stamp > 0)

    @pytest.mark.parametrize('wanted', [1, 5, 8, 15, 100])
    def test_the_sheet_shows_the_whole_run(self, tmp_path: Path, wanted: int) -> None:
        album = Album(tmp_path, wanted)
        for stamp in range(wanted):
            album.add_frame(stamp, flat(stamp))
            album.add_overlay(stamp, flat(200))
        album.finish(NAMES, COLORS)
        sheet = read(tmp_path / CONTACT_SHEET)
        tiles = [value for value in range(wanted) if np.all(sheet == value, axis=2).sum() >= 700]
        if wanted <= SHEET_FRAMES:
            assert tiles == list(range(wanted))
        else:
            assert tiles == [-(-wanted * each // SHEET_FRAMES) for each in range(SHEET_FRAMES)]

    def test_what_was_there_before_is_removed(self, tmp_path: Path) -> None:
        for name in ('overlay_0007.png', CONTACT_SHEET, 'mine.png'):
            (tmp_path / name).touch()
        album = Album(tmp_path, wanted=1)
        assert album.finish(NAMES, COLORS) is None
        assert [file.name for file in tmp_path.iterdir()] == ['mine.png']

    def test_forgets_frames_that_get_no_overlay(self, tmp_path: Path) -> None:
        album = Album(tmp_path, wanted=1)
        for stamp in range(1000):
            album.add_frame(stamp, flat(0))
            album.add_grid(stamp, ground(0))
        assert len(album._frames) == len(album._grids) == 32

    def test_a_folder_that_cannot_be_written_is_an_error(self, tmp_path: Path) -> None:
        album = Album(tmp_path / 'gone', wanted=1)
        (tmp_path / 'gone').rmdir()
        with pytest.raises(OSError, match=r'overlay_0000\.png cannot be written'):
            album.add_overlay(0, flat(0))
