# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lifecycle node: camera images in, label images and per-class occupancy out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool, Trigger

from enet_model.segmenter import Segmenter
from enet_ros import parameters
from enet_ros.camera_channel import CameraChannel
from enet_ros.engine import Engine
from enet_ros.faults import MAX_FAILURES, ClockWatch, FailureRun
from enet_ros.free_space import resolve_roles
from enet_ros.node_start import start_node
from enet_ros.ros_logging import RosLogHandler, one_line
from enet_ros.spinning import tell_failure
from enet_ros.stop_signal import StopSignal
from enet_ros.transforms import Transforms

_REPORT_PERIOD = 1.0  # s
_WATCH_PERIOD = 0.2  # s
_SUCCESS = TransitionCallbackReturn.SUCCESS


class SegmentationNode(LifecycleNode):
    """Loads the model when configured, listens to the cameras while active."""

    def __init__(self) -> None:
        super().__init__('segmentation_node')
        # What destroy_node takes down comes first: Kilted calls it after a refused parameter.
        self._engine: Engine | None = None
        self._channels: list[CameraChannel] = []
        self._log_handler = RosLogHandler(self.get_logger())
        self._transforms = Transforms(self)
        parameters.declare(self)
        self.settings = parameters.read(self)
        self.failures = FailureRun()
        self._active = False
        self._enabled = True
        self._stale: list[bool] = []
        self._clock_watch = ClockWatch()
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 1)
        # A steady clock: health is reported also when simulated time stands still.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_REPORT_PERIOD, self._report, clock=steady)
        self.create_timer(_WATCH_PERIOD, self._watch, clock=steady)
        self.create_service(SetBool, '~/enable', self._enable)
        self.create_service(Trigger, '~/reload_model', self._reload_model)
        self.add_on_set_parameters_callback(self._check_parameters)
        self.add_post_set_parameters_callback(self._use_parameters)

    def start(self) -> bool:
        """Configure and activate without a manager; tell whether both worked."""
        return self.trigger_configure() == _SUCCESS and self.trigger_activate() == _SUCCESS

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model and announce the topics."""
        return self._attempt('configured', self._configure, self._release)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Listen to the cameras."""
        done = self._attempt('activated', lambda: self._listen(True), lambda: self._listen(False))
        return super().on_activate(state) if done == _SUCCESS else done

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the work; the model stays loaded."""
        done = self._attempt('deactivated', lambda: self._listen(False))
        return super().on_deactivate(state) if done == _SUCCESS else done

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model and take the topics back."""
        return self._attempt('cleaned up', self._release)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything, from whatever state."""
        return self._attempt('shut down', self._release)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Fall back to unconfigured."""
        return self._attempt('brought back from an error', self._release)

    def destroy_node(self) -> None:
        """Also take back what is latched, free the model and stop listening to TF."""
        self._attempt('taken down', self._release)
        self._log_handler.close()
        super().destroy_node()

    def _attempt(
        self, what: str, action: Callable[[], None], undo: Callable[[], None] | None = None
    ) -> TransitionCallbackReturn:
        """Do a transition; rclpy would swallow what it raises and say nothing."""
        try:
            action()
        except Exception as error:
            self.get_logger().error(f'cannot be {what}: {one_line(error)}')
            if undo is not None:
                undo()
            return TransitionCallbackReturn.FAILURE
        return _SUCCESS

    def _configure(self) -> None:
        settings = self.settings
        segmenter = _segmenter(settings)
        self._engine = _engine(segmenter, settings)
        for name in settings.cameras or ('',):  # one by one: what was made can be released
            self._channels.append(
                CameraChannel(self, name, self._engine, self._transforms, self.failures)
            )
        self.get_logger().info(
            f'{segmenter.path.name}: {segmenter.width}x{segmenter.height}, '
            f'{len(segmenter.spec.classes)} classes, runs on {segmenter.device}'
        )

    def _listen(self, active: bool) -> None:
        """Listen to the cameras or not, as state and ``~/enable`` have it."""
        self._active = active
        for channel in self._channels:
            channel.stop()
            if active and self._enabled:
                channel.start()
            else:
                channel.retract()

    def _release(self) -> None:
        for channel in self._channels:
            channel.close()
        self._channels = []
        self._engine = None
        self._active = False
        self._transforms.close()

    def _enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        """Rest or work, the model loaded and the state of the lifecycle unchanged."""
        self._enabled = request.data
        state = 'enabled' if self._enabled else 'disabled'
        response.success = self._attempt(state, lambda: self._listen(self._active)) == _SUCCESS
        if not response.success:
            response.message = f'cannot be {state}: see the log of the node'
        else:
            response.message = state if self._active else f'{state}; the node is not active'
        return response

    def _reload_model(self, request: Any, response: Trigger.Response) -> Trigger.Response:
        """Read the model file again; the old model stays where the new one is bad."""
        if self._engine is None:
            response.message = 'the node is not configured: no model is loaded'
            return response
        try:
            segmenter = _segmenter(self.settings)
            self._use(_engine(segmenter, self.settings))
        except Exception as error:
            response.message = f'the old model stays: {one_line(error)}'
            self.get_logger().error(response.message)
            return response
        response.success = True
        response.message = f'{segmenter.path} {segmenter.sha256} runs on {segmenter.device}'
        self.get_logger().info(response.message)
        return response

    def _check_parameters(self, changed: list[Parameter]) -> SetParametersResult:
        """Say whether new values can be used; an exception here would end the node."""
        try:
            settings = parameters.change(self.settings, changed)
            if self._engine is not None:
                _engine(self._engine.segmenter, settings)
        except Exception as error:
            return parameters.result(refusal=one_line(error))
        return parameters.result()

    def _use_parameters(self, changed: list[Parameter]) -> None:
        """Use values that everybody has agreed to; an exception here would end the node as well."""
        try:
            self.settings = parameters.change(self.settings, changed)
            if self._engine is not None:
                self._use(_engine(self._engine.segmenter, self.settings))
        except Exception as error:
            self.get_logger().error(f'parameters were not taken: {one_line(error)}')

    def _use(self, engine: Engine) -> None:
        self._engine = engine
        for channel in self._channels:
            channel.use(engine)

    def _watch(self) -> None:
        """Report between two reports where a camera is lost or back."""
        now, stale_after = time.monotonic(), self.settings.stale_after
        stale = [channel.health.is_stale(now, stale_after) for channel in self._channels]
        if stale != self._stale:
            self._stale = stale
            self._report()

    def _report(self) -> None:
        """Publish the state of every camera."""
        now, clock = time.monotonic(), self.get_clock()
        jump = self._clock_watch.jump(
            clock.now().nanoseconds * 1e-9, now, is_simulated=clock.ros_time_is_active
        )
        if jump:
            self.get_logger().warning(f'the clock jumped by {jump:+.1f} s')
        if self._engine is None:
            return
        segmenter, settings = self._engine.segmenter, self.settings
        for channel in self._channels:
            channel.retract(settings.stale_after)
            if jump:
                channel.health.add_clock_jump(now, jump)
        engine = {
            'provider': segmenter.device,
            'provider wanted': settings.device,
            'model': str(segmenter.path),
            'model sha256': segmenter.sha256,
        }
        resting = 'inactive' if not self._active else '' if self._enabled else 'disabled'
        message = DiagnosticArray()
        message.header.stamp = clock.now().to_msg()
        message.status = [
            channel.health.status(
                now, settings.stale_after, segmenter.device, engine, resting, segmenter.fault
            )
            for channel in self._channels
        ]
        self._diagnostics.publish(message)


