# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ways of an image between two processes under Fast DDS."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from enet_ros.dds_profile import VARIABLES, profile_file, use_profile

_NAMESPACE = 'http://www.eprosima.com/XMLSchemas/fastRTPS_Profiles'


@dataclass(frozen=True)
class Transport:
    """A way, and how processes are told to take it."""

    name: str
    uses_profile: bool
    """Whether with config/fastdds.xml."""
    is_udp: bool
    """Whether without shared memory, as between two machines."""


TRANSPORTS = (
    Transport('shared memory, as it comes', uses_profile=False, is_udp=False),
    Transport('shared memory, config/fastdds.xml', uses_profile=True, is_udp=False),
    Transport('UDP, as it comes', uses_profile=False, is_udp=True),
    Transport('UDP, config/fastdds.xml', uses_profile=True, is_udp=True),
)


def environment_of(
    transport: Transport, environment: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """Return the environment of a process that takes a way; ``folder`` is for its profile."""
    changed = {name: value for name, value in environment.items() if name not in VARIABLES}
    # For LOCALHOST rmw_fastrtps adds shared memory to whatever it is told.
    changed['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'SUBNET'
    if transport.uses_profile and transport.is_udp:
        profile = folder / 'udp.xml'
        profile.write_text(without_shared_memory(profile_file().read_text()))
        changed.update(dict.fromkeys(VARIABLES, str(profile)))
    elif transport.uses_profile:
        use_profile(changed)
    elif transport.is_udp:
        changed['FASTDDS_BUILTIN_TRANSPORTS'] = 'UDPv4'
    return changed


def without_shared_memory(profile: str) -> str:
    """Return a profile of Fast DDS whose participants do not use its transports of the type SHM."""
    ElementTree.register_namespace('', _NAMESPACE)
    root = ElementTree.fromstring(profile)
    names = {'': _NAMESPACE}
    shared = {
        descriptor.findtext('transport_id', '', names)
        for descriptor in root.iterfind('.//transport_descriptor', names)
        if descriptor.findtext('type', '', names) == 'SHM'
    }
    for used in root.iterfind('.//userTransports', names):
        for transport in list(used):
            if transport.text in shared:
                used.remove(transport)
    return ElementTree.tostring(root, encoding='unicode')
