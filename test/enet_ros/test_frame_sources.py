# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enet_ros import frame_sources
from enet_ros.frame_sources import DEFAULT_RATE, SourceError, open_source
from enet_ros.synthetic_street import FRAME_RATE, HORIZONTAL_FOV, SyntheticStreet


def picture(seed: int, width: int = 32, height: int = 24) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def write(path: Path, rgb: Any) -> None:
    assert cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images, one of another size, written in another order than that of their names."""
    write(tmp_path / 'c.png', picture(3))
    write(tmp_path / 'a.png', picture(1))
    write(tmp_path / 'b.bmp', picture(2, width=40, height=20))
    (tmp_path / 'notes.txt').write_text('no image, and not named like one')
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Five grey frames of 32x24 at 25 Hz, brighter and brighter."""
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 25.0, (32, 24))
    if not writer.isOpened():
        pytest.skip('this OpenCV writes no MJPG video')
    for value in range(5):
        writer.write(np.full((24, 32, 3), 50 * value, np.uint8))
    writer.release()
    return path


class FakeCapture:
    """A camera of 64x48 that is unplugged after three frames."""

    def __init__(self, *_: object) -> None:
        self.settings: dict[int, float] = {cv2.CAP_PROP_FPS: 30.0}
        self.frames = [picture(seed, 64, 48) for seed in range(3)]

    def set(self, name: int, value: float) -> bool:
        self.settings[name] = value
        return True

    def get(self, name: int) -> float:
        return self.settings[name]

    def read(self) -> tuple[bool, Any]:
        return (True, self.frames.pop(0)) if self.frames else (False, None)

    def isOpened(self) -> bool:  # noqa: N802 - as OpenCV calls it
        return True

    def release(self) -> None:
        self.frames = []


class TestImages:
    def test_come_in_the_order_of_their_names_with_their_own_sizes(self, folder: Path) -> None:
        source = open_source(str(folder))
        assert source.size == (32, 24)
        assert source.rate == DEFAULT_RATE
        assert not source.live
        for frame, expected in zip(
            source, (picture(1), picture(2, 40, 20), picture(3)), strict=True
        ):
            np.testing.assert_array_equal(frame, expected)
        assert next(source, None) is None

    def test_begin_again_with_loop(self, folder: Path) -> None:
        frames = list(islice(open_source(str(folder), loop=True), 7))
        np.testing.assert_array_equal(frames[3], picture(1))
        np.testing.assert_array_equal(frames[6], picture(1))

    def test_all_get_the_size_that_is_asked_for(self, folder: Path) -> None:
        source = open_source(str(folder), width=16, height=12)
        assert source.size == (16, 12)
        assert [frame.shape for frame in source] == [(12, 16, 3)] * 3

    def test_unreadable_ones_are_skipped_and_counted(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (folder / '0.png').write_bytes(b'')
        (folder / 'bb.jpg').write_bytes(b'\xff\xd8 this is no JPEG')
        source = open_source(str(folder))
        assert len(list(source)) == 3
        assert isinstance(source, frame_sources._Images)
        assert source.unreadable == 2
        assert [record.levelname for record in caplog.records] == ['WARNING', 'WARNING']
        assert 'bb.jpg' in caplog.text

    def test_a_single_image_is_a_source(self, folder: Path) -> None:
        (frame,) = open_source(str(folder / 'c.png'))
        np.testing.assert_array_equal(frame, picture(3))

    def test_that_vanish_do_not_end_in_an_endless_loop(self, folder: Path) -> None:
        source = open_source(str(folder), loop=True)
        list(islice(source, 3))
        for file in folder.iterdir():
            file.unlink()
        with pytest.raises(SourceError, match='any more'):
            next(source)

    def test_closed_there_are_no_more(self, folder: Path) -> None:
        source = open_source(str(folder), loop=True)
        source.close()
        assert list(source) == []

    def test_a_folder_that_must_not_be_read_is_an_error(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: Path) -> Any:
            raise PermissionError(13, 'Permission denied')

        monkeypatch.setattr(Path, 'iterdir', refuse)
        with pytest.raises(SourceError, match=r'cannot be read \(Permission denied\): wanted'):
            open_source(str(folder))

    @pytest.mark.parametrize('content', [None, b'broken'])
    def test_a_folder_without_images_is_an_error(
        self, tmp_path: Path, content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / 'x.png').write_bytes(content)
        tried = 0 if content is None else 1
        with pytest.raises(SourceError, match=rf'no image .* \(files tried: {tried}\): wanted'):
            open_source(str(tmp_path))

    @given(size=st.tuples(*[st.integers(1, 50)] * 2), wanted=st.tuples(*[st.integers(0, 50)] * 2))
    def test_zero_keeps_the_size_or_the_aspect_ratio(
        self, size: tuple[int, int], wanted: tuple[int, int]
    ) -> None:
        (own_width, own_height), (width, height) = size, wanted
        frame = frame_sources._to_rgb(picture(0, *size), *wanted)
        if width == height == 0:
            assert frame.shape == (own_height, own_width, 3)
        elif height == 0:
            assert frame.shape == (max(1, round(own_height * width / own_width)), width, 3)
        elif width == 0:
            assert frame.shape == (height, max(1, round(own_width * height / own_height)), 3)
        else:
            assert frame.shape == (height, width, 3)


class TestVideo:
    def test_plays_to_its_end(self, video: Path) -> None:
        source = open_source(str(video))
        assert source.size == (32, 24)
        assert source.rate == pytest.approx(25.0)
        assert [round(float(frame.mean()), -1) for frame in source] == [0, 50, 100, 150, 200]
        assert next(source, None) is None

    def test_begins_again_with_loop(self, video: Path) -> None:
        frames = list(islice(open_source(str(video), width=16, loop=True), 12))
        assert [round(float(frame.mean()), -1) for frame in frames[4:8]] == [200, 0, 50, 100]
        assert {frame.shape for frame in frames} == {(12, 16, 3)}

    def test_closed_there_are_no_more(self, video: Path) -> None:
        source = open_source(str(video), loop=True)
        source.close()
        assert list(source) == []

    def test_a_file_that_is_no_video_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / 'x.mp4').write_bytes(bytes(1000))
        with pytest.raises(SourceError, match=r'x\.mp4.* video: wanted'):
            open_source(str(tmp_path / 'x.mp4'))


