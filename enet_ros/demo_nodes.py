# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes of the demo, each in a process of its own, and what is heard of them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType

import numpy as np
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from nav_msgs.msg import OccupancyGrid
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from enet_model.errors import UserError
from enet_ros.demo_report import Album, Display, Progress
from enet_ros.images import decode
from enet_ros.msg import ClassOccupancyArray
from enet_ros.node_arguments import node_arguments
from enet_ros.occupancy_grid import Grid
from enet_ros.stop_signal import StopSignal

_SETTLING = 3.0  # s for the last results once the camera has ended
_ANSWER = 3.0  # s for the answer to a request, which can be lost
_DEPTH = 10  # messages of a topic that wait while this process is busy
_RELIABLE = QoSProfile(depth=_DEPTH)


class DemoError(UserError):
    """The demo cannot go on."""


class Demo:
    """The nodes of the demo, each a process of its own, and the watch over them.

    ``patience`` is the time for each thing to happen [s]. KeyboardInterrupt once ``stop`` is set.
    """

    def __init__(self, progress: Progress, album: Album, patience: float, stop: StopSignal) -> None:
        self._progress, self._album, self._patience = progress, album, patience
        self._stop = stop
        self._display = Display(sys.stdout)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Demo:
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        self._monitor = Monitor(self._progress, self._album)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._monitor)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._executor.shutdown()
        self._monitor.destroy_node()
        rclpy.shutdown()

    def start(self, node: str, parameters: Mapping[str, object], remaps: Mapping[str, str]) -> None:
        """Start a node of this package."""
        command = [sys.executable, '-m', f'enet_ros.{node}', '--ros-args']
        self._children[node] = subprocess.Popen([*command, *node_arguments(parameters, remaps)])

    def activate(self) -> None:
        """Configure and activate the segmentation node, as `ros2 lifecycle set` does."""
        ready = self._monitor.change_state.service_is_ready
        self._spin_until(ready, 'the segmentation node has not started')
        self._change_state(Transition.TRANSITION_CONFIGURE, State.PRIMARY_STATE_INACTIVE)
        self._change_state(Transition.TRANSITION_ACTIVATE, State.PRIMARY_STATE_ACTIVE)
        self._spin_until(self._monitor.hears_results, 'the results have not been announced')
        self._monitor.watch_camera()

    def watch(self) -> None:
        """Show the progress until all frames are labelled, or the camera has no more."""
        progress, camera = self._progress, self._children['camera_node']
        running, results, quiet_since = True, 0, time.monotonic()
        while self._monitor.complete_results < progress.wanted:
            self._spin_once()
            self._display.show(progress)
            if (running, results) != (camera.poll() is None, progress.frames_out):
                running, results = camera.poll() is None, progress.frames_out
                quiet_since = time.monotonic()
            quiet = time.monotonic() - quiet_since
            if not running and results and quiet > _SETTLING:
                break
            if quiet > self._patience:
                raise DemoError(
                    f'no result for {self._patience:g} s ({progress.summary()}): '
                    'see the messages above, or give it more time with --timeout'
                )
        self._display.show(progress, last=True)

    def _change_state(self, transition: int, goal: int) -> None:
        """Take the segmentation node to the state ``goal``.

        While two processes get to know each other, a request or its answer can be lost; and a node
        that is at work, loading its model, does not answer. Its state, once it comes, tells which.
        """
        verb = 'configured' if transition == Transition.TRANSITION_CONFIGURE else 'activated'
        request = ChangeState.Request(transition=Transition(id=transition))
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            answer = self._monitor.change_state.call_async(request)
            state = None
            while not self._spin_for(_ANSWER, answer, state) and time.monotonic() < end:
                state = self._monitor.get_state.call_async(GetState.Request())
            if answer.done() and not answer.result().success:
                raise DemoError(f'the segmentation node cannot be {verb}: see its message above')
            if answer.done() or (
                state and state.done() and state.result().current_state.id == goal
            ):
                return
        raise DemoError(
            f'the segmentation node has not been {verb} within {self._patience:g} s (--timeout)'
        )

    def _spin_for(self, duration: float, *answers: Future | None) -> bool:
        """Serve the monitor until there is one of the answers, or the time [s] is over: False."""
        end = time.monotonic() + duration
        while not any(answer.done() for answer in answers if answer):
            if time.monotonic() > end:
                return False
            self._spin_once()
        return True

    def _spin_until(self, done: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + self._patience
        while not done():
            if time.monotonic() > end:
                raise DemoError(f'{otherwise} within {self._patience:g} s (--timeout)')
            self._spin_once()

    def _spin_once(self) -> None:
        """Serve the monitor for a moment; DemoError where a process has ended that must not."""
        self._executor.spin_once(timeout_sec=0.1)
        if self._stop.is_set():  # first: Ctrl-C ends the other processes as well
            raise KeyboardInterrupt
        for name, child in self._children.items():
            status = child.poll()
            if status is not None and (status != 0 or name != 'camera_node'):
                raise DemoError(f'{name} has ended with status {status}: see its message above')


class Monitor(Node):
    """Listens to camera and results, and calls the segmentation node."""

    def __init__(self, progress: Progress, album: Album) -> None:
        super().__init__('demo')
        self._progress, self._album = progress, album
        self._occupancies = 0
        latched = QoSProfile(depth=_DEPTH, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        # The occupancy comes last, as it is published: with it a frame is complete.
        self._results = [
            self.create_subscription(kind, topic, callback, qos)
            for kind, topic, callback, qos in (
                (Image, 'segmentation', self._on_labels, _RELIABLE),
                (Image, 'segmentation/overlay', self._on_overlay, _RELIABLE),
                (OccupancyGrid, 'segmentation/grid', self._on_grid, latched),
                (ClassOccupancyArray, 'segmentation/occupancy', self._on_occupancy, _RELIABLE),
            )
        ]
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 5)
        self.change_state = self.create_client(ChangeState, 'segmentation_node/change_state')
        self.get_state = self.create_client(GetState, 'segmentation_node/get_state')

    def hears_results(self) -> bool:
        """Return whether the segmentation node is there to be heard."""
        return all(each.get_publisher_count() for each in self._results)

    def watch_camera(self) -> None:
        """Listen to the camera, too: it waits for that."""
        self.create_subscription(Image, 'camera/image_raw', self._on_image, _RELIABLE)

    @property
    def complete_results(self) -> int:
        """The number of frames of which labels, overlay and occupancy have come.

        Not every frame has a grid: none does before the first camera_info, or without ground.
        """
        return min(self._progress.frames_out, self._album.overlays, self._occupancies)

    def _on_image(self, image: Image) -> None:
        self._progress.frames_in += 1
        self._album.add_frame(_nanoseconds(image.header), decode(image))

    def _on_labels(self, labels: Image) -> None:
        age = self.get_clock().now().nanoseconds - _nanoseconds(labels.header)
        self._progress.add_result(time.monotonic(), age / 1e9)

    def _on_overlay(self, overlay: Image) -> None:
        self._album.add_overlay(_nanoseconds(overlay.header), decode(overlay))

    def _on_grid(self, message: OccupancyGrid) -> None:
        info = message.info
        cells = np.array(message.data, np.int8).reshape(info.height, info.width)
        origin = info.origin.position.x, info.origin.position.y
        self._album.add_grid(_nanoseconds(message.header), Grid(cells, origin, info.resolution))

    def _on_occupancy(self, occupancy: ClassOccupancyArray) -> None:
        shares = {each.class_name: each.image_fraction for each in occupancy.classes}
        self._progress.occupancy = shares
        self._occupancies += 1

    def _on_diagnostics(self, diagnostics: DiagnosticArray) -> None:
        for status in diagnostics.status:
            for value in status.values:
                if value.key == 'provider':
                    self._progress.provider = value.value


def _nanoseconds(header: Header) -> int:
    return header.stamp.sec * 10**9 + header.stamp.nanosec
