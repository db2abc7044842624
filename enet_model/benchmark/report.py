# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a benchmark found: plain values, for tables, a plot and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from enet_model.benchmark.limit import Limit
from enet_model.benchmark.machine import Machine
from enet_model.benchmark.profile import Profile

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True)
class Network:
    """What is true of a network on any machine."""

    title: str
    gflops: Mapping[Size, float]
    """10^9 operations for a frame of each size; a multiplication and an addition are two."""
    parameters: int
    published_iou: float
    """Mean IoU on Cityscapes test, per cent, by its paper."""
    paper: str

    @property
    def half_precision_mib(self) -> float:
        """Size of the parameters at two bytes each, in 2^20 bytes: what the paper calls MB."""
        return 2 * self.parameters / 2**20


@dataclass(frozen=True)
class Row:
    """A model at one size, on one device, with so many threads."""

    model: str
    """Name of the network (``candidates.NAMES``), or of the model file."""
    title: str
    form: str
    """Form of the graph: 'cpu', 'gpu', 'openvino', 'plain', or 'file' for a model file."""
    width: int
    height: int
    threads: int
    provider: str
    """ONNX Runtime's name of the execution provider that really ran."""
    precision: str
    median_ms: float
    iqr_ms: float
    runs: int

    @property
    def fps(self) -> float:
        """Frames a second at the median time."""
        return 1e3 / self.median_ms

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class LabelChange:
    """How the form of the graph that is shipped labels frames, beside the plain MaxUnpool graph."""

    width: int
    height: int
    changed: int
    compared: int


@dataclass(frozen=True)
class Report:
    """One run of the benchmark."""

    machine: Machine
    budget: float
    fewest: int
    frames: str
    """Which frames were labelled."""
    limits: tuple[Limit, ...]
    networks: Mapping[str, Network]
    rows: tuple[Row, ...]
    label_changes: tuple[LabelChange, ...]
    profiles: tuple[Profile, ...]
    """Of ENet's plain graph and of the form that is shipped; none where not both were measured."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes at which networks were measured, smallest first; a file has its own."""
        sizes = {row.size for row in self.rows if row.form != 'file'}
        return tuple(sorted(sizes, key=lambda size: size[0] * size[1]))

    @property
    def threads(self) -> tuple[int, ...]:
        """The numbers of threads that were measured, fewest first."""
        return tuple(sorted({row.threads for row in self.rows}))

    def find(
        self, model: str, size: Size, threads: int, provider: str = 'CPUExecutionProvider'
    ) -> Row | None:
        """Return a row; None where it was not measured."""
        wanted = (model, size, threads, provider)
        rows = (r for r in self.rows if (r.model, r.size, r.threads, r.provider) == wanted)
        return next(rows, None)

    def share_of_limit(self, row: Row) -> float | None:
        """Return the operations a second of a row over the machine's limit; None where unknown."""
        network = self.networks.get(row.model.removesuffix('_maxunpool'))
        limit = next((limit for limit in self.limits if limit.threads == row.threads), None)
        if not network or not limit or row.precision != 'fp32':
            return None
        return network.gflops[row.size] * row.fps / limit.best

    def to_json(self) -> dict[str, Any]:
        """Return the tree that a JSON file holds."""
        return {
            'machine': self.machine.to_json(),
            'budget_s': self.budget,
            'fewest_runs': self.fewest,
            'frames': self.frames,
            'limits_gflops_per_s': [asdict(limit) for limit in self.limits],
            'networks': {
                name: asdict(network)
                | {'gflops': {f'{w}x{h}': count for (w, h), count in network.gflops.items()}}
                for name, network in self.networks.items()
            },
            'rows': [
                asdict(row) | {'fps': row.fps, 'share_of_limit': self.share_of_limit(row)}
                for row in self.rows
            ],
            'label_changes': [asdict(change) for change in self.label_changes],
            'profiles': [asdict(profile) for profile in self.profiles],
        }
