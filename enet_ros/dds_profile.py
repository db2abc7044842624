# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The transport settings of this package for Fast DDS, and how a process is given them."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path

from ament_index_python.packages import get_package_share_directory

VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
"""Up to ROS 2 Jazzy Fast DDS reads the first, from Kilted on the second."""


def profile_file() -> Path:
    """Return ``config/fastdds.xml``, of the source tree or as it is installed."""
    profile = Path(__file__).resolve().parents[1] / 'config' / 'fastdds.xml'
    if not profile.is_file():  # installed: lib/python3.x/site-packages/enet_ros is far from share
        profile = Path(get_package_share_directory('enet_ros')) / 'config' / 'fastdds.xml'
    return profile


def use_profile(environment: MutableMapping[str, str]) -> None:
    """Give the profile to the processes of an environment that names none itself."""
    if not any(environment.get(variable) for variable in VARIABLES):
        environment.update(dict.fromkeys(VARIABLES, str(profile_file())))
