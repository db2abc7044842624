# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The program `segmentation_node`; signals are heard before the imports that take a second."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from enet_ros import stop_signal
from enet_ros.usage import asked, usage

GRACE = 1.2
"""Time from a signal until the process ends whatever it is doing [s]."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the node until a signal comes or it cannot go on; return the exit status."""
    if asked(args):
        from enet_ros.parameters import PARAMETERS

        rows = ((p.name, p.default, p.text) for p in PARAMETERS)
        print(usage('segmentation_node', 'Labels the images on the topic image.', rows))
        return 0
    stop = stop_signal.StopSignal(GRACE)  # not rclpy's, which tears down what is still in use
    from enet_ros.segmentation_lifecycle import run

    status = run(stop, args)
    stop_signal.ignore()
    return status


if __name__ == '__main__':
    sys.exit(main())
