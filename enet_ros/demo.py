# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The demo where there is no ros2 launch: a camera, the segmentation node, and what they do.

Shows a table while it runs, writes the overlays and a contact sheet into a folder, and ends by
itself. `ros2 launch enet_ros demo.launch.py` shows the same in RViz.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import rclpy
from ament_index_python.packages import get_package_share_directory
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

from enet_model.errors import UserError
from enet_model.segmenter import BUNDLED_MODEL, DEVICES, Segmenter
from enet_ros.demo_report import Album, Display, Progress
from enet_ros.frame_sources import images_in
from enet_ros.images import decode
from enet_ros.msg import ClassOccupancyArray

FOLDER_RATE = 5.0
"""Images of a folder per second [Hz]: slow enough for a small computer to label every one."""

_SETTLING = 3.0  # s for the last results once the camera has ended


class DemoError(UserError):
    """The demo cannot go on."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit status: 1 with one line on stderr where it fails."""
    options = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _prepare_environment()
    try:
        run(options)
    except (UserError, OSError) as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('demo: interrupted', file=sys.stderr)
    return 0


def run(options: argparse.Namespace) -> None:
    """Show the segmentation of ``options.frames`` frames, or of those that there are."""
    spec = Segmenter(options.model, device='cpu', threads=1).spec
    wanted, rate = options.frames, options.rate
    folder = Path(options.source).expanduser()
    if folder.is_dir():
        wanted = max(1, min(wanted, len(images_in(folder))))
        rate = rate or FOLDER_RATE
    progress, album = Progress(wanted), Album(options.output, wanted)
    try:
        with Demo(progress, album, options.timeout) as demo:
            demo.start(
                'segmentation_node',
                *('-r', 'image:=camera/image_raw', '-r', 'camera_info:=camera/camera_info'),
                *('-p', f'model:={json.dumps(str(options.model))}'),
                *('-p', f'device:={options.device}'),
            )
            demo.start(
                'camera_node',
                *('-r', '__ns:=/camera', '-p', f'source:={json.dumps(options.source)}'),
                *('-p', f'rate:={rate:f}', '-p', 'loop:=false'),
                # It begins when this process and the segmentation node, once active, listen.
                *('-p', 'wait_for_subscribers:=2'),
            )
            demo.activate()
            demo.watch()
    finally:
        sheet = album.finish(spec.names, spec.colors)
    print(f'{progress.frames_out} frames labelled: see {sheet or options.output}')


