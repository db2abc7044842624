# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The segmentation node as it always is, but for a clock that remembers the stages of each frame.

Called with a JSON file to write at the end, and then the arguments of the node. The file holds a
list of frames: {"stamp": of the image [s], "begun": time at which the node turned to it [s],
"seconds": {stage: duration}}.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from enet_ros import camera_channel, segmentation_lifecycle
from enet_ros.stages import StageClock
from enet_ros.stop_signal import StopSignal


class RecordingClock(StageClock):
    """Notes the times of every frame in ``frames``."""

    def __init__(self, frames: list[dict[str, Any]]) -> None:
        super().__init__()
        self._frames = frames

    def begin(self, stamp: float) -> None:
        super().begin(stamp)
        self._frames.append({'stamp': stamp, 'begun': time.time(), 'seconds': self.seconds})


def main(output: str, arguments: list[str]) -> int:
    """Run the node until a signal comes."""
    stop = StopSignal()
    frames: list[dict[str, Any]] = []
    camera_channel.StageClock = partial(RecordingClock, frames)  # type: ignore[assignment,misc]
    status = segmentation_lifecycle.run(stop, arguments)
    Path(output).write_text(json.dumps(frames))
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
