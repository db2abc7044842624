# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A video file, images, a V4L2 device or the synthetic street as a ROS 2 camera.

Publishes ``image_raw`` (rgb8), ``image_raw/compressed`` (JPEG) on request, and ``camera_info`` with
the same header. Its stamp is the time at which the source handed out the frame.
"""

from __future__ import annotations

import array
import math
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from enet_model.errors import UserError
from enet_ros import camera_info
from enet_ros.camera_info import CalibrationError
from enet_ros.frame_sources import FrameSource, SourceError, open_source
from enet_ros.image_fields import Frame
from enet_ros.messages import ImageBuffer
from enet_ros.node_start import start_node
from enet_ros.parameter_descriptor import describe
from enet_ros.ros_logging import one_line
from enet_ros.spinning import spin_on
from enet_ros.stop_signal import StopSignal
from enet_ros.usage import asked, usage

DEFAULT_FOV = np.pi / 3
"""Horizontal field of view where neither a parameter nor the source tells [rad]."""
REOPEN_PERIOD = 1.0
"""Time between two attempts to open a camera that was lost [s]."""

_RELIABLE_DEPTH = 10  # frames that are kept for subscribers that come or listen late
_POLLING_PERIOD = 0.05  # s between two looks for subscribers
_DISCOVERY = 0.5  # s after which a subscriber that is known here knows this camera too

# Name, default, description, and the range of a number.
_PARAMETERS: tuple[tuple[str, object, str, tuple[float, float] | None], ...] = (
    (
        'source',
        'synthetic',
        "'synthetic', a video file, an image, a folder of images, or a device such as /dev/video0",
        None,
    ),
    ('rate', 0.0, 'frames per second [Hz]; 0 is the rate of the source', (0.0, 1000.0)),
    ('width', 0, 'width of the images [pixels]; 0 is that of the source', (0, 16384)),
    ('height', 0, 'height of the images [pixels]; 0 is that of the source', (0, 16384)),
    (
        'loop',
        True,
        'begin again at the end of a video or of the images; otherwise the node ends there',
        None,
    ),
    ('frame_id', 'camera_optical_frame', 'optical frame of the camera (REP-103: z forward)', None),
    ('seed', 0, 'which synthetic street', (0, 2**31 - 1)),
    (
        'horizontal_fov',
        0.0,
        'horizontal field of view [rad]; 0 is that of the source, or pi/3',
        (0.0, 3.1),
    ),
    (
        'camera_info_url',
        '',
        'calibration file (YAML of camera_calibration) instead of a field of view',
        None,
    ),
    ('compressed', False, 'publish image_raw/compressed (JPEG) too', None),
    ('jpeg_quality', 90, 'quality of image_raw/compressed', (1, 100)),
    ('reliable', False, 'publish reliably instead of best effort (REP-2003)', None),
    (
        'wait_for_subscribers',
        0,
        'hold the first frame until image_raw, or its compressed form, has so many subscribers',
        (0, 100),
    ),
)


class CameraNode(Node):
    """Publishes the frames of a source; the parameters are read once, at the start."""

    def __init__(self) -> None:
        super().__init__('camera_node')
        for name, default, description, limits in _PARAMETERS:
            is_whole = isinstance(default, int)
            descriptor = describe(description, limits, is_whole=is_whole, read_only=True)
            self.declare_parameter(name, default, descriptor)
        url = self._value('camera_info_url')
        self._calibration = camera_info.from_file(url) if url else None
        self._image = ImageBuffer('rgb8')
        self._source = self._open()
        self._info = self._calibrate(*self._source.size)
        self._begins_at: float | None = None

        qos = (
            QoSProfile(depth=_RELIABLE_DEPTH, reliability=ReliabilityPolicy.RELIABLE)
            if self._value('reliable')
            else QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        )
        self._image_publisher = self.create_publisher(Image, 'image_raw', qos)
        self._info_publisher = self.create_publisher(CameraInfo, 'camera_info', qos)
        self._compressed_publisher = None
        if self._value('compressed'):
            self._compressed_publisher = self.create_publisher(
                CompressedImage, 'image_raw/compressed', qos
            )

    def run(self, stop: StopSignal | threading.Event) -> None:
        """Publish frames until the source ends or ``stop`` is set."""
        width, height = self._source.size
        self.get_logger().info(
            f"'{self._value('source')}' at {width}x{height}, "
            f'{self._value("rate") or self._source.rate:.3g} Hz'
        )
        published = 0
        for frame in self._frames(stop):
            self._publish(frame)
            published += 1
        self.get_logger().info(f'ended after {published} frames')

    def close(self) -> None:
        """Give back the source."""
        self._source.close()

    def _frames(self, stop: StopSignal | threading.Event) -> Iterator[Frame]:
        """Yield frames when they are due, and open a device that was lost again and again."""
        # A device that is not to be slowed down sets the pace itself.
        rate = self._value('rate') or (math.inf if self._source.live else self._source.rate)
        period = 1.0 / rate
        due = -math.inf
        while not stop.wait(0.0 if self._source.live else due - time.monotonic()):
            awaited = self._is_awaited()
            if not awaited and not self._source.live:
                due = time.monotonic() + _POLLING_PERIOD
                continue
            try:
                frame = next(self._source)
            except StopIteration:
                return
            except SourceError as error:
                if not self._source.live:
                    raise
                self._reopen(stop, error)
                continue
            now = time.monotonic()
            if self._source.live and not (awaited and now >= due - 0.5 / self._source.rate):
                continue  # a device is read all the same: it would hand out old frames later
            due = next_due(due, now, period)
            yield frame

    def _reopen(self, stop: StopSignal | threading.Event, lost: SourceError) -> None:
        """Open the source until it is back, or ``stop`` is set."""
        self.get_logger().error(f'{lost} Trying again every {REOPEN_PERIOD:g} s.')
        self._source.close()
        while not stop.wait(REOPEN_PERIOD):
            try:
                self._source = self._open()
            except SourceError:
                continue
            self.get_logger().info('the camera is back')
            return

    def _open(self) -> FrameSource:
        return open_source(
            self._value('source'),
            self._value('width'),
            self._value('height'),
            self._value('seed'),
            self._value('loop'),
        )

    def _publish(self, frame: Frame) -> None:
        header = Header(stamp=self.get_clock().now().to_msg(), frame_id=self._value('frame_id'))
        height, width = frame.shape[:2]
        if (self._info.width, self._info.height) != (width, height):
            self._info = self._calibrate(width, height)
        self._info.header = header
        self._info_publisher.publish(self._info)
        if self._image_publisher.get_subscription_count():
            self._image.pixels(frame.shape)[:] = frame
            self._image_publisher.publish(self._image.message(header))
        if self._compressed_publisher and self._compressed_publisher.get_subscription_count():
            self._compressed_publisher.publish(self._compress(frame, header))

    def _compress(self, frame: Frame, header: Header) -> CompressedImage:
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._value('jpeg_quality')]
        _, jpeg = cv2.imencode('.jpg', cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), quality)
        data = array.array('B')
        data.frombytes(jpeg.data)
        # The format as image_transport's compressed publisher writes it for rgb8.
        return CompressedImage(header=header, format='rgb8; jpeg compressed bgr8', data=data)

    def _calibrate(self, width: int, height: int) -> CameraInfo:
        """Return the calibration of images of this size; CalibrationError where it is of others."""
        calibration = self._calibration
        if calibration is None:
            fov = self._value('horizontal_fov') or self._source.horizontal_fov or DEFAULT_FOV
            return camera_info.from_field_of_view(width, height, fov)
        is_stretched = self._value('width') and self._value('height')  # and may have any shape
        if not is_stretched and not camera_info.fits(calibration, width, height):
            raise CalibrationError(
                f"calibration '{self._value('camera_info_url')}' is of {calibration.width}x"
                f'{calibration.height} pixels and the images have {width}x{height}; wanted one of '
                'the same shape: calibrate the camera as it is used'
            )
        return camera_info.scaled(calibration, width, height)

    def _is_awaited(self) -> bool:
        """Return whether there are, or have been, as many subscribers as are to be waited for."""
        now, wanted = time.monotonic(), self._value('wait_for_subscribers')
        if self._begins_at is None:
            publishers = (self._image_publisher, self._compressed_publisher)
            if sum(each.get_subscription_count() for each in publishers if each) >= wanted:
                self._begins_at = now + (_DISCOVERY if wanted else 0.0)
        return self._begins_at is not None and now >= self._begins_at

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value


def next_due(due: float, now: float, period: float) -> float:
    """Return when the frame after the one of ``now`` is due, which was due at ``due`` [s].

    Frames that have been missed by then are not made up for: they would arrive in a bunch.
    """
    return due + period if due + period > now else now + period


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until its source ends or a signal comes; return the exit status."""
    if asked(args):
        rows = ((name, default, text) for name, default, text, _ in _PARAMETERS)
        print(usage('camera_node', 'Publishes frames as a camera: image_raw, camera_info.', rows))
        return 0
    stop = StopSignal()
    node = start_node(CameraNode, 'camera_node', args)
    if node is None:
        return 1
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    spinner = threading.Thread(target=spin_on, args=(executor, node.get_logger()), name='spinner')
    spinner.start()
    try:
        node.run(stop)
    except UserError as error:
        node.get_logger().fatal(one_line(error))
        return 1
    finally:
        executor.shutdown()
        spinner.join()
        node.close()
        node.destroy_node()
        rclpy.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