class Demo:
    """The nodes of the demo, each a process of its own, and the watch over them.

    ``patience`` is the time for each thing to happen [s].
    """

    def __init__(self, progress: Progress, album: Album, patience: float) -> None:
        self._progress, self._album, self._patience = progress, album, patience
        self._display = Display(sys.stdout)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Demo:
        # Ctrl-C stays Python's own: it ends what is going on here, and then __exit__ tidies up.
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
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C would leave orphans
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

    def start(self, node: str, *arguments: str) -> None:
        """Start a node of this package with ROS arguments."""
        command = [sys.executable, '-m', f'enet_ros.{node}', '--ros-args', *arguments]
        self._children[node] = subprocess.Popen(command)

    def activate(self) -> None:
        """Configure and activate the segmentation node, as `ros2 lifecycle set` does."""
        client = self._monitor.change_state
        self._spin_until(client.service_is_ready, 'the segmentation node has not started')
        for transition, state in (
            (Transition.TRANSITION_CONFIGURE, 'configured'),
            (Transition.TRANSITION_ACTIVATE, 'activated'),
        ):
            request = ChangeState.Request(transition=Transition(id=transition))
            answer = client.call_async(request)
            self._spin_until(answer.done, f'the segmentation node has not been {state}')
            if not answer.result().success:
                raise DemoError(f'the segmentation node cannot be {state}: see its message above')
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

    def _spin_until(self, done: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + self._patience
        while not done():
            if time.monotonic() > end:
                raise DemoError(f'{otherwise} within {self._patience:g} s (--timeout)')
            self._spin_once()

    def _spin_once(self) -> None:
        """Serve the monitor for a moment; DemoError where a process has ended that must not."""
        self._executor.spin_once(timeout_sec=0.1)
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
        self._results = [
            self.create_subscription(kind, topic, callback, QoSProfile(depth=5))
            for kind, topic, callback in (
                (Image, 'segmentation', self._on_labels),
                (Image, 'segmentation/overlay', self._on_overlay),
                (ClassOccupancyArray, 'segmentation/occupancy', self._on_occupancy),
            )
        ]
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 5)
        self.change_state = self.create_client(ChangeState, 'segmentation_node/change_state')

    def hears_results(self) -> bool:
        """Return whether the segmentation node is there to be heard."""
        return all(each.get_publisher_count() for each in self._results)

    def watch_camera(self) -> None:
        """Listen to the camera, too: it waits for that."""
        best_effort = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
        self.create_subscription(Image, 'camera/image_raw', self._on_image, best_effort)

    @property
    def complete_results(self) -> int:
        """The number of frames of which labels, overlay and occupancy have come."""
        return min(self._progress.frames_out, self._album.overlays, self._occupancies)

    def _on_image(self, image: Image) -> None:
        self._progress.frames_in += 1
        self._album.add_frame(_nanoseconds(image), decode(image))

    def _on_labels(self, labels: Image) -> None:
        age = self.get_clock().now().nanoseconds - _nanoseconds(labels)
        self._progress.add_result(time.monotonic(), age / 1e9)

    def _on_overlay(self, overlay: Image) -> None:
        self._album.add_overlay(_nanoseconds(overlay), decode(overlay))

    def _on_occupancy(self, occupancy: ClassOccupancyArray) -> None:
        shares = {each.class_name: each.image_fraction for each in occupancy.classes}
        self._progress.occupancy = shares
        self._occupancies += 1

    def _on_diagnostics(self, diagnostics: DiagnosticArray) -> None:
        for status in diagnostics.status:
            for value in status.values:
                if value.key == 'provider':
                    self._progress.provider = value.value


def _nanoseconds(message: Image) -> int:
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


def _prepare_environment() -> None:
    """Keep the demo to itself, and give its images room in shared memory, unless told otherwise."""
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    os.environ.setdefault('ROS_DOMAIN_ID', str(os.getpid() % 100 + 1))
    profile = Path(__file__).resolve().parents[1] / 'config' / 'fastdds.xml'
    if not profile.is_file():  # installed: lib/python3.x/site-packages/enet_ros is far from share
        profile = Path(get_package_share_directory('enet_ros')) / 'config' / 'fastdds.xml'
    os.environ.setdefault('FASTRTPS_DEFAULT_PROFILES_FILE', str(profile))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m enet_ros.demo',
        description='Label the frames of a camera, show what is seen, and write the overlays.',
    )
    parser.add_argument(
        '--source',
        default='synthetic',
        help='a video file, an image, a folder of images, a device such as /dev/video0, or '
        'synthetic, a drawn street (default)',
    )
    parser.add_argument(
        '--frames', type=_positive(int), default=100, help='end after so many (default: 100)'
    )
    parser.add_argument(
        '--output',
        type=Path,
        default=Path('demo_output'),
        help='folder of the overlays and the contact sheet (default: demo_output)',
    )
    parser.add_argument(
        '--model', type=Path, default=BUNDLED_MODEL, help='model file (default: the bundled one)'
    )
    parser.add_argument(
        '--device', choices=DEVICES, default='auto', help='what it runs on (default: auto)'
    )
    parser.add_argument(
        '--rate',
        type=_positive(float),
        default=0.0,
        help=f'frames per second (default: that of the source; {FOLDER_RATE:g} for a folder)',
    )
    parser.add_argument(
        '--timeout',
        type=_positive(float),
        default=60.0,
        help='seconds for the model to load, or without a result, before the demo gives up '
        '(default: 60; TensorRT needs minutes the first time)',
    )
    return parser


def _positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    def convert(text: str) -> float:
        value = kind(text)
        if not 0 < value < float('inf'):
            raise argparse.ArgumentTypeError(f'{text} came; wanted a number above 0')
        return value

    convert.__name__ = kind.__name__  # argparse calls it so: invalid int value
    return convert


if __name__ == '__main__':
    sys.exit(main())
