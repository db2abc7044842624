# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The way of one camera's frames through the node: subscriptions, computation, publishers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile, qos_policy_name_from_kind, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from enet_model import overlay
from enet_model.label_sets import Role
from enet_model.resizing import fit, resize_mask
from enet_model.segmenter import Segmentation, Segmenter
from enet_ros import camera_info, messages, occupancy
from enet_ros.compressed_images import decode_compressed
from enet_ros.diagnostics import Health
from enet_ros.faults import FailureRun, SequenceWatch
from enet_ros.free_space import View
from enet_ros.ground_channel import GroundChannel
from enet_ros.ground_obstacles import nearest_distance
from enet_ros.image_fields import Frame, ImageError, check_size
from enet_ros.images import decode
from enet_ros.masks import apply_threshold
from enet_ros.msg import ClassOccupancyArray
from enet_ros.outputs import LATCHED, OVERRIDABLE, Outputs, wanted
from enet_ros.parameters import Settings
from enet_ros.transforms import TransformError, Transforms

# Newest frame only: the middleware's queue of one is the only queue, and what is older is dropped
# there, before Python has paid for it.
_INPUT = QoSProfile(depth=1, reliability=qos_profile_sensor_data.reliability)


WARNING_PERIOD = 5.0
"""Time between two warnings of one kind [s]."""


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

    def __init__(
        self,
        node: LifecycleNode,
        name: str,
        engine: Engine,
        transforms: Transforms,
        failures: FailureRun,
    ) -> None:
        self.health = Health(f'{node.get_fully_qualified_name()}: {name or "camera"}')
        self._engine = engine
        self._failures = failures
        self._node = node
        self._prefix = f'{name}/' if name else ''
        self._calibration: CameraInfo | None = None
        self._outputs = Outputs(node, self._prefix)
        create = self._outputs.create
        self._labels = create(Image, 'segmentation')
        self._info = create(CameraInfo, 'segmentation/camera_info')
        self._confidence = create(Image, 'segmentation/confidence')
        self._overlay = create(Image, 'segmentation/overlay')
        self._occupancy = create(ClassOccupancyArray, 'segmentation/occupancy')
        self._ground = GroundChannel(self._outputs, transforms, node.get_logger().info)
        self._label_info: Publisher | None = None
        self._announce_labels()
        self._subscriptions: list[Any] = []
        self._warned: dict[tuple[str, str], float] = {}

    def start(self) -> None:
        """Subscribe to the camera."""
        # The calibration first, so that the first image has it. A remap of 'image' holds for the
        # compressed images beside it too, as in image_transport.
        topic = self._node.resolve_topic_name(f'{self._prefix}image')
        sequence = SequenceWatch()
        kind, topic, decoder = (
            (CompressedImage, f'{topic}/compressed', decode_compressed)
            if self._engine.settings.transport == 'compressed'
            else (Image, topic, decode)
        )
        self._subscriptions = [
            self._subscription(CameraInfo, f'{self._prefix}camera_info', self._on_camera_info),
            self._subscription(
                kind, topic, partial(self._on_image, decoder=decoder, sequence=sequence)
            ),
        ]

    def stop(self) -> None:
        """Stop listening; what is in work has been published."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def retract(self, age: float = 0.0) -> None:
        """Take back a grid older than ``age`` [s]: the ground is not looked at any more."""
        self._ground.retract(age)

    def close(self) -> None:
        """Remove the publishers."""
        self.stop()
        self._outputs.close()
        if self._label_info is not None:
            self._node.destroy_publisher(self._label_info)
            self._label_info = None

    def use(self, engine: Engine) -> None:
        """Work with other settings from the next frame on."""
        announced = _announced(self._engine)
        self._engine = engine
        if _announced(engine) != announced:
            self._announce_labels()

    def _on_camera_info(self, message: CameraInfo) -> None:
        self._calibration = message

    def _on_image(
        self,
        message: Any,
        info: Mapping[str, Any],
        *,
        decoder: Callable[[Any], Frame],
        sequence: SequenceWatch,
    ) -> None:
        """Label a frame: the one error boundary, which no frame gets past."""
        start = time.monotonic()
        # A stamp may be any numbers: rclpy's Time refuses some.
        stamp = message.header.stamp.sec + message.header.stamp.nanosec * 1e-9
        missed = sequence.missed(info['publication_sequence_number'])
        self.health.add_arrival(start, stamp, missed)
        if not self._is_wanted():
            self.health.unwanted += 1
            return
        try:
            inference = self._process(message.header, decoder(message))
        except ImageError as error:
            self.health.add_refusal(error.reason, str(error))
            self._warn('frame refused', error.reason, str(error))
        except Exception as error:  # whatever it is, the next frame may be a good one
            self._failures.add()
            self.health.add_failure(f'{type(error).__name__}: {error}')
            self._warn('frame failed', type(error).__name__, str(error))
        else:
            self._failures.end()
            age = self._node.get_clock().now().nanoseconds * 1e-9 - stamp
            now = time.monotonic()
            self.health.add_result(now, inference, now - start, age)

    def _is_wanted(self) -> bool:
        images = (self._labels, self._info, self._confidence, self._overlay, self._occupancy)
        return any(wanted(publisher) for publisher in images) or self._ground.wanted

    def _process(self, header: Header, frame: Frame) -> float:
        """Label a frame and publish all that is wanted; return the time of the network [s]."""
        segmenter, settings = self._engine.segmenter, self._engine.settings
        height, width = frame.shape[:2]
        fitted = fit(frame, segmenter.width, segmenter.height)
        start = time.monotonic()
        result = segmenter.run(fitted)
        inference = time.monotonic() - start
        labels = apply_threshold(result.labels, result.confidence, settings.confidence_threshold)
        result = Segmentation(labels, result.confidence)
        calibration = self._calibration_of(width, height)
        size = mask_size_of(width, height, settings.mask_width)
        mask = self._publish_masks(header, result, size, calibration)
        if wanted(self._overlay):
            colored = overlay.draw(
                frame,
                resize_mask(labels, width, height),
                segmenter.spec.colors,
                settings.overlay_opacity,
            )
            self._overlay.publish(messages.image(header, colored, 'rgb8'))
        view = self._look_at_ground(header, result, calibration)
        if wanted(self._occupancy):
            self._publish_occupancy(header, mask, view)
        return inference

    def _publish_masks(
        self,
        header: Header,
        result: Segmentation,
        size: tuple[int, int],
        calibration: CameraInfo | None,
    ) -> Segmentation:
        """Publish labels and confidence, and return them, at the size of the mask."""
        mask = Segmentation(*(resize_mask(m, *size) for m in (result.labels, result.confidence)))
        if wanted(self._labels):
            self._labels.publish(messages.image(header, mask.labels, 'mono8'))
        if wanted(self._confidence):
            self._confidence.publish(messages.image(header, mask.confidence, 'mono8'))
        if wanted(self._info) and calibration is not None:
            info = camera_info.scaled(calibration, *size)
            info.header = header
            self._info.publish(info)
        return mask

    def _calibration_of(self, width: int, height: int) -> CameraInfo | None:
        """Return the calibration, unless it is that of an image of another shape."""
        info = self._calibration
        if info is None or camera_info.fits(info, width, height):
            return info
        text = (
            f'camera_info of {info.width}x{info.height} came with an image of {width}x{height}; '
            'wanted one of the same shape: no ground and no camera_info of the mask'
        )
        self.health.add_unplaced(text)
        self._warn('calibration refused', 'shape', text)
        return None

    def _look_at_ground(
        self, header: Header, result: Segmentation, calibration: CameraInfo | None
    ) -> View | None:
        """Publish grid, scan and points; None where nobody asks or the ground cannot be placed."""
        engine = self._engine
        asked = self._ground.wanted
        # Distances come with the occupancy where they can be had; nobody is bothered otherwise.
        if not asked and not (wanted(self._occupancy) and calibration is not None):
            return None
        if calibration is None and self._calibration is not None:
            return None  # it was refused, and counted
        try:
            view = self._ground.look(
                header,
                result.labels,
                result.confidence,
                engine.roles,
                engine.settings,
                calibration,
            )
            self._ground.publish(header, view, engine.settings)
        except (TransformError, ValueError) as error:
            if asked:
                self.health.add_unplaced(str(error))
                self._warn('ground not placed', type(error).__name__, str(error))
            return None
        return view

    def _publish_occupancy(self, header: Header, mask: Segmentation, view: View | None) -> None:
        engine = self._engine
        classes = engine.segmenter.spec.classes
        # Measured on the mask as it is published: the shares are those that a subscriber counts.
        rows = min(engine.settings.occupancy_rows, mask.labels.shape[0])
        cols = min(engine.settings.occupancy_cols, mask.labels.shape[1])
        measured = occupancy.measure(mask.labels, mask.confidence, len(classes), rows, cols)
        nearest: NDArray[np.float32] = np.full(len(classes), np.nan, np.float32)
        if view is not None:
            nearest = nearest_distance(view)
        self._occupancy.publish(
            messages.occupancy(header, measured, classes, engine.roles, nearest.tolist())
        )

    def _announce_labels(self) -> None:
        """Publish once, for whoever comes, what the values of the mask mean."""
        header = Header(stamp=self._node.get_clock().now().to_msg())
        engine = self._engine
        try:
            message = messages.label_info(
                header, engine.segmenter.spec, engine.settings.confidence_threshold
            )
        except ImportError:
            self._node.get_logger().info(
                'vision_msgs is not installed: no segmentation/label_info '
                '(apt install ros-$ROS_DISTRO-vision-msgs)'
            )
            return
        # Not a lifecycle publisher: the classes are known from configuring on.
        if self._label_info is None:
            self._label_info = self._node.create_publisher(
                type(message),
                f'{self._prefix}segmentation/label_info',
                copy(LATCHED),
                qos_overriding_options=OVERRIDABLE,
            )
        self._label_info.publish(message)

    def _subscription(self, kind: Any, topic: str, callback: Callable[[Any], None]) -> Any:
        return self._node.create_subscription(
            kind,
            topic,
            callback,
            copy(_INPUT),
            qos_overriding_options=OVERRIDABLE,
            event_callbacks=SubscriptionEventCallbacks(
                incompatible_qos=partial(self._on_incompatible_qos, topic)
            ),
        )

    def _on_incompatible_qos(self, topic: str, event: Any) -> None:
        """Say why a publisher is not heard."""
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        self.health.mismatch = f'{policy} on {topic}'
        self._warn(
            'publisher not heard',
            topic,
            f'a publisher of {topic} offers another {policy} than is asked for; change it there, '
            f'or here with qos_overrides',
        )

    def _warn(self, what: str, reason: str, text: str) -> None:
        # rclpy's throttle counts by line of code: it would let one reason silence all others.
        now = time.monotonic()
        if now - self._warned.get((what, reason), -WARNING_PERIOD) >= WARNING_PERIOD:
            self._warned[what, reason] = now
            self._node.get_logger().warning(f'{self.health.name}: {what}: {text}')


def _announced(engine: Engine) -> tuple[Any, ...]:
    """Return what label_info is made of."""
    return engine.segmenter.spec.names, engine.settings.confidence_threshold


def mask_size_of(width: int, height: int, mask_width: int) -> tuple[int, int]:
    """Return width and height of the mask of a frame; a mask width of 0 is the frame's.

    ImageError where the mask would be huge: a frame of one column is high for its width.
    """
    if mask_width == 0:
        return width, height
    mask_height = max(round(height * mask_width / width), 1)
    check_size('mask', mask_width, mask_height)
    return mask_width, mask_height
