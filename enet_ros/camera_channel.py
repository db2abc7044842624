# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The way of one camera's frames through the node: subscriptions, computation, publishers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle.publisher import LifecyclePublisher
from rclpy.publisher import Publisher
from rclpy.qos import (
    DurabilityPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from enet_model import overlay
from enet_model.label_sets import Role
from enet_model.segmenter import Segmenter
from enet_ros import camera_info, messages, occupancy
from enet_ros.compressed_images import decode_compressed
from enet_ros.diagnostics import Health
from enet_ros.image_fields import Frame, ImageError
from enet_ros.images import decode, fit
from enet_ros.masks import apply_threshold, resize_mask
from enet_ros.msg import ClassOccupancyArray
from enet_ros.parameters import Settings

# Newest frame only: the middleware's queue of one is the only queue, and what is older is dropped
# there, before Python has paid for it.
_INPUT = QoSProfile(depth=1, reliability=qos_profile_sensor_data.reliability)
_OUTPUT = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
_LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


@dataclass(frozen=True)
class Engine:
    """What all cameras of a node share; replaced as a whole when a setting changes."""

    segmenter: Segmenter
    settings: Settings
    roles: tuple[Role, ...]
    """Of the classes, by id."""


class CameraChannel:
    """One camera: ``<name>/image`` in, ``<name>/segmentation`` and its company out.

    Publishers live as long as the channel; subscriptions from :meth:`start` to :meth:`stop`.
    """

    def __init__(self, node: LifecycleNode, name: str, engine: Engine) -> None:
        self.engine = engine
        self.health = Health(f'{node.get_fully_qualified_name()}: {name or "camera"}')
        self._node = node
        self._prefix = f'{name}/' if name else ''
        self._calibration: CameraInfo | None = None
        self._labels = self._publisher(Image, 'segmentation')
        self._info = self._publisher(CameraInfo, 'segmentation/camera_info')
        self._confidence = self._publisher(Image, 'segmentation/confidence')
        self._overlay = self._publisher(Image, 'segmentation/overlay')
        self._occupancy = self._publisher(ClassOccupancyArray, 'segmentation/occupancy')
        self._per_frame = (
            self._labels,
            self._info,
            self._confidence,
            self._overlay,
            self._occupancy,
        )
        self._label_info = self._announce_labels()
        self._subscriptions: list[Any] = []

    def start(self) -> None:
        """Subscribe to the camera."""
        # A remap of 'image' holds for the compressed images beside it too, as in image_transport.
        topic = self._node.resolve_topic_name(f'{self._prefix}image')
        self._subscriptions = [
            self._subscription(CompressedImage, f'{topic}/compressed', decode_compressed)
            if self.engine.settings.transport == 'compressed'
            else self._subscription(Image, topic, decode),
            self._node.create_subscription(
                CameraInfo, f'{self._prefix}camera_info', self._on_camera_info, _INPUT
            ),
        ]

    def stop(self) -> None:
        """Stop listening; what is in work has been published."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def close(self) -> None:
        """Remove the publishers."""
        self.stop()
        for publisher in (*self._per_frame, self._label_info):
            if isinstance(publisher, LifecyclePublisher):
                self._node.destroy_lifecycle_publisher(publisher)
            elif publisher is not None:
                self._node.destroy_publisher(publisher)

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._calibration = message

    def _on_image(self, message: Any, decoder: Callable[[Any], Frame]) -> None:
        """Label a frame: the one error boundary, which no frame gets past."""
        start = time.monotonic()
        self.health.add_arrival(start)
        if not any(_wanted(publisher) for publisher in self._per_frame):
            self.health.unwanted += 1
            return
        try:
            self._process(message.header, decoder(message))
        except ImageError as error:
            self.health.add_refusal(error.reason, str(error))
            self._warn(f'frame refused: {error}')
        except Exception as error:  # whatever it is, the next frame may be a good one
            self.health.add_failure(f'{type(error).__name__}: {error}')
            self._warn(f'frame failed: {type(error).__name__}: {error}')
        else:
            age = self._node.get_clock().now() - Time.from_msg(message.header.stamp)
            now = time.monotonic()
            self.health.add_result(now, now - start, age.nanoseconds * 1e-9)

    def _process(self, header: Header, frame: Frame) -> None:
        segmenter, settings = self.engine.segmenter, self.engine.settings
        height, width = frame.shape[:2]
        result = segmenter.run(fit(frame, segmenter.width, segmenter.height))
        seen = apply_threshold(result.labels, result.confidence, settings.confidence_threshold)

        mask_size = mask_size_of(width, height, settings.mask_width)
        labels = resize_mask(seen, *mask_size)
        if _wanted(self._labels):
            self._labels.publish(messages.image(header, labels, 'mono8'))
        if _wanted(self._info) and self._calibration is not None:
            info = camera_info.scaled(self._calibration, *mask_size)
            info.header = header
            self._info.publish(info)
        if _wanted(self._confidence) or _wanted(self._occupancy):
            confidence = resize_mask(result.confidence, *mask_size)
            if _wanted(self._confidence):
                self._confidence.publish(messages.image(header, confidence, 'mono8'))
            if _wanted(self._occupancy):
                self._publish_occupancy(header, labels, confidence)
        if _wanted(self._overlay):
            colored = overlay.draw(
                frame,
                resize_mask(seen, width, height),
                segmenter.spec.colors,
                settings.overlay_opacity,
            )
            self._overlay.publish(messages.image(header, colored, 'rgb8'))

    def _publish_occupancy(self, header: Header, labels: Any, confidence: Any) -> None:
        engine = self.engine
        classes = engine.segmenter.spec.classes
        rows = min(engine.settings.occupancy_rows, labels.shape[0])
        cols = min(engine.settings.occupancy_cols, labels.shape[1])
        measured = occupancy.measure(labels, confidence, len(classes), rows, cols)
        nearest = [float('nan')] * len(classes)
        self._occupancy.publish(
            messages.occupancy(header, measured, classes, engine.roles, nearest)
        )

    def _announce_labels(self) -> Publisher | None:
        """Publish once, for whoever comes, what the values of the mask mean."""
        try:
            message = messages.label_info(
                Header(stamp=self._node.get_clock().now().to_msg()),
                self.engine.segmenter.spec,
                self.engine.settings.confidence_threshold,
            )
        except ImportError:
            self._node.get_logger().info(
                'vision_msgs is not installed: no segmentation/label_info '
                '(apt install ros-$ROS_DISTRO-vision-msgs)'
            )
            return None
        publisher = self._node.create_publisher(
            type(message), f'{self._prefix}segmentation/label_info', _LATCHED
        )
        publisher.publish(message)
        return publisher

    def _publisher(self, kind: Any, topic: str) -> LifecyclePublisher:
        return self._node.create_lifecycle_publisher(
            kind,
            f'{self._prefix}{topic}',
            _OUTPUT,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def _subscription(self, kind: Any, topic: str, decoder: Callable[[Any], Frame]) -> Any:
        return self._node.create_subscription(
            kind,
            topic,
            lambda message: self._on_image(message, decoder),
            _INPUT,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def _warn(self, text: str) -> None:
        self._node.get_logger().warning(f'{self.health.name}: {text}', throttle_duration_sec=5.0)


def mask_size_of(width: int, height: int, mask_width: int) -> tuple[int, int]:
    """Return width and height of the mask of a frame; a mask width of 0 is the frame's."""
    if mask_width == 0:
        return width, height
    return mask_width, max(round(height * mask_width / width), 1)


def _wanted(publisher: Publisher) -> bool:
    return bool(publisher.get_subscription_count())
