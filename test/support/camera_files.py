# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a camera node is started with, in files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def write_images(folder: Path) -> Path:
    """Write four images of 32x24 pixels and return their folder."""
    for seed in range(4):
        pixels = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
        cv2.imwrite(str(folder / f'{seed}.png'), pixels)
    return folder


def write_calibration(folder: Path) -> Path:
    """Write a calibration of images of 64x48 pixels and return its file."""
    path = folder / 'camera.yaml'
    path.write_text(
        'image_width: 64\nimage_height: 48\ndistortion_model: plumb_bob\n'
        'distortion_coefficients: {data: [0.1, 0, 0, 0, 0]}\n'
        'camera_matrix: {data: [60, 0, 31.5, 0, 60, 23.5, 0, 0, 1]}\n'
        'rectification_matrix: {data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}\n'
        'projection_matrix: {data: [60, 0, 31.5, 0, 0, 60, 23.5, 0, 0, 0, 1, 0]}\n'
    )
    return path
