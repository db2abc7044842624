# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from enet_model import engine_cache
from enet_model.engine_cache import MANIFEST, EngineCache, EngineCacheError, default_root

MODEL = 'a' * 64


def filled(root: Path) -> EngineCache:
    """Return the cache of a model after an engine was built and kept."""
    cache = EngineCache(root, MODEL)
    assert not cache.open()
    (cache.folder / 'enet_sm87.engine').write_bytes(b'an engine')
    (cache.folder / 'enet.profile').write_bytes(b'its profile')
    cache.close()
    return cache


def test_what_was_built_is_there_the_next_time(tmp_path: Path) -> None:
    folder = filled(tmp_path).folder
    again = EngineCache(tmp_path, MODEL)
    assert again.folder == folder
    assert again.open()
    assert (folder / 'enet_sm87.engine').read_bytes() == b'an engine'
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_provider_is_told_the_folder(tmp_path: Path) -> None:
    cache = EngineCache(tmp_path, MODEL)
    options = cache.provider_options
    assert options['trt_engine_cache_enable'] == 'True'
    assert options['trt_engine_cache_path'] == str(cache.folder)
    assert cache.folder.parent == tmp_path


def test_another_model_release_or_device_has_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = {EngineCache(tmp_path, MODEL).folder, EngineCache(tmp_path, 'b' * 64).folder}
    monkeypatch.setattr(engine_cache.onnxruntime, '__version__', '0.0')
    folders.add(EngineCache(tmp_path, MODEL).folder)
    device = tmp_path / 'model'
    device.write_text('NVIDIA Jetson Orin')
    monkeypatch.setattr(engine_cache, '_DEVICE_NAMES', (str(device).lstrip('/'),))
    folders.add(EngineCache(tmp_path, MODEL).folder)
    assert len(folders) == 4


@pytest.mark.parametrize('what', ['changed', 'added', 'removed', 'unfinished', 'no manifest'])
def test_what_was_changed_is_removed_and_built_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    cache = filled(tmp_path)
    engine = cache.folder / 'enet_sm87.engine'
    if what == 'changed':
        engine.write_bytes(b'another engine')
    elif what == 'added':
        (cache.folder / 'other.engine').write_bytes(b'planted')
    elif what == 'removed':
        engine.unlink()
    elif what == 'unfinished':
        (cache.folder / MANIFEST).write_text('{"enet')
    else:
        (cache.folder / MANIFEST).unlink()
    assert not EngineCache(tmp_path, MODEL).open()
    assert list(cache.folder.iterdir()) == []
    assert 'built anew' in caplog.text


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    cache.folder.chmod(0o770)
    with pytest.raises(EngineCacheError, match='others may write to it'):
        cache.open()


def test_a_link_to_a_folder_elsewhere_is_refused(tmp_path: Path) -> None:
    cache = EngineCache(tmp_path / 'root', MODEL)
    (tmp_path / 'root').mkdir()
    (tmp_path / 'elsewhere').mkdir(mode=0o700)
    cache.folder.symlink_to(tmp_path / 'elsewhere')
    with pytest.raises(EngineCacheError, match='folder of this user alone'):
        cache.open()


def test_a_place_that_cannot_be_had_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(EngineCacheError, match='cannot be kept there: Not a directory'):
        EngineCache(tmp_path / 'file', MODEL).open()


def test_the_root_is_what_systemd_or_the_user_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ('CACHE_DIRECTORY', 'XDG_CACHE_HOME'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('HOME', '/home/robot')
    assert default_root() == Path('/home/robot/.cache/enet_ros')
    monkeypatch.setenv('XDG_CACHE_HOME', '/somewhere')
    assert default_root() == Path('/somewhere/enet_ros')
    monkeypatch.setenv('CACHE_DIRECTORY', '/var/cache/robot')
    assert default_root() == Path('/var/cache/robot/enet_ros')
