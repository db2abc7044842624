# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes that keep to themselves: off the robot's network, and off other runs on this machine."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

RANGE, DOMAIN = 'ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_DOMAIN_ID'


def isolate(environment: MutableMapping[str, str]) -> None:
    """Keep the processes of an environment to themselves, unless it says otherwise."""
    environment.setdefault(RANGE, 'LOCALHOST')
    environment.setdefault(DOMAIN, str(os.getpid() % 100 + 1))  # 0 is that of everybody else
