# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Publishers of a camera's results: their quality of service, and whether somebody listens."""

from __future__ import annotations

from copy import copy
from typing import Any

from rclpy.lifecycle import LifecycleNode
from rclpy.lifecycle.publisher import LifecyclePublisher
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

RELIABLE = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
"""Also heard by subscribers that ask for best effort."""
LATCHED = QoSProfile(
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
"""Whoever comes later gets the last message."""
OVERRIDABLE = QoSOverridingOptions.with_default_policies()
"""Users change the quality of service by the parameters ``qos_overrides``. rclpy writes them into
the profile that it is given: hand it a copy."""


class Outputs:
    """Makes the publishers of one camera and removes them; they are silent while inactive."""

    def __init__(self, node: LifecycleNode, prefix: str) -> None:
        self._node = node
        self._prefix = prefix
        self._publishers: list[LifecyclePublisher] = []

    def create(self, kind: Any, topic: str, qos: QoSProfile = RELIABLE) -> LifecyclePublisher:
        """Return a publisher of ``<camera>/topic``."""
        publisher = self._node.create_lifecycle_publisher(
            kind, f'{self._prefix}{topic}', copy(qos), qos_overriding_options=OVERRIDABLE
        )
        self._publishers.append(publisher)
        return publisher

    def close(self) -> None:
        """Remove them all."""
        for publisher in self._publishers:
            self._node.destroy_lifecycle_publisher(publisher)
        self._publishers = []


def wanted(publisher: Publisher) -> bool:
    """Tell whether somebody listens."""
    return bool(publisher.get_subscription_count())
