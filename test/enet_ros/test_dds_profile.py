# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

pytest.importorskip('ament_index_python', reason='ROS 2 is not sourced')

from enet_ros import dds_profile
from enet_ros.dds_profile import profile_file, use_profile


def test_the_profile_is_that_of_the_source_tree() -> None:
    assert profile_file() == Path(__file__).parents[2] / 'config' / 'fastdds.xml'
    assert profile_file().is_file()


def test_without_a_source_tree_it_is_the_installed_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dds_profile, '__file__', str(tmp_path / 'enet_ros' / 'dds_profile.py'))
    monkeypatch.setattr(dds_profile, 'get_package_share_directory', lambda name: f'/share/{name}')
    assert profile_file() == Path('/share/enet_ros/config/fastdds.xml')


def test_every_release_is_given_the_profile() -> None:
    environment = {'HOME': '/home/robot'}
    use_profile(environment)
    path = str(profile_file())
    assert environment == {
        'HOME': '/home/robot',
        'FASTRTPS_DEFAULT_PROFILES_FILE': path,
        'FASTDDS_DEFAULT_PROFILES_FILE': path,
    }


@pytest.mark.parametrize('variable', dds_profile.VARIABLES)
def test_a_profile_of_the_users_own_stays(variable: str) -> None:
    environment = {variable: '/home/robot/own.xml'}
    use_profile(environment)
    assert environment == {variable: '/home/robot/own.xml'}