class TestDevice:
    @pytest.fixture
    def device(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
        """A file that is called like a device, with FakeCapture behind it."""
        (tmp_path / 'video7').touch()
        monkeypatch.setattr(frame_sources.cv2, 'VideoCapture', FakeCapture)
        return tmp_path / 'video7'

    def test_gives_frames_until_it_is_lost(self, device: Path) -> None:
        source = frame_sources._Device(device, 0, 0)
        assert source.live
        assert source.size == (64, 48)
        assert source.rate == 30.0
        for seed in range(3):
            np.testing.assert_array_equal(next(source), picture(seed, 64, 48)[..., ::-1])
        with pytest.raises(SourceError, match='unplugged'):
            next(source)

    def test_is_asked_for_the_size_and_for_no_old_frames(self, device: Path) -> None:
        source = frame_sources._Device(device, 32, 24)
        assert isinstance(source._capture, FakeCapture)
        settings = source._capture.settings
        assert settings[cv2.CAP_PROP_BUFFERSIZE] == 1
        assert settings[cv2.CAP_PROP_FRAME_WIDTH] == 32
        assert settings[cv2.CAP_PROP_FRAME_HEIGHT] == 24
        assert next(source).shape == (24, 32, 3)  # this camera only has its own size

    def test_that_gives_no_frame_is_an_error(
        self, device: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(FakeCapture, 'read', lambda self: (False, None))
        with pytest.raises(SourceError, match='gives no frame: is another program'):
            frame_sources._Device(device, 0, 0)

    def test_without_permission_is_an_error(
        self, device: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, 'access', lambda path, mode: False)
        with pytest.raises(SourceError, match=r'no permission .* add the user'):
            frame_sources._Device(device, 0, 0)

    @pytest.mark.parametrize(
        ('name', 'reason'),
        [
            ('/dev/video4711', "no device '/dev/video4711'"),
            ('4711', "no device '/dev/video4711'"),
            ('/dev/null', 'no V4L2 device'),
        ],
    )
    def test_that_is_none_is_an_error(self, name: str, reason: str) -> None:
        with pytest.raises(SourceError, match=reason):
            open_source(name)


class TestStreet:
    def test_is_the_street_of_the_seed(self) -> None:
        source = open_source('synthetic', 64, 48, seed=5)
        street = SyntheticStreet(64, 48, seed=5)
        assert source.size == (64, 48)
        assert source.rate == FRAME_RATE
        assert source.horizontal_fov == HORIZONTAL_FOV
        for index in range(3):
            np.testing.assert_array_equal(next(source), street.frame(index)[0])

    @pytest.mark.parametrize(
        ('wanted', 'size'), [((0, 0), (640, 360)), ((320, 0), (320, 180)), ((0, 90), (160, 90))]
    )
    def test_has_a_size_of_its_own(self, wanted: tuple[int, int], size: tuple[int, int]) -> None:
        assert open_source('synthetic', *wanted).size == size

    def test_too_small_is_an_error(self) -> None:
        with pytest.raises(SourceError, match='5x5 pixels'):
            open_source('synthetic', 5, 5)


def test_what_does_not_exist_is_an_error() -> None:
    with pytest.raises(SourceError, match=r"'/no/such/video\.mp4' does not exist: wanted"):
        open_source('/no/such/video.mp4')


def test_a_negative_size_is_an_error() -> None:
    with pytest.raises(SourceError, match='size -1x0'):
        open_source('synthetic', -1, 0)
