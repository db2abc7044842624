# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The engine: a model file -> labels and confidence of a frame, on the processor that is wanted."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from enet_model.bundled_models import bundled_model
from enet_model.engine_cache import EngineCache, default_root
from enet_model.errors import UserError
from enet_model.model_file import ModelError, ModelFile, read_model
from enet_model.spec import METADATA_KEY, ModelSpec, SpecError

BUNDLED_MODEL = bundled_model('cpu')

PROVIDERS = {
    'tensorrt': 'TensorrtExecutionProvider',
    'cuda': 'CUDAExecutionProvider',
    'openvino': 'OpenVINOExecutionProvider',
    'cpu': 'CPUExecutionProvider',
}
"""ONNX Runtime's name of each device."""

PACKAGES = {
    'tensorrt': 'onnxruntime-gpu and TensorRT',
    'cuda': 'onnxruntime-gpu',
    'openvino': 'onnxruntime-openvino',
    'cpu': 'onnxruntime',
}
"""What brings each device."""

DEVICES = ('auto', *PROVIDERS)

# TensorRT is no choice of 'auto': it builds its engine for minutes at the first start.
_AUTO_ORDER = ('cuda', 'openvino')  # then the CPU

MAX_INPUT_PIXELS = 4096 * 4096
"""Larger inputs of a network are refused."""

# A frame that fails raises: ONNX Runtime need not write it down once more, thirty times a second.
_RUN_OPTIONS = onnxruntime.RunOptions()
_RUN_OPTIONS.log_severity_level = 4

_logger = logging.getLogger(__name__)


class DeviceError(UserError):
    """A device that cannot be had: the text says what there is instead and what brings it."""


@dataclass(frozen=True)
class Segmentation:
    """What the network sees in a frame; both arrays are uint8 H x W."""

    labels: NDArray[np.uint8]
    """Class ids."""
    confidence: NDArray[np.uint8]
    """255 x probability of the winning class."""


class Segmenter:
    """A model, loaded, checked and warm.

    path: ONNX file of the model contract (see docs/architecture.md); none is the bundled network,
        of which each device runs a form of its own.
    device: ``'auto'`` takes the first of CUDA, OpenVINO and CPU that works and warns of each that
        does not; a device named here is used or a DeviceError is raised.
    threads: of the CPU; 0 is one for each core that this process may use.
    sha256: what a named file has to hash to, in hexadecimal; empty is any.
    engine_cache: folder of TensorRT's engines; none is that of the user.
    Raises ModelError where the file cannot be run.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        device: str = 'auto',
        threads: int = 0,
        sha256: str = '',
        engine_cache: str | Path | None = None,
    ) -> None:
        if device not in DEVICES:
            raise DeviceError(f'device {device!r} came; wanted one of {", ".join(DEVICES)}')
        self.threads = threads or len(os.sched_getaffinity(0))
        self.fault = ''
        """Why an accelerator was given up at run time; empty where none was."""
        self._named = Path(path) if path else None
        self._cache_root = Path(engine_cache) if engine_cache else None
        self._was_rebuilt = False
        self._open(device, sha256)
        self.height, self.width = _check_interface(self.path, self._session)
        self.spec = _read_spec(self.path, self._session)

    def run(self, frame: NDArray[np.uint8]) -> Segmentation:
        """Segment an RGB frame, uint8 height x width x 3 of the network's size.

        An accelerator that fails is started again once; then the CPU takes over for good.
        ValueError where the frame has another shape or type.
        """
        if frame.shape != (self.height, self.width, 3) or frame.dtype != np.uint8:
            raise ValueError(
                f'a {frame.dtype} frame of shape {frame.shape} came; the network takes uint8 '
                f'({self.height}, {self.width}, 3)'
            )
        try:
            return _run(self._session, frame)
        except Exception as error:  # ONNX Runtime's errors share no base but Exception
            if self.device == 'cpu':
                raise
            self._replace_session(' '.join(str(error).split()))
            return self.run(frame)

    def _open(self, device: str, sha256: str) -> None:
        """Start a session; without a named file on the device's bundled form."""
        for candidate in _candidates(device):
            try:
                model = read_model(self._named or bundled_model(candidate), sha256)
                self._session = _start(model, candidate, self.threads, self._cache_root)
            except DeviceError as error:
                if candidate == device:
                    raise
                _logger.warning('%s; trying the next device', error)
            else:
                self.path, self.sha256 = model.path, model.sha256
                self.device = candidate  # what really runs: _start has asked the session
                return

    def _replace_session(self, reason: str) -> None:
        """Start the device again, or the CPU where that was tried before or does not work."""
        failed, self._session = self.device, None  # its memory first
        sha256 = self.sha256 if self._named else ''  # the same network: its size is known already
        if not self._was_rebuilt:
            self._was_rebuilt = True
            _logger.error('device %r failed: %s; it is started again', failed, reason)
            try:
                self._open(failed, sha256)
                return
            except DeviceError as error:
                reason = str(error)
        self.fault = f'device {failed!r} failed: {reason}'
        _logger.error('%s; the CPU takes over, slower', self.fault)
        self._open('cpu', sha256)


