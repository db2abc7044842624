# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The way of one camera's frames through the node: subscriptions, computation, publishers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile, qos_policy_name_from_kind, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from enet_model.arrays import Scratch
from enet_model.resizing import fit
from enet_model.segmenter import Segmentation
from enet_ros import camera_info
from enet_ros.compressed_images import decode_compressed
from enet_ros.diagnostics import Health
from enet_ros.engine import Engine
from enet_ros.faults import FailureRun, SequenceWatch
from enet_ros.free_space import View
from enet_ros.ground_channel import GroundChannel
from enet_ros.ground_obstacles import nearest_distance
from enet_ros.image_fields import Frame, ImageError, check_size
from enet_ros.image_outputs import ImageOutputs, LabelledFrame
from enet_ros.images import decode
from enet_ros.label_announcement import LabelAnnouncement
from enet_ros.masks import apply_threshold
from enet_ros.outputs import OVERRIDABLE, Outputs
from enet_ros.ros_logging import WARNING_PERIOD
from enet_ros.stages import StageClock
from enet_ros.transforms import TransformError, Transforms

# Newest frame only: the middleware's queue of one is the only queue, and what is older is dropped
# there, before Python has paid for it.
_INPUT = QoSProfile(depth=1, reliability=qos_profile_sensor_data.reliability)


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
        self.stages = StageClock()
        self._decoded, self._halves, self._fitted = Scratch(), Scratch(), Scratch()
        self._node = node
        self._prefix = f'{name}/' if name else ''
        self._calibration: CameraInfo | None = None
        self._outputs = Outputs(node, self._prefix)
        self._images = ImageOutputs(self._outputs)
        self._ground = GroundChannel(self._outputs, transforms, node.get_logger().info)
        self._label_info = LabelAnnouncement(node, self._prefix)
        self._label_info.announce(engine)
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
            else (Image, topic, partial(decode, scratch=self._decoded))
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
        """Take back the grid and remove the publishers."""
        self.stop()
        self.retract()
        self._outputs.close()
        self._label_info.close()

    def use(self, engine: Engine) -> None:
        """Work with other settings from the next frame on."""
        self._engine = engine
        self._label_info.announce(engine)

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
        missed = sequence.missed(info.get('publication_sequence_number'))
        self.health.add_arrival(start, stamp, missed)
        if not self._is_wanted():
            self.health.unwanted += 1
            return
        try:
            self.stages.begin(stamp)
            frame = decoder(message)
            self.stages.lap('decode')
            self._process(message.header, frame)
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
            self.health.add_result(now, self.stages.seconds['inference'], now - start, age)

    def _is_wanted(self) -> bool:
        return self._images.wanted or self._ground.wanted

    def _process(self, header: Header, frame: Frame) -> None:
        """Label a frame and publish all that is wanted."""
        engine = self._engine
        height, width = frame.shape[:2]
        mask_size = mask_size_of(width, height, engine.settings.mask_width)
        fitted = self._fit(frame, engine.segmenter.width, engine.segmenter.height)
        self.stages.lap('resize')
        result = engine.segmenter.run(fitted)
        self.stages.lap('inference')
        threshold = engine.settings.confidence_threshold
        labels = apply_threshold(result.labels, result.confidence, threshold)
        seen = LabelledFrame(
            header,
            frame,
            Segmentation(labels, result.confidence),
            mask_size,
            self._calibration_of(width, height),
        )
        self._images.publish_labels(seen, self.stages)
        self._images.publish_company(seen, engine)
        view = self._look_at_ground(seen)
        if self._images.occupancy_wanted:
            unknown = [math.nan] * len(engine.roles)
            nearest = unknown if view is None else nearest_distance(view).tolist()
            self._images.publish_occupancy(seen, engine, nearest)
        self.stages.lap('other outputs')

    def _fit(self, frame: Frame, width: int, height: int) -> Frame:
        """Return the frame at the network's size; memory that it needs is kept for the next one."""
        if frame.shape[:2] == (height, width):
            return frame
        return fit(frame, width, height, self._fitted.shaped((height, width, 3)), self._halves)

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

    def _look_at_ground(self, seen: LabelledFrame) -> View | None:
        """Publish grid, scan and points; None where nobody asks or the ground cannot be placed."""
        engine, calibration = self._engine, seen.calibration
        asked = self._ground.wanted
        # Distances come with the occupancy where they can be had; nobody is bothered otherwise.
        if not asked and not (self._images.occupancy_wanted and calibration is not None):
            return None
        if calibration is None and self._calibration is not None:
            return None  # it was refused, and counted
        view = None
        try:
            view = self._ground.look(
                seen.header,
                seen.result.labels,
                seen.result.confidence,
                engine.roles,
                engine.settings,
                calibration,
            )
            self._ground.publish(seen.header, view, engine.settings)
        except (TransformError, ValueError) as error:
            if asked:
                self.health.add_unplaced(str(error))
                self._warn('ground not placed', type(error).__name__, str(error))
        return view  # also where the grid alone could not be placed

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


def mask_size_of(width: int, height: int, mask_width: int) -> tuple[int, int]:
    """Return width and height of the mask of a frame; a mask width of 0 is the frame's.

    ImageError where the mask would be huge: a frame of one column is high for its width.
    """
    if mask_width == 0:
        return width, height
    mask_height = max(round(height * mask_width / width), 1)
    check_size('mask', mask_width, mask_height)
    return mask_width, mask_height
