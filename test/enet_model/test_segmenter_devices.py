# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a segmenter runs on, and what takes over where that fails; no GPU is needed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from enet_model import segmenter as engine
from enet_model.segmenter import DeviceError, ModelError, Segmenter

onnx = pytest.importorskip('onnx', reason='the models are made with onnx: pip install onnx')

CPU, CUDA = 'CPUExecutionProvider', 'CUDAExecutionProvider'


def frame() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (24, 32, 3), np.uint8)


class OnCuda:
    """A session of the CPU that says it runs on CUDA."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def get_providers(self) -> list[str]:
        return [CUDA, CPU]


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Any]], None]:
    """Let ONNX Runtime offer CUDA; what is given decides what becomes of a session for it."""
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [CUDA, CPU])
    create = engine._create_session

    def install(outcome: Callable[[Any], Any]) -> None:
        def create_session(model: bytes, device: str, threads: int, cache: Any) -> Any:
            session = create(model, 'cpu', threads)
            return outcome(session) if device == 'cuda' else session

        monkeypatch.setattr(engine, '_create_session', create_session)

    return install


def fails(session: Any) -> Any:
    raise RuntimeError('CUDA failure 100:\nno CUDA-capable device is detected')


class FailsWhenItRuns(OnCuda):
    def run(self, *arguments: Any) -> Any:
        raise RuntimeError('no kernel image is available for execution on the device')


def silently_on_the_cpu(session: Any) -> Any:
    return session


def test_auto_takes_the_accelerator(
    color_model: Path, cuda: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    cuda(OnCuda)
    assert Segmenter(color_model).device == 'cuda'
    assert not caplog.records


@pytest.mark.parametrize(
    ('outcome', 'reason'),
    [
        (fails, 'no CUDA-capable device is detected'),
        (FailsWhenItRuns, 'no kernel image is available'),
        (silently_on_the_cpu, "ONNX Runtime fell back to 'cpu'"),
    ],
)
def test_auto_falls_back_and_says_so(
    color_model: Path,
    cuda: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    outcome: Callable[[Any], Any],
    reason: str,
) -> None:
    cuda(outcome)
    segmenter = Segmenter(color_model)
    assert segmenter.device == 'cpu'
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "device 'cuda' could not be started" in record.getMessage()
    assert reason in record.getMessage()
    assert segmenter.run(frame()).labels.shape == (24, 32)


@pytest.mark.parametrize(
    ('outcome', 'form'), [(OnCuda, 'cuda.onnx'), (silently_on_the_cpu, 'cpu.onnx')]
)
def test_a_device_runs_its_own_form_of_the_bundled_network(
    color_model: Path,
    tmp_path: Path,
    cuda: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    outcome: Callable[[Any], Any],
    form: str,
) -> None:
    for device in ('cpu', 'cuda'):
        (tmp_path / f'{device}.onnx').write_bytes(color_model.read_bytes())
    monkeypatch.setattr(engine, 'bundled_model', lambda device: tmp_path / f'{device}.onnx')
    cuda(outcome)
    assert Segmenter().path == tmp_path / form
    assert Segmenter(color_model).path == color_model  # a file that is named runs everywhere


@pytest.mark.parametrize('outcome', [fails, FailsWhenItRuns, silently_on_the_cpu])
def test_a_device_that_is_named_is_had_or_refused(
    color_model: Path, cuda: Callable[..., None], outcome: Callable[[Any], Any]
) -> None:
    cuda(outcome)
    with pytest.raises(DeviceError, match=r"device 'cuda' could not be started: .* ask for"):
        Segmenter(color_model, device='cuda')


@pytest.mark.parametrize('device', ['auto', 'cuda'])
def test_a_bad_file_is_not_blamed_on_the_device(
    color_model: Path, tmp_path: Path, cuda: Callable[..., None], device: str
) -> None:
    cuda(OnCuda)
    model = onnx.load(color_model)
    model.opset_import[0].version = 99
    path = tmp_path / 'changed.onnx'
    onnx.save(model, path)
    with pytest.raises(ModelError, match='cannot run it'):
        Segmenter(path, device=device)


@pytest.mark.parametrize(
    ('device', 'package'),
    [
        ('cuda', 'onnxruntime-gpu'),
        ('tensorrt', 'onnxruntime-gpu and TensorRT'),
        ('openvino', 'onnxruntime-openvino'),
    ],
)
def test_a_device_that_this_onnx_runtime_has_not(
    color_model: Path, monkeypatch: pytest.MonkeyPatch, device: str, package: str
) -> None:
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [CPU])
    with pytest.raises(DeviceError, match=f'this ONNX Runtime has {CPU}; install {package},'):
        Segmenter(color_model, device=device)


def test_auto_is_the_cpu_where_there_is_nothing_else(
    color_model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [CPU])
    assert Segmenter(color_model).device == 'cpu'
    assert not caplog.records


def test_an_unknown_device(color_model: Path) -> None:
    with pytest.raises(DeviceError, match="device 'gpu' came; wanted one of auto, tensorrt, cuda"):
        Segmenter(color_model, device='gpu')


class FailsAfter(OnCuda):
    """Runs some frames, the one of the warm-up included, and then no more."""

    def __init__(self, session: Any, frames: int) -> None:
        super().__init__(session)
        self._frames = frames

    def run(self, *arguments: Any) -> Any:
        if self._frames == 0:
            raise RuntimeError('CUDA failure 719:\nunspecified launch failure')
        self._frames -= 1
        return self._session.run(*arguments)


def test_an_accelerator_that_fails_is_started_again_and_then_given_up(
    color_model: Path, cuda: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    cuda(lambda session: FailsAfter(session, 3))
    segmenter = Segmenter(color_model, device='cuda')
    picture = frame()
    labelled = []
    for _ in range(8):
        np.testing.assert_array_equal(segmenter.run(picture).labels, picture[..., 0] // 64)
        labelled.append((segmenter.device, bool(segmenter.fault)))
    assert labelled == [('cuda', False)] * 4 + [('cpu', True)] * 4
    assert segmenter.fault == "device 'cuda' failed: CUDA failure 719: unspecified launch failure"
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert 'it is started again' in caplog.messages[0]
    assert 'the CPU takes over' in caplog.messages[1]


def test_an_accelerator_that_cannot_be_started_again_is_given_up_at_once(
    color_model: Path, cuda: Callable[..., None]
) -> None:
    sessions = iter([lambda session: FailsAfter(session, 1), fails])
    cuda(lambda session: next(sessions)(session))
    segmenter = Segmenter(color_model, device='cuda')
    picture = frame()
    np.testing.assert_array_equal(segmenter.run(picture).labels, picture[..., 0] // 64)
    assert segmenter.device == 'cpu'
    assert 'no CUDA-capable device is detected' in segmenter.fault


def test_a_file_that_was_replaced_meanwhile_is_not_taken_for_the_old_one(
    color_model: Path, tmp_path: Path, cuda: Callable[..., None]
) -> None:
    cuda(lambda session: FailsAfter(session, 1))
    path = tmp_path / 'model.onnx'
    path.write_bytes(color_model.read_bytes())
    segmenter = Segmenter(path, device='cuda')
    path.write_bytes(color_model.read_bytes() + b'\x0a\x00')
    for _ in range(2):
        with pytest.raises(ModelError, match='has the sha256'):
            segmenter.run(frame())


def test_the_cpu_has_nothing_to_fall_back_to(
    color_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter = Segmenter(color_model, device='cpu')
    monkeypatch.setattr(segmenter, '_session', FailsAfter(segmenter._session, 0))
    with pytest.raises(RuntimeError, match='CUDA failure'):
        segmenter.run(frame())
    assert segmenter.fault == ''


def test_a_user_without_a_home_needs_none_on_a_cpu(
    color_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def home() -> Path:
        raise RuntimeError('Could not determine home directory.')

    for name in ('CACHE_DIRECTORY', 'XDG_CACHE_HOME'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, 'home', home)
    assert Segmenter(color_model, 'cpu').device == 'cpu'


def test_tensorrt_keeps_its_engine_and_finds_it_again(
    color_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A stand-in for TensorRT, which needs a GPU: it builds where it finds no engine."""
    provider = engine.PROVIDERS['tensorrt']
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [provider, CPU])
    create = onnxruntime.InferenceSession
    built = []

    class OnTensorrt(OnCuda):
        def get_providers(self) -> list[str]:
            return [provider, CPU]

    def create_session(model: bytes, options: Any, providers: Any, **others: Any) -> Any:
        (name, settings), last = providers
        assert (name, last) == (provider, CPU)
        cached = Path(settings['trt_engine_cache_path']) / 'model.engine'
        if not cached.exists():
            built.append(cached)
            cached.write_bytes(b'an engine')
        return OnTensorrt(create(model, options, providers=[CPU]))

    monkeypatch.setattr(onnxruntime, 'InferenceSession', create_session)
    for _ in range(2):
        segmenter = Segmenter(color_model, device='tensorrt', engine_cache=tmp_path / 'cache')
        assert segmenter.device == 'tensorrt'
    assert len(built) == 1
    built[0].write_bytes(b'planted')
    Segmenter(color_model, device='tensorrt', engine_cache=tmp_path / 'cache')
    assert len(built) == 2
    assert built[0].read_bytes() == b'an engine'
    assert caplog.text.count('builds an engine') == 2
