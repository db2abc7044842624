# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the frames of a camera come from: a video file, images, a V4L2 device or a drawn street."""

from __future__ import annotations

import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import cv2
from numpy.typing import NDArray

from enet_model.errors import UserError
from enet_model.resizing import fit
from enet_ros.image_fields import Frame
from enet_ros.synthetic_street import FRAME_RATE, HORIZONTAL_FOV, SyntheticStreet

IMAGE_SUFFIXES = frozenset(
    {'.bmp', '.jpeg', '.jpg', '.pgm', '.png', '.ppm', '.tif', '.tiff', '.webp'}
)
DEFAULT_RATE = 10.0
"""Rate of what has none of its own: images, videos that do not tell theirs [Hz]."""

_logger = logging.getLogger(__name__)


class SourceError(UserError):
    """A source cannot be opened, or has been lost: what came, what was wanted, what to do."""


class FrameSource(ABC, Iterator[Frame]):
    """Frames one after another, to the end (StopIteration) or until they are lost (SourceError)."""

    size: tuple[int, int]
    """Width and height of the first frame [pixels]."""
    rate: float
    """Nominal rate [Hz]."""
    live = False
    """Whether ``next`` waits for the world, so that frames that nobody takes are gone."""
    horizontal_fov: float | None = None
    """Horizontal field of view [rad] where the source knows it."""

    @abstractmethod
    def __next__(self) -> Frame: ...

    def close(self) -> None:
        """Give back what the source holds. There are no frames after that."""


def open_source(
    source: str, width: int = 0, height: int = 0, seed: int = 0, loop: bool = False
) -> FrameSource:
    """Open a source of frames.

    ``source`` is 'synthetic', a video file, an image, a folder of images (shown in the order of
    their names), or a V4L2 device as a path (``/dev/video0``) or a number. Frames are resized to
    ``width`` x ``height`` pixels; 0 keeps what the source has, or the aspect ratio where only the
    other one is given; a device is asked for the size first. ``seed`` chooses the synthetic street,
    which never ends; with ``loop`` videos and images begin again at their end.

    Raises SourceError where the source cannot be opened or holds no frame.
    """
    if width < 0 or height < 0:
        raise SourceError(
            f'size {width}x{height}: wanted are pixels, or 0 for the size of the source'
        )
    if source == 'synthetic':
        return _Street(width, height, seed)
    if source.isdecimal() or source.startswith('/dev/'):
        device = f'/dev/video{source}' if source.isdecimal() else source
        return _Device(Path(device), width, height)
    path = Path(source).expanduser()
    if path.is_dir():
        return _Images(path, images_in(path), width, height, loop)
    if not path.is_file():
        raise SourceError(
            f"'{source}' does not exist: wanted is a video file, an image, a folder of images, "
            "a device such as /dev/video0, or 'synthetic'"
        )
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return _Images(path, [path], width, height, loop)
    return _Video(path, width, height, loop)


def images_in(folder: Path) -> list[Path]:
    """Return the images of a folder, told by their suffix, in the order of their names.

    SourceError where nobody may look into it.
    """
    try:
        return sorted(file for file in folder.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES)
    except OSError as error:
        raise SourceError(
            f"folder '{folder}' cannot be read ({error.strerror}): wanted is one that you may read"
        ) from error


class _Street(FrameSource):
    """The synthetic street from its first frame on."""

    rate = FRAME_RATE
    horizontal_fov = HORIZONTAL_FOV

    def __init__(self, width: int, height: int, seed: int) -> None:
        width, height = (
            width or round(height * 16 / 9) or 640,
            height or round(width * 9 / 16) or 360,
        )
        try:
            self._street = SyntheticStreet(width, height, seed)
        except ValueError as error:
            raise SourceError(str(error)) from error
        self.size = width, height
        self._index = 0

    def __next__(self) -> Frame:
        frame, _ = self._street.frame(self._index)
        self._index += 1
        return frame


class _Images(FrameSource):
    """Image files; one that cannot be read is skipped with a warning."""

    rate = DEFAULT_RATE

    def __init__(self, path: Path, files: list[Path], width: int, height: int, loop: bool) -> None:
        self.unreadable = 0
        self._wanted_size = width, height
        self._path, self._files, self._loop = path, files, loop
        self._ahead = iter(files)
        first = self._read_next()
        if first is None:
            raise SourceError(
                f"'{path}' holds no image that can be read (files tried: {len(files)}): wanted are "
                + ', '.join(sorted(IMAGE_SUFFIXES))
            )
        self.size = first.shape[1], first.shape[0]
        self._pending: Frame | None = first

    def __next__(self) -> Frame:
        frame, self._pending = self._pending, None
        if frame is None:
            frame = self._read_next()
        if frame is None and self._loop:
            self._ahead = iter(self._files)
            frame = self._read_next()
            if frame is None:
                raise SourceError(
                    f"none of the images of '{self._path}' can be read any more: "
                    'are they still there?'
                )
        if frame is None:
            raise StopIteration
        return frame

    def close(self) -> None:
        self._pending, self._files, self._ahead, self._loop = None, [], iter(()), False

    def _read_next(self) -> Frame | None:
        for file in self._ahead:
            image = cv2.imread(str(file), cv2.IMREAD_COLOR)
            if image is not None:
                return _to_rgb(image, *self._wanted_size)
            self.unreadable += 1
            _logger.warning(
                "'%s' is no image that OpenCV can read: skipped (%d so far)", file, self.unreadable
            )
        return None