def _candidates(device: str) -> tuple[str, ...]:
    """Return what to try for a device, in order."""
    if device != 'auto':
        return (device,)
    available = onnxruntime.get_available_providers()
    return (*(name for name in _AUTO_ORDER if PROVIDERS[name] in available), 'cpu')


_REMEDY = "write it with 'enet export', or bring a foreign network with 'enet adapt'"


def _start(model: ModelFile, device: str, threads: int, cache_root: Path | None) -> Any:
    """Return a session that has run on the device; DeviceError, or ModelError for a bad file."""
    available = onnxruntime.get_available_providers()
    if PROVIDERS[device] not in available:
        raise DeviceError(
            f'device {device!r} came, but this ONNX Runtime has {", ".join(available)}; '
            f'install {PACKAGES[device]}, or ask for another device'
        )
    cache = None
    if device == 'tensorrt':
        cache = EngineCache(cache_root or default_root(), model.sha256)
        if not cache.open():
            _logger.warning('TensorRT builds an engine in %s: this takes minutes', cache.folder)
    try:
        session = _create_session(model.content, device, threads, cache)
        _warm_up(model.path, session)
        if cache is not None:
            cache.close()
    except UserError:
        raise
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        reason = ' '.join(str(error).split())
        if device == 'cpu':
            raise ModelError(
                f'{model.path}: ONNX Runtime {onnxruntime.__version__} cannot run it: {reason}; '
                f'copy it again, or {_REMEDY} (opset 17)'
            ) from error
        _start(model, 'cpu', threads, cache_root)  # a fault of the file shows on the CPU as well
        raise DeviceError(
            f'device {device!r} could not be started: {reason}; ask for another device'
        ) from error
    if _device_of(session) != device:
        raise DeviceError(
            f'device {device!r} could not be started: ONNX Runtime fell back to '
            f'{_device_of(session)!r}; see its messages above, or ask for another device'
        )
    return session


def _create_session(
    model: bytes, device: str, threads: int, cache: EngineCache | None = None
) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    providers: list[Any] = list(dict.fromkeys((PROVIDERS[device], PROVIDERS['cpu'])))
    if cache is not None:
        providers[0] = PROVIDERS[device], cache.provider_options
    # Its fallback is a change to the CPU that nobody notices: an error is what we want to see.
    return onnxruntime.InferenceSession(model, options, providers=providers, enable_fallback=False)


def _warm_up(path: Path, session: Any) -> None:
    height, width = _check_interface(path, session)
    # Noise, since zeros run faster than any street.
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    result = _run(session, noise)
    for name, array in (('labels', result.labels), ('confidence', result.confidence)):
        if array.shape != (height, width) or array.dtype != np.uint8:
            raise ModelError(
                f'{path}: gives {name} as {array.dtype} {array.shape}; wanted uint8 '
                f'({height}, {width}); {_REMEDY}'
            )


def _run(session: Any, frame: NDArray[np.uint8]) -> Segmentation:
    labels, confidence = session.run(('labels', 'confidence'), {'image': frame[None]}, _RUN_OPTIONS)
    return Segmentation(labels[0], confidence[0])


def _device_of(session: Any) -> str:
    """Return the device that a session really runs on: ONNX Runtime falls back silently."""
    provider = session.get_providers()[0]
    return next((device for device, name in PROVIDERS.items() if name == provider), provider)


def _check_interface(path: Path, session: Any) -> tuple[int, int]:
    """Return height and width; ModelError where inputs and outputs are not the contract's."""
    inputs = {tensor.name: tensor for tensor in session.get_inputs()}
    outputs = {tensor.name: tensor for tensor in session.get_outputs()}
    if set(inputs) != {'image'} or not {'labels', 'confidence'} <= set(outputs):
        raise ModelError(
            f'{path}: takes {", ".join(inputs)} and gives {", ".join(outputs)}; wanted image in, '
            f'labels and confidence out; {_REMEDY}'
        )
    image = inputs['image']
    shape = image.shape
    fixed = len(shape) == 4 and all(isinstance(side, int) and side > 0 for side in shape[1:3])
    if image.type != 'tensor(uint8)' or not fixed or shape[3] != 3:
        raise ModelError(
            f'{path}: image is {image.type} {shape}; wanted tensor(uint8) [N, H, W, 3] '
            f'with H and W fixed; {_REMEDY}'
        )
    if shape[1] * shape[2] > MAX_INPUT_PIXELS:
        raise ModelError(
            f'{path}: image is {shape[2]} x {shape[1]}; wanted {MAX_INPUT_PIXELS} pixels at most'
        )
    return shape[1], shape[2]


def _read_spec(path: Path, session: Any) -> ModelSpec:
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise ModelError(
            f'{path}: has no metadata {METADATA_KEY!r} that names its classes; {_REMEDY}'
        )
    try:
        return ModelSpec.from_json(text)
    except SpecError as error:
        raise ModelError(f'{path}: metadata {METADATA_KEY!r}: {error}; {_REMEDY}') from error