def _segmenter(settings: parameters.Settings) -> Segmenter:
    return Segmenter(
        settings.model or None,
        settings.device,
        sha256=settings.model_sha256,
        engine_cache=settings.engine_cache or None,
    )


def _engine(segmenter: Segmenter, settings: parameters.Settings) -> Engine:
    """Put together what the cameras share; ValueError where a role names an unknown class."""
    roles = resolve_roles(
        {label_class.name: label_class.role for label_class in segmenter.spec.classes},
        traversable=settings.traversable,
        obstacle=settings.obstacle,
    )
    return Engine(segmenter, settings, roles)


def run(stop: StopSignal, args: Sequence[str] | None = None) -> int:
    """Run the node until a signal comes; return the exit status.

    It is 1 where the node cannot start, and after :data:`MAX_FAILURES` failures in a row: launch or
    systemd start it again.
    """
    node = start_node(SegmentationNode, 'segmentation_node', args)
    if node is None:
        return 1
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        if node.settings.build_only:
            return 0 if node.trigger_configure() == _SUCCESS else 1
        if not node.settings.autostart:
            node.get_logger().info(
                'waits for a lifecycle manager (or ros2 lifecycle set '
                f'{node.get_fully_qualified_name()} configure, then activate); with the parameter '
                'autostart it needs none'
            )
        elif not node.start():
            return 1
        return _spin(node, executor, stop)
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown()


def _spin(node: SegmentationNode, executor: SingleThreadedExecutor, stop: StopSignal) -> int:
    while not stop.is_set() and rclpy.ok():
        try:
            executor.spin_once(timeout_sec=0.1)
        except Exception as error:
            tell_failure(node.get_logger(), error)
        if node.failures.is_too_long:
            node.get_logger().fatal(f'{MAX_FAILURES} failures in a row: the process ends')
            return 1
    return 0
