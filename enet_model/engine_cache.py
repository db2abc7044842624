# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where TensorRT's engines are kept: building one takes minutes, and loading one runs it as code.

So a folder belongs to one model, one release of the software and one GPU, nobody else may write to
it, and what it holds is compared with what was there when it was written.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import stat
from collections.abc import Mapping
from pathlib import Path

import onnxruntime

from enet_model.errors import UserError

MANIFEST = 'manifest.json'
"""Names and SHA-256 of the files beside it."""
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_DEVICE_NAMES = ('proc/driver/nvidia/gpus/*/information', 'proc/device-tree/model')

_logger = logging.getLogger(__name__)


class EngineCacheError(UserError):
    """A folder that engines cannot be kept in; the text says why and what to do."""


class EngineCache:
    """The folder of the engines of one model, under ``root``.

    model_sha256: of the model file that the engines are built from.
    """

    def __init__(self, root: Path, model_sha256: str) -> None:
        parts = {'model': model_sha256, **_surroundings()}
        text = json.dumps(parts, sort_keys=True)
        self.folder = root / hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def provider_options(self) -> Mapping[str, str]:
        """Options of ONNX Runtime's TensorRT provider."""
        return {
            'trt_engine_cache_enable': 'True',
            'trt_engine_cache_path': str(self.folder),
            'trt_timing_cache_enable': 'True',
            'trt_timing_cache_path': str(self.folder),
        }

    def open(self) -> bool:
        """Make the folder, or check it and empty it where it was changed; tell whether it is full.

        EngineCacheError where it cannot be made, or others may write to it.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = self.folder.lstat()
            if (
                not stat.S_ISDIR(status.st_mode)
                or status.st_uid != os.geteuid()
                or status.st_mode & _WRITABLE_BY_OTHERS
            ):
                raise EngineCacheError(
                    f'{self.folder}: others may write to it, and an engine runs as code; '
                    'wanted a folder of this user alone: chmod 700, or name another engine_cache'
                )
            found = self._hashes()
            if not found:
                return False
            if found == self._listed():
                return True
            _logger.warning('%s: was changed or not finished; engines are built anew', self.folder)
            for name in (*found, MANIFEST):
                (self.folder / name).unlink(missing_ok=True)
            return False
        except OSError as error:
            raise EngineCacheError(
                f'{self.folder}: engines cannot be kept there: {error.strerror}; '
                'name another engine_cache'
            ) from error

    def close(self) -> None:
        """Write down what is there now."""
        draft = self.folder / f'{MANIFEST}.{os.getpid()}'
        draft.write_text(json.dumps(self._hashes(), indent=1, sort_keys=True))
        draft.replace(self.folder / MANIFEST)

    def _hashes(self) -> dict[str, str]:
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.iterdir())
            if not path.name.startswith(MANIFEST)
        }

    def _listed(self) -> object:
        try:
            return json.loads((self.folder / MANIFEST).read_text())
        except (FileNotFoundError, ValueError):
            return None


def default_root() -> Path:
    """Return the cache folder that systemd or the user's desktop names, or ``~/.cache``."""
    named = os.environ.get('CACHE_DIRECTORY') or os.environ.get('XDG_CACHE_HOME')
    return (Path(named) if named else Path.home() / '.cache') / 'enet_ros'


def _surroundings() -> dict[str, str]:
    """Return what an engine depends on beside its model."""
    from importlib import metadata  # late: it takes longer to import than all the rest

    try:
        tensorrt = metadata.version('tensorrt')
    except metadata.PackageNotFoundError:
        tensorrt = 'not from pip'
    devices = [
        path.read_text(errors='replace')
        for pattern in _DEVICE_NAMES
        for path in sorted(Path('/').glob(pattern))
    ]
    return {
        'onnxruntime': onnxruntime.__version__,
        'tensorrt': tensorrt,
        'machine': platform.machine(),
        'devices': '\n'.join(devices),
    }
