# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""JPEG and PNG files with flipped bits, and decompression bombs, through the live node."""

from __future__ import annotations

import random
import re
from pathlib import Path

from sensor_msgs.msg import CompressedImage

from reliability.frames import stamped
from reliability.junk import bombs, flipped, street_files
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

_PAUSE = 0.001  # s between two messages
_MAX_GROWTH = 50 * 2**20


def _run(short: bool) -> Outcome:
    count = 150 if short else 10_000
    files = list(street_files().values())
    with NodeProcess({'transport': 'compressed'}, small=True) as node:
        results = node.results()
        camera = node.camera(CompressedImage, 'image/compressed')
        for file in files * 5:
            node.label(camera, _message(file), results)
        received = int(node.status()['frames received'])
        before = node.memory
        _forget_peak(node.pid)
        random_ = random.Random(2)
        sent = 0
        while received < count:  # what is sent faster than it is decoded replaces itself
            for _ in range(min(1000, count)):
                camera.publish(_message(flipped(random_, random_.choice(files))))
                node.peer.spin_for(_PAUSE)
                sent += 1
            if sent > 20 * count or not node.is_alive:
                break
            received = int(node.status()['frames received'])
        growth_of_flips = _peak(node.pid) - before
        decoded = []
        claims = dict(list(bombs().items())[:: 4 if short else 1])
        for name, bomb in claims.items():
            status = node.status()
            while (later := node.status())['frames received'] == status['frames received']:
                camera.publish(_message(bomb))
            if later['frames refused'] == status['frames refused']:
                decoded.append(name)
        growth = _peak(node.pid) - before
        node.label(camera, _message(files[0]), results)
        status = node.status()
        failed = int(status['frames failed'])
        return Outcome(
            f'{received:,} damaged files and {len(claims)} bombs came, '
            f'{int(status["frames refused"]):,} refused (of the bombs all'
            f'{f" but {decoded}" if decoded else ""}), {failed} exceptions of other kinds; peak '
            f'of memory + {growth_of_flips / 2**20:.1f} MiB by the files, '
            f'+ {growth / 2**20:.1f} MiB with the bombs; 0 deaths; the next good file was labelled',
            received >= count and failed == 0 and growth < _MAX_GROWTH,
        )


def _message(file: bytes) -> CompressedImage:
    return CompressedImage(header=stamped('camera'), format='jpeg', data=file)


def _forget_peak(pid: int) -> None:
    Path(f'/proc/{pid}/clear_refs').write_text('5')  # the peak is counted anew: proc(5)


def _peak(pid: int) -> int:
    """Return the largest memory of a process since its peak was forgotten, in bytes."""
    status = Path(f'/proc/{pid}/status').read_text()
    found = re.search(r'VmHWM:\s+(\d+) kB', status)
    if found is None:
        raise RuntimeError('this kernel does not tell the peak of memory')
    return int(found.group(1)) * 1024


ROW = Row(
    name='damaged_files',
    fault='10,000 bit-flipped JPEG / PNG messages, and decompression bombs, through the live node',
    required='0 deaths, memory + < 50 MiB',
    run=_run,
    mended='pictures of up to 64 million pixels were decoded: now the header tells the memory '
    'that decoding takes, and more than 48 MiB is refused; so are JPEGs of more than 64 scans '
    'and PNGs with a chunk longer than the file, for which OpenCV took up to 4 GiB',
)
