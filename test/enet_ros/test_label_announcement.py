# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from std_msgs.msg import String

from enet_ros import messages
from enet_ros.label_announcement import LabelAnnouncement


class Node:
    """As much of a node as is needed, with a list of what is published and said."""

    def __init__(self) -> None:
        self.published: list[Any] = []
        self.said: list[str] = []
        self.topics: list[str] = []
        self.destroyed = 0

    def get_clock(self) -> Any:
        import rclpy.clock

        return rclpy.clock.Clock()

    def get_logger(self) -> Any:
        return SimpleNamespace(info=self.said.append)

    def create_publisher(self, kind: Any, topic: str, *_: Any, **__: Any) -> Any:
        self.topics.append(topic)
        return SimpleNamespace(publish=self.published.append)

    def destroy_publisher(self, publisher: Any) -> None:
        self.destroyed += 1


def engine(names: tuple[str, ...], threshold: float) -> Any:
    return SimpleNamespace(
        segmenter=SimpleNamespace(spec=SimpleNamespace(names=names)),
        settings=SimpleNamespace(confidence_threshold=threshold),
    )


def test_it_is_published_when_it_says_something_new(monkeypatch: pytest.MonkeyPatch) -> None:
    def label_info(header: Any, spec: Any, threshold: float) -> String:
        return String(data=f'{spec.names} {threshold}')

    monkeypatch.setattr(messages, 'label_info', label_info)
    node: Any = Node()
    announcement = LabelAnnouncement(node, 'front/')
    for names, threshold in ((('road',), 0.0), (('road',), 0.0), (('road',), 0.5), (('sea',), 0.5)):
        announcement.announce(engine(names, threshold))
    assert [each.data for each in node.published] == [
        "('road',) 0.0",
        "('road',) 0.5",
        "('sea',) 0.5",
    ]
    assert node.topics == ['front/segmentation/label_info']
    announcement.close()
    announcement.close()
    assert node.destroyed == 1


def test_without_vision_msgs_the_log_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def label_info(*_: Any) -> None:
        raise ImportError

    monkeypatch.setattr(messages, 'label_info', label_info)
    node: Any = Node()
    announcement = LabelAnnouncement(node, '')
    announcement.announce(engine(('road',), 0.0))
    assert 'apt install' in node.said[0]
    announcement.close()
    assert not node.topics
    assert not node.destroyed
