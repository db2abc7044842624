# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The other side of the node: cameras, listeners and requests, in a context of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data

PATIENCE = 60.0
"""Longer than anything here takes on a busy machine [s]."""


class Peer:
    """A node that feeds and hears the one under test; a context manager."""

    def __init__(self, namespace: str) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = Node(
            'peer', namespace=namespace, context=self.context, use_global_arguments=False
        )
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown()
        self.node.destroy_node()
        rclpy.shutdown(context=self.context)

    def camera(self, topic: str, kind: Any) -> Any:
        """Return a publisher as camera drivers have it."""
        return self.node.create_publisher(kind, topic, qos_profile_sensor_data)

    def listen(self, topic: str, kind: Any, depth: int = 10) -> list[Any]:
        """Return the list that grows by what comes on a topic, with the time of its arrival [s]."""
        heard: list[Any] = []
        self.node.create_subscription(
            kind, topic, lambda message: heard.append((time.monotonic(), message)), depth
        )
        return heard

    def call(self, kind: Any, service: str, request: Any, seconds: float = PATIENCE) -> Any:
        """Return the answer of a service; None where none comes in time."""
        if service not in self._clients:
            self._clients[service] = self.node.create_client(kind, service)
        client = self._clients[service]
        if not self.spin_until(client.service_is_ready, seconds):
            raise TimeoutError(f'nobody offers {service}')
        future = client.call_async(request)
        return future.result() if self.spin_until(future.done, seconds) else None

    def spin_for(self, seconds: float) -> None:
        """Hear what comes for a while."""
        self.spin_until(lambda: False, seconds)

    def spin_until(self, done: Callable[[], Any], seconds: float = PATIENCE) -> bool:
        """Hear what comes until ``done``; return False where that takes too long."""
        end = time.monotonic() + seconds
        while not done():
            remaining = end - time.monotonic()
            if remaining <= 0:
                return False
            self._executor.spin_once(timeout_sec=min(remaining, 0.02))
        return True

    def spin_while_publishing(
        self, publish: Callable[[], None], period: float, done: Callable[[], Any], seconds: float
    ) -> bool:
        """Publish every ``period`` [s] until ``done``; return False where that takes too long."""
        start = due = time.monotonic()
        while not done():
            now = time.monotonic()
            if now - start > seconds:
                return False
            if now >= due:
                publish()
                due = max(due + period, now)  # what is late is not made up for
            self._executor.spin_once(timeout_sec=max(due - time.monotonic(), 0.0))
        return True
