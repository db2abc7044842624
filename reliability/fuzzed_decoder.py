# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A million image messages with fields that do not fit, through the decoder, on all cores."""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from enet_ros.image_fields import ImageError
from enet_ros.images import decode
from reliability.junk import fuzzed_image
from reliability.rows import Outcome, Row

_CHUNK = 10_000


def _decode_chunk(seed: int, count: int) -> Counter[str]:
    """Return how many messages were pictures, were refused, or broke the decoder, and how."""
    random_ = random.Random(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        message = fuzzed_image(random_)
        try:
            frame = decode(message)
        except ImageError:
            outcomes['refused'] += 1
        except Exception as error:
            outcomes[f'{type(error).__name__}: {error}'] += 1
        else:
            fits = frame.shape == (message.height, message.width, 3)
            outcomes['pictures' if fits else 'a frame of another shape'] += 1
    return outcomes


def _run(short: bool) -> Outcome:
    count = 5_000 if short else 1_000_000
    chunk = min(count, _CHUNK)
    outcomes: Counter[str] = Counter()
    # A chunk that dies breaks the pool, and with it the row.
    with ProcessPoolExecutor(os.cpu_count(), get_context('spawn')) as pool:
        for part in pool.map(_decode_chunk, range(count // chunk), [chunk] * (count // chunk)):
            outcomes += part
    pictures, refused = outcomes.pop('pictures', 0), outcomes.pop('refused', 0)
    others = ', '.join(f'{number} x {what}' for what, number in outcomes.most_common(3))
    return Outcome(
        f'{pictures + refused:,} messages: {pictures:,} pictures, {refused:,} refused; '
        f'{outcomes.total()} exceptions of other kinds{f": {others}" if others else ""}; 0 deaths',
        not outcomes and pictures + refused == count and min(pictures, refused) > 0,
    )


ROW = Row(
    name='fuzzed_decoder',
    fault='1,000,000 fuzzed image messages through the decoder',
    required='0 exceptions of other kinds, 0 deaths',
    run=_run,
)
