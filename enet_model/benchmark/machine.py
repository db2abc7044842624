# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The machine that a figure was measured on: a figure without it says nothing."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnxruntime

from enet_model.segmenter import PROVIDERS

# The instruction sets that decide how fast a network runs, by their names in /proc/cpuinfo.
VECTOR_FLAGS = (
    *('avx', 'avx2', 'fma', 'f16c', 'avx512f', 'avx512_vnni', 'avx_vnni', 'avx512_bf16'),
    *('amx_bf16', 'amx_int8', 'asimd', 'asimdhp', 'asimddp', 'bf16', 'i8mm', 'sve'),
)


@dataclass(frozen=True)
class Machine:
    """What a reader needs to know to compare figures."""

    processor: str
    flags: tuple[str, ...]
    """Those of VECTOR_FLAGS that the processor has."""
    cores: int
    """Cores that this process may use."""
    memory_gib: float
    system: str
    python: str
    onnxruntime: str
    providers: tuple[str, ...]
    """Those of this ONNX Runtime that the engine knows."""

    def to_json(self) -> dict[str, Any]:
        """Return the tree that a JSON file holds."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f'{self.processor}, {self.cores} cores, {" ".join(self.flags)}; '
            f'{self.memory_gib:.0f} GiB; {self.system}; Python {self.python}; '
            f'ONNX Runtime {self.onnxruntime} ({", ".join(self.providers)})'
        )


def describe_machine() -> Machine:
    """Describe the machine that runs this."""
    known = PROVIDERS.values()
    processor, flags = read_processor(_text(Path('/proc/cpuinfo')))
    return Machine(
        processor=processor or platform.processor() or platform.machine(),
        flags=flags,
        cores=len(os.sched_getaffinity(0)),
        memory_gib=os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30,
        system=f'{_system()}, Linux {platform.release()}',
        python=platform.python_version(),
        onnxruntime=onnxruntime.__version__,
        providers=tuple(p for p in onnxruntime.get_available_providers() if p in known),
    )


def read_processor(cpuinfo: str) -> tuple[str, tuple[str, ...]]:
    """Return name and vector flags of the first processor in the text of /proc/cpuinfo.

    The name is '' where the kernel does not tell it, as on many ARM boards.
    """
    entries: dict[str, str] = {}
    for line in cpuinfo.splitlines():
        key, separator, value = line.partition(':')
        if separator:
            entries.setdefault(key.strip(), value.strip())
    words = set((entries.get('flags') or entries.get('Features') or '').split())
    return entries.get('model name', ''), tuple(f for f in VECTOR_FLAGS if f in words)


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get('PRETTY_NAME', 'Linux')
    except OSError:
        return platform.system()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ''
