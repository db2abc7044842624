# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is computed for whom; test_segmentation_node.py has the messages as they arrive."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from sensor_msgs.msg import Image
from std_msgs.msg import Header

from enet_model.label_sets import Role
from enet_model.segmenter import Segmentation
from enet_ros.image_outputs import ImageOutputs, LabelledFrame
from enet_ros.stages import StageClock

LABELS = np.array([[0, 1, 1], [255, 1, 0]], np.uint8)
CONFIDENCE = np.array([[255, 51, 51], [9, 51, 102]], np.uint8)
SEEN = LabelledFrame(
    header=Header(frame_id='camera'),
    frame=np.full((4, 6, 3), 100, np.uint8),
    result=Segmentation(LABELS, CONFIDENCE),
    mask_size=(6, 4),
    calibration=None,
)
LARGE = np.repeat(np.repeat(LABELS, 2, axis=0), 2, axis=1)
ENGINE: Any = SimpleNamespace(
    segmenter=SimpleNamespace(
        spec=SimpleNamespace(
            classes=(SimpleNamespace(name='road'), SimpleNamespace(name='wall')),
            colors=np.array([[0, 0, 0], [200, 200, 200]], np.uint8),
        )
    ),
    settings=SimpleNamespace(overlay_opacity=0.5, occupancy_rows=1, occupancy_cols=2),
    roles=(Role.TRAVERSABLE, Role.OBSTACLE),
)


class Publisher:
    """Remembers the data of what is published: the message is filled again."""

    def __init__(self, listeners: int) -> None:
        self.published: list[Any] = []
        self._listeners = listeners

    def get_subscription_count(self) -> int:
        return self._listeners

    def publish(self, message: Any) -> None:
        is_image = isinstance(message, Image)
        self.published.append((message.step, bytes(message.data)) if is_image else message)


def outputs(*heard: str) -> tuple[ImageOutputs, dict[str, Publisher]]:
    """Return outputs of which those named are heard, and their publishers by topic."""
    publishers: dict[str, Publisher] = {}

    def create(kind: Any, topic: str) -> Publisher:
        name = topic.rpartition('/')[2]
        return publishers.setdefault(name, Publisher(int(name in heard)))

    made: Any = SimpleNamespace(create=create)
    return ImageOutputs(made), publishers


def test_masks_have_the_size_that_is_asked_for() -> None:
    made, publishers = outputs('segmentation', 'confidence')
    stages = StageClock()
    stages.begin(0.0)
    made.publish_labels(SEEN, stages)
    made.publish_company(SEEN, ENGINE)
    assert publishers['segmentation'].published == [(6, LARGE.tobytes())]
    confidence = np.repeat(np.repeat(CONFIDENCE, 2, axis=0), 2, axis=1)
    assert publishers['confidence'].published == [(6, confidence.tobytes())]
    assert list(stages.seconds) == ['mask', 'publish']


def test_the_overlay_has_the_size_of_the_frame() -> None:
    made, publishers = outputs('overlay')
    made.publish_company(SEEN, ENGINE)
    ((step, data),) = publishers['overlay'].published
    assert step == 18
    shades = np.frombuffer(data, np.uint8).reshape(4, 6, 3)[..., 0]
    np.testing.assert_array_equal(
        shades, np.choose(np.where(LARGE == 255, 2, LARGE), [50, 150, 100])
    )


def test_shares_are_those_of_the_mask() -> None:
    made, publishers = outputs('occupancy')
    made.publish_occupancy(SEEN, ENGINE, [float('nan'), 2.5])
    (message,) = publishers['occupancy'].published
    assert [each.image_fraction for each in message.classes] == pytest.approx([2 / 6, 3 / 6])
    assert message.unlabeled_fraction == pytest.approx(1 / 6)
    # The border between the two cells lies within the middle column: 6 columns, 3 in each.
    assert list(message.classes[1].cell_fraction) == pytest.approx([2 / 6, 4 / 6])


def test_what_nobody_hears_is_not_made() -> None:
    made, publishers = outputs()
    assert not made.wanted
    assert not made.occupancy_wanted
    stages = StageClock()
    made.publish_labels(SEEN, stages)
    made.publish_company(SEEN, ENGINE)
    assert not any(each.published for each in publishers.values())
    assert 'mask' not in stages.seconds


@pytest.mark.parametrize(
    'topic', ['segmentation', 'camera_info', 'confidence', 'overlay', 'occupancy']
)
def test_one_listener_is_enough(topic: str) -> None:
    made, _ = outputs(topic)
    assert made.wanted
    assert made.occupancy_wanted == (topic == 'occupancy')
