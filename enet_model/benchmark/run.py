# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure what was asked for, in one run; all rows of a size and number of threads in turns."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enet_model.benchmark.candidates import (
    BASELINE,
    NAMES,
    BenchmarkError,
    Candidate,
    CandidateWriter,
    file_candidate,
)
from enet_model.benchmark.cost import count_cost
from enet_model.benchmark.entrants import ENTRANTS
from enet_model.benchmark.limit import measure_limit
from enet_model.benchmark.machine import describe_machine
from enet_model.benchmark.profile import Profile, profile
from enet_model.benchmark.published import PAPER_SIZE
from enet_model.benchmark.report import LabelChange, Network, Report, Row, Size
from enet_model.benchmark.timing import FEWEST_RUNS, measure
from enet_model.networks.segnet import SMALLEST_SIDE
from enet_model.resizing import fit
from enet_model.segmenter import PROVIDERS, Segmenter

Frame = NDArray[np.uint8]

LIMIT_BUDGET = 0.5  # seconds a probe


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    checkpoint: Path
    """Weights of ENet."""
    models: Sequence[str]
    """Of candidates.NAMES."""
    files: Sequence[Path]
    """Model files beside them, each at its own size."""
    sizes: Sequence[Size]
    threads: Sequence[int]
    devices: Sequence[str]
    budget: float
    """Seconds a row."""
    fewest: int
    """Turns a row."""

    def check(self) -> None:
        """Raise BenchmarkError where this cannot be measured."""
        for name in self.models:
            if name not in NAMES:
                raise BenchmarkError(f'no network {name!r}; known are {", ".join(NAMES)}')
        for width, height in self.sizes:
            if width % 8 or height % 8 or min(width, height) < SMALLEST_SIDE:
                near = f'{_multiple_of_8(width)}x{_multiple_of_8(height)}'
                raise BenchmarkError(
                    f'size {width}x{height} came; width and height have to divide by 8 and to be '
                    f'{SMALLEST_SIDE} or more: take {near}'
                )
        if self.fewest < FEWEST_RUNS:
            raise BenchmarkError(f'{self.fewest} turns came; wanted {FEWEST_RUNS} or more')


def benchmark(
    plan: Plan, frames: Sequence[Frame], described: str, tell: Callable[[str], None]
) -> Report:
    """Measure the plan on RGB frames of any size, which are scaled; ``tell`` hears of progress.

    described: what the frames are. BenchmarkError, ModelError and others that name their remedy
    where something cannot be measured.
    """
    plan.check()
    rows: list[Row] = []
    changes: list[LabelChange] = []
    tell('the limit of the machine')
    limits = [measure_limit(threads, LIMIT_BUDGET, plan.fewest) for threads in plan.threads]
    with tempfile.TemporaryDirectory() as folder:
        writer = CandidateWriter(plan.checkpoint, Path(folder))
        files = [file_candidate(path) for path in plan.files]
        for size in dict.fromkeys((*plan.sizes, *(size for _, size in files))):
            models = plan.models if size in plan.sizes else ()
            others = [candidate for candidate, own in files if own == size]
            scaled = [fit(frame, *size) for frame in frames]
            for threads in plan.threads:
                tell(f'{size[0]}x{size[1]}, threads: {threads}')
                found = _measure_in_turns(
                    [
                        (candidate, device)
                        for device in plan.devices
                        for candidate in (*writer.write_all(models, size, device), *others)
                    ],
                    threads,
                    scaled,
                    plan,
                )
                rows += found[0]
                if threads == plan.threads[0]:
                    changes += found[1]
        profiles = _profiles(plan, writer, frames, tell)
        networks = {name: _network(name, plan.sizes, writer.class_count) for name in ENTRANTS}
    return Report(
        describe_machine(),
        plan.budget,
        plan.fewest,
        described,
        tuple(limits),
        networks,
        tuple(rows),
        tuple(changes),
        profiles,
    )


class _Runner:
    """A candidate, loaded and warm, that labels one frame after the other."""

    def __init__(
        self, candidate: Candidate, device: str, threads: int, frames: Sequence[Frame]
    ) -> None:
        self.candidate = candidate
        self.device = device
        self.segmenter = Segmenter(candidate.path, device, threads)
        self.labels: dict[int, Frame] = {}
        """What it saw in each frame."""
        self._frames = itertools.cycle(enumerate(frames))

    def run(self) -> None:
        index, frame = next(self._frames)
        self.labels[index] = self.segmenter.run(frame).labels


def _measure_in_turns(
    candidates: Sequence[tuple[Candidate, str]],
    threads: int,
    frames: Sequence[Frame],
    plan: Plan,
) -> tuple[list[Row], list[LabelChange]]:
    """Time model files on their devices, loaded at the same time; then forget them."""
    runners = [_Runner(candidate, device, threads, frames) for candidate, device in candidates]
    timings = measure([runner.run for runner in runners], plan.budget, plan.fewest)
    rows = [
        Row(
            model=runner.candidate.model,
            title=runner.candidate.title,
            form=runner.candidate.form,
            width=runner.segmenter.width,
            height=runner.segmenter.height,
            threads=threads,
            provider=PROVIDERS.get(runner.segmenter.device, runner.segmenter.device),
            precision=runner.candidate.precision,
            median_ms=timing.median_ms,
            iqr_ms=timing.iqr_ms,
            runs=len(timing.seconds),
        )
        for runner, timing in zip(runners, timings, strict=True)
    ]
    return rows, _label_changes(runners)


def _label_changes(runners: Sequence[_Runner]) -> list[LabelChange]:
    """Compare ENet's form for the CPU with the MaxUnpool graph, on the frames that both saw."""
    seen = {r.candidate.model: r.labels for r in runners if r.device == 'cpu'}
    plain, shipped = seen.get(BASELINE), seen.get('enet')
    if plain is None or shipped is None:
        return []
    common = sorted(plain.keys() & shipped.keys())
    changed = sum(int((plain[index] != shipped[index]).sum()) for index in common)
    height, width = plain[common[0]].shape
    return [LabelChange(width, height, changed, len(common) * width * height)]


def _profiles(
    plan: Plan, writer: CandidateWriter, frames: Sequence[Frame], tell: Callable[[str], None]
) -> tuple[Profile, ...]:
    """Look into ENet's two graphs, at the paper's size where that is measured, on few threads."""
    if 'cpu' not in plan.devices or not {'enet', BASELINE} <= set(plan.models) or not plan.sizes:
        return ()
    size = PAPER_SIZE if PAPER_SIZE in plan.sizes else plan.sizes[0]
    threads = min(plan.threads)
    tell(f'{size[0]}x{size[1]}, operator by operator')
    scaled = [fit(frame, *size) for frame in frames]
    return tuple(
        Profile(candidate.model, *size, threads, profile(candidate.path, scaled, threads))
        for candidate in writer.write_all((BASELINE, 'enet'), size, 'cpu')
    )


def _network(name: str, sizes: Sequence[Size], class_count: int) -> Network:
    entrant = ENTRANTS[name]
    costs = {
        size: count_cost(lambda: entrant.build(class_count), *size)
        for size in dict.fromkeys((PAPER_SIZE, *sizes))
    }
    return Network(
        title=entrant.title,
        gflops={size: cost.gflops for size, cost in costs.items()},
        parameters=costs[PAPER_SIZE].parameters,
        published_iou=entrant.published_iou,
        paper=entrant.paper,
    )


def _multiple_of_8(side: int) -> int:
    return max(-(-side // 8) * 8, SMALLEST_SIDE)
