# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lifecycle node: camera images in, label images and per-class occupancy out."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from enet_model.errors import UserError
from enet_model.segmenter import Segmenter
from enet_ros import parameters
from enet_ros.camera_channel import CameraChannel, Engine
from enet_ros.free_space import resolve_roles
from enet_ros.stop_signal import StopSignal
from enet_ros.transforms import Transforms


class SegmentationNode(LifecycleNode):
    """Loads the model when configured, listens to the cameras while active."""

    def __init__(self) -> None:
        super().__init__('segmentation_node')
        parameters.declare(self)
        self._settings = parameters.read(self)
        self._engine: Engine | None = None
        self._channels: list[CameraChannel] = []
        self._active = False
        self._transforms = Transforms(self)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 1)
        # A steady clock: health is reported also when simulated time stands still.
        self.create_timer(1.0, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._use_parameters)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model and announce the topics."""
        settings = self._settings
        try:
            segmenter = Segmenter(settings.model or None, settings.device)
            self._engine = _engine(segmenter, settings)
            for name in settings.cameras or ('',):  # one by one: what was made can be released
                self._channels.append(CameraChannel(self, name, self._engine, self._transforms))
        except Exception as error:  # rclpy would swallow it and say nothing
            self.get_logger().error(f'cannot be configured: {error}')
            self._release()
            return TransitionCallbackReturn.FAILURE
        self.get_logger().info(
            f'{segmenter.path.name}: {segmenter.width}x{segmenter.height}, '
            f'{len(segmenter.spec.classes)} classes, runs on {segmenter.device}'
        )
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Listen to the cameras."""
        try:
            for channel in self._channels:
                channel.start()
        except Exception as error:  # rclpy would swallow it and say nothing
            self.get_logger().error(f'cannot be activated: {error}')
            for channel in self._channels:
                channel.stop()
            return TransitionCallbackReturn.FAILURE
        self._active = True
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the work; the model stays loaded."""
        self._active = False
        for channel in self._channels:
            channel.stop()
            channel.retract()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and take the topics back."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything, from whatever state."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Fall back to unconfigured."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Also stop listening to TF."""
        self._transforms.close()
        super().destroy_node()

    def _release(self) -> None:
        for channel in self._channels:
            channel.close()
        self._channels = []
        self._engine = None
        self._active = False
        self._transforms.close()

    def _check_parameters(self, changed: list[Parameter]) -> SetParametersResult:
        """Say whether new values can be used; an exception here would end the node."""
        try:
            settings = parameters.change(self._settings, changed)
            if self._engine is not None:
                _engine(self._engine.segmenter, settings)
        except (ValueError, TypeError) as error:
            return parameters.result(refusal=str(error))
        return parameters.result()

    def _use_parameters(self, changed: list[Parameter]) -> None:
        """Use values that everybody has agreed to."""
        self._settings = parameters.change(self._settings, changed)
        if self._engine is not None:
            self._engine = _engine(self._engine.segmenter, self._settings)
            for channel in self._channels:
                channel.use(self._engine)

    def _report(self) -> None:
        """Publish the state of every camera."""
        if self._engine is None:
            return
        segmenter, now = self._engine.segmenter, time.monotonic()
        for channel in self._channels:
            channel.retract(self._settings.stale_after)
        engine = {
            'provider': segmenter.device,
            'provider wanted': self._settings.device,
            'model': str(segmenter.path),
            'model sha256': segmenter.sha256,
        }
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        message.status = [
            channel.health.status(
                now, self._settings.stale_after, segmenter.device, engine, self._active
            )
            for channel in self._channels
        ]
        self._diagnostics.publish(message)


def _engine(segmenter: Segmenter, settings: parameters.Settings) -> Engine:
    """Put together what the cameras share; ValueError where a role names an unknown class."""
    roles = resolve_roles(
        {label_class.name: label_class.role for label_class in segmenter.spec.classes},
        traversable=settings.traversable,
        obstacle=settings.obstacle,
    )
    return Engine(segmenter, settings, roles)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until a signal comes; return the exit status."""
    stop = StopSignal()  # not rclpy's handlers, which tear down what is still in use
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = SegmentationNode()
    except (UserError, ParameterException, ValueError) as error:
        rclpy.logging.get_logger('segmentation_node').fatal(' '.join(str(error).split()))
        rclpy.shutdown()
        return 1
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        while not stop.is_set():
            executor.spin_once(timeout_sec=0.1)
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown()
    return 0


if __name__ == '__main__':
    sys.exit(main())
