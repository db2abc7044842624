# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a recording says: rates, losses, ages, and where the time of a frame goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from enet_ros.node_benchmark.cases import Case
from enet_ros.node_benchmark.running import Recording

OWN_STAGES = ('decode', 'resize', 'mask', 'publish')
"""What the node does with a frame beside the network until its labels are published."""


@dataclass(frozen=True)
class Result:
    """A case, measured. Times are milliseconds."""

    case: Case
    sent_rate: float
    """Images that each camera has sent [Hz]: less than it was told where the machine is full."""
    heard_share: float
    """Share of the images sent whose result was heard."""
    age_median: float
    age_p99: float
    """Since the stamp of the image, when its result was heard; NaN where none was."""
    processor: dict[str, float]
    """Share of one core that each process has used."""
    stages: dict[str, float]
    """Median of each stage of the node, 'receive' (from the stamp until the node turns to the
    image) first; empty where no node was measured."""
    own_time: float
    """Median of what the node adds to the network, OWN_STAGES together."""

    @property
    def age_bound(self) -> float:
        """What age_p99 is to stay below, however many images come."""
        return 3 * self.stages['inference'] + 30


def summarize(case: Case, recording: Recording) -> Result:
    """Return what was measured within the window of a recording."""
    stamps = [
        [stamp for stamp in sent if recording.start <= stamp < recording.end]
        for sent in recording.sent.values()
    ]
    ages = [
        age
        for heard in recording.heard.values()
        for stamp, age in heard
        if recording.start <= stamp < recording.end
    ]
    count = sum(map(len, stamps))
    frames = [
        {'receive': frame['begun'] - frame['stamp'], **frame['seconds']}
        for frame in recording.frames
        if recording.start <= frame['stamp'] < recording.end
    ]
    return Result(
        case=case,
        sent_rate=count / len(stamps) / (recording.end - recording.start),
        heard_share=len(ages) / max(count, 1),
        age_median=_percentile(ages, 50),
        age_p99=_percentile(ages, 99),
        processor=recording.processor,
        stages={
            stage: _percentile((frame[stage] for frame in frames), 50)
            for stage in (frames[0] if frames else ())
        },
        own_time=_percentile((sum(frame[stage] for stage in OWN_STAGES) for frame in frames), 50),
    )


def _percentile(seconds: Iterable[float], percent: float) -> float:
    """Return a percentile in milliseconds; NaN of nothing."""
    values = np.array(list(seconds)) * 1e3
    return float(np.percentile(values, percent)) if values.size else float('nan')
