# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node as a process of its own, as on a robot: how it fares, and how it ends."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from sensor_msgs.msg import Image

from enet_ros.diagnostics import resident_memory
from enet_ros.node_arguments import node_arguments
from reliability.peer import PATIENCE, Peer
from reliability.small_model import write_small_model

_ROOT = Path(__file__).parents[1]
_numbers = itertools.count()


class NodeProcess:
    """The node, active, in a namespace of its own, and a peer beside it; a context manager.

    parameters: of the node, beside ``autostart``.
    remaps: of its topics.
    small: run the small model, where the network is not what matters.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any] | None = None,
        remaps: Mapping[str, str] | None = None,
        small: bool = False,
    ) -> None:
        # The middleware lists nodes that were killed for a while: no name is used twice.
        self.namespace = f'/row_{os.getpid()}_{next(_numbers)}'
        self._stack = contextlib.ExitStack()
        self.peer = self._stack.enter_context(Peer(self.namespace))
        self._diagnostics = self.peer.listen('/diagnostics', DiagnosticArray)
        self.model = ''
        values: dict[str, Any] = {'autostart': True, **(parameters or {})}
        if small:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory())
            self.model = str(write_small_model(Path(folder) / 'small.onnx'))
            values = {'model': self.model, **values}
        names = {'__ns': self.namespace, **(remaps or {})}
        self._arguments = ['--ros-args', *node_arguments(values, names)]
        self._log = self._stack.enter_context(tempfile.TemporaryFile('w+'))  # noqa: SIM115
        self._process = self._start()

    def __enter__(self) -> NodeProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._stack.close()

    @property
    def pid(self) -> int:
        """The process that runs now."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def memory(self) -> int:
        """Bytes that it holds now."""
        return resident_memory(self.pid)

    @property
    def log(self) -> str:
        """What it has written so far."""
        self._log.seek(0)
        return self._log.read()

    def restart(self) -> None:
        """Start it again, as launch does where it has ended."""
        self._process.wait()
        self._process = self._start()

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Wait for its end and return its exit status."""
        return self._process.wait(seconds)

    def hears_signals(self) -> bool:
        """Tell whether the first lines of the program, which take care of signals, have run."""
        try:
            status = Path(f'/proc/{self.pid}/status').read_text()
        except OSError:
            return False
        caught = next((line for line in status.splitlines() if line.startswith('SigCgt')), ': 0')
        return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))

    def camera(self, kind: Any = Image, topic: str = 'image') -> Any:
        """Return a camera that the node listens to."""
        camera = self.peer.camera(topic, kind)
        self._expect(camera.get_subscription_count, f'nobody listens to {topic}')
        return camera

    def results(self, topic: str = 'segmentation', kind: Any = Image) -> list[Any]:
        """Return the list that grows by what the node publishes."""
        return self.peer.listen(topic, kind)

    def statuses(self) -> list[tuple[float, Any]]:
        """Return the time [s] and content of every status of this node so far."""
        return [
            (time_, status)
            for time_, message in self._diagnostics
            for status in message.status
            if status.name.startswith(f'{self.namespace}/')
        ]

    def status(self) -> dict[str, str]:
        """Return the values of the next status that comes."""
        count = len(self.statuses())
        self._expect(lambda: len(self.statuses()) > count, 'no diagnostics came')
        return values_of(self.statuses()[-1][1])

    def label(
        self, camera: Any, message: Any, results: list[Any], seconds: float = PATIENCE
    ) -> Any:
        """Publish a frame until its result comes, and return that."""
        count = len(results)
        if not self.peer.spin_while_publishing(
            lambda: camera.publish(message), 0.1, lambda: len(results) > count, seconds
        ):
            raise TimeoutError('a good frame has no result')
        return results[-1][1]

    def _expect(self, done: Any, text: str) -> None:
        if not self.peer.spin_until(lambda: done() or not self.is_alive):
            raise TimeoutError(text)
        if not self.is_alive:
            raise RuntimeError(f'the node has ended with status {self._process.returncode}')

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, '-m', 'enet_ros.segmentation_node', *self._arguments],
            cwd=_ROOT,
            stdout=self._log,
            stderr=self._log,
        )


def values_of(status: Any) -> dict[str, str]:
    """Return the values of a status message."""
    return {value.key: value.value for value in status.values}


def load_time(model: str = '') -> float:
    """Return the time that a fresh process takes to load a model [s], imports left out."""
    code = (
        'import sys, time; from enet_model.segmenter import Segmenter; start = time.monotonic(); '
        'Segmenter(sys.argv[1] or None); print(time.monotonic() - start)'
    )
    done = subprocess.run(
        [sys.executable, '-c', code, model],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return float(done.stdout)
