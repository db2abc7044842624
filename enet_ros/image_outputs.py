# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a camera's pictures show, published: masks, overlay, occupancy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from enet_model import overlay
from enet_model.resizing import resize_mask
from enet_model.segmenter import Segmentation
from enet_ros import camera_info, messages, occupancy
from enet_ros.engine import Engine
from enet_ros.image_fields import Frame
from enet_ros.messages import ImageBuffer
from enet_ros.msg import ClassOccupancyArray
from enet_ros.outputs import Outputs, wanted
from enet_ros.stages import StageClock


@dataclass(frozen=True)
class LabelledFrame:
    """A frame and what was seen in it."""

    header: Header
    frame: Frame
    result: Segmentation
    """At the network's size; labels that are too unsure are void."""
    mask_size: tuple[int, int]
    """Width and height of the masks to publish."""
    calibration: CameraInfo | None
    """That of the frame."""


class ImageOutputs:
    """Publishers of one camera's results in the image; what nobody hears is not computed.

    Masks and overlay are stretched straight into the memory of their messages, which are filled
    again for the next frame: see :class:`enet_ros.messages.ImageBuffer`.
    """

    def __init__(self, outputs: Outputs) -> None:
        create = outputs.create
        self._labels = create(Image, 'segmentation')
        self._info = create(CameraInfo, 'segmentation/camera_info')
        self._confidence = create(Image, 'segmentation/confidence')
        self._overlay = create(Image, 'segmentation/overlay')
        self._occupancy = create(ClassOccupancyArray, 'segmentation/occupancy')
        self._mask_buffer = ImageBuffer('mono8')
        self._overlay_buffer = ImageBuffer('rgb8')

    @property
    def wanted(self) -> bool:
        """Whether somebody listens to any of them."""
        images = (self._labels, self._info, self._confidence, self._overlay, self._occupancy)
        return any(wanted(publisher) for publisher in images)

    @property
    def occupancy_wanted(self) -> bool:
        """Whether somebody listens to the occupancy."""
        return wanted(self._occupancy)

    def publish_labels(self, seen: LabelledFrame, stages: StageClock) -> None:
        """Publish the labels: before all others, since they are waited for."""
        if wanted(self._labels):
            message = self._mask(seen, seen.result.labels)
            stages.lap('mask')
            self._labels.publish(message)
        stages.lap('publish')

    def publish_company(self, seen: LabelledFrame, engine: Engine) -> None:
        """Publish what goes with the labels: confidence, camera_info of the mask, overlay."""
        if wanted(self._confidence):
            self._confidence.publish(self._mask(seen, seen.result.confidence))
        if wanted(self._info) and seen.calibration is not None:
            info = camera_info.scaled(seen.calibration, *seen.mask_size)
            info.header = seen.header
            self._info.publish(info)
        if wanted(self._overlay):
            overlay.draw(
                seen.frame,
                seen.result.labels,
                engine.segmenter.spec.colors,
                engine.settings.overlay_opacity,
                out=self._overlay_buffer.pixels(seen.frame.shape),
            )
            self._overlay.publish(self._overlay_buffer.message(seen.header))

    def publish_occupancy(
        self, seen: LabelledFrame, engine: Engine, nearest: Sequence[float]
    ) -> None:
        """Publish the shares of the classes, at the distances ``nearest`` [m] or NaN."""
        classes, settings = engine.segmenter.spec.classes, engine.settings
        width, height = seen.mask_size
        # Measured on the mask as it is published: the shares are those that a subscriber counts.
        measured = occupancy.measure(
            seen.result.labels,
            seen.result.confidence,
            len(classes),
            min(settings.occupancy_rows, height),
            min(settings.occupancy_cols, width),
            (height, width),
        )
        self._occupancy.publish(
            messages.occupancy(seen.header, measured, classes, engine.roles, nearest)
        )

    def _mask(self, seen: LabelledFrame, values: NDArray[np.uint8]) -> Image:
        """Return labels or confidence at the size of the masks."""
        width, height = seen.mask_size
        resize_mask(values, width, height, out=self._mask_buffer.pixels((height, width)))
        return self._mask_buffer.message(seen.header)