class _Capture(FrameSource):
    """What OpenCV's VideoCapture reads."""

    def __init__(self, width: int, height: int) -> None:
        self._wanted_size = width, height
        self._open()

    def close(self) -> None:
        self._pending = None
        self._capture.release()

    @abstractmethod
    def _connect(self) -> cv2.VideoCapture:
        """Return the capture, ready for its first frame."""

    @abstractmethod
    def _why_not(self, opened: bool) -> str:
        """Return the error for a capture without a first frame."""

    def _open(self) -> None:
        self._capture = self._connect()
        self._pending = self._read()
        if self._pending is None:
            opened = self._capture.isOpened()
            self._capture.release()
            raise SourceError(self._why_not(opened))
        self.size = self._pending.shape[1], self._pending.shape[0]
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else DEFAULT_RATE

    def _next(self) -> Frame | None:
        frame, self._pending = self._pending, None
        return self._read() if frame is None else frame

    def _read(self) -> Frame | None:
        read, image = self._capture.read()
        return _to_rgb(image, *self._wanted_size) if read else None


class _Video(_Capture):
    """A video file."""

    def __init__(self, path: Path, width: int, height: int, loop: bool) -> None:
        self._path, self._loop = path, loop
        super().__init__(width, height)

    def __next__(self) -> Frame:
        frame = self._next()
        if frame is None and self._loop:
            # Opened again, since not every codec can seek to its beginning.
            self._capture.release()
            self._open()
            frame = self._next()
        if frame is None:
            raise StopIteration
        return frame

    def close(self) -> None:
        self._loop = False
        super().close()

    def _connect(self) -> cv2.VideoCapture:
        return cv2.VideoCapture(str(self._path))

    def _why_not(self, opened: bool) -> str:
        what = 'holds no frame that can be decoded' if opened else 'does not open as a video'
        return f"'{self._path}' {what}: wanted is a file that OpenCV plays, such as MP4 with H.264"


class _Device(_Capture):
    """A V4L2 device."""

    live = True

    def __init__(self, path: Path, width: int, height: int) -> None:
        self._path = path
        if not path.exists():
            there = ', '.join(str(device) for device in sorted(Path('/dev').glob('video*')))
            raise SourceError(
                f"there is no device '{path}' (video devices here: {there or 'none'}): "
                'is the camera plugged in?'
            )
        # Through its links, such as /dev/v4l/by-id/...: OpenCV wants the number.
        number = re.fullmatch(r'video(\d+)', path.resolve().name)
        if number is None:
            raise SourceError(f"'{path}' is no V4L2 device: wanted is one such as /dev/video0")
        if not os.access(path, os.R_OK | os.W_OK):
            raise SourceError(
                f"no permission to use '{path}': add the user to its group, usually with "
                '`sudo usermod -aG video $USER`, and log in again'
            )
        self._number = int(number[1])
        super().__init__(width, height)

    def __next__(self) -> Frame:
        frame = self._next()
        if frame is None:
            raise SourceError(f"'{self._path}' gives no more frames: has it been unplugged?")
        return frame

    def _connect(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._number, cv2.CAP_V4L2)
        # With more buffers than one the driver would hand out frames of the past.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        width, height = self._wanted_size
        if width and height:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        return capture

    def _why_not(self, opened: bool) -> str:
        what = 'gives no frame' if opened else 'does not open as a camera'
        return (
            f"'{self._path}' {what}: is another program using it? "
            '`v4l2-ctl --list-devices` tells which devices are cameras'
        )


def _to_rgb(bgr: NDArray[Any], width: int, height: int) -> Frame:
    """Return the image as RGB at the wanted size; 0 keeps the size, or the aspect ratio."""
    own_height, own_width = bgr.shape[:2]
    if width == 0:
        width = max(1, round(own_width * height / own_height)) if height else own_width
    if height == 0:
        height = max(1, round(own_height * width / own_width))
    return fit(cast(Frame, cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)), width, height)
