# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Benches for tests of the node, closed whatever happens."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from node_bench import Bench


@pytest.fixture
def benches(color_model: Path) -> Iterator[Callable[..., 'Bench']]:
    """Make benches, and close them whatever happens."""
    from node_bench import Bench

    opened = []

    def make(**values: Any) -> Bench:
        opened.append(Bench(values.pop('model', color_model), **values))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()
