# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tables 2 and 3 of the paper of ENet (arXiv 1606.02147), to stand beside what is measured."""

from __future__ import annotations

PAPER_MS = {
    ('enet', 'Jetson TX1'): {(480, 320): 47, (640, 360): 69, (1280, 720): 262},
    ('segnet', 'Jetson TX1'): {(480, 320): 757, (640, 360): 1251},
    ('enet', 'Titan X'): {(640, 360): 7, (1280, 720): 21, (1920, 1080): 46},
    ('segnet', 'Titan X'): {(640, 360): 69, (1280, 720): 289, (1920, 1080): 637},
}
"""Milliseconds for a frame of each width and height."""

PAPER_FPS = {
    ('enet', 'Jetson TX1'): {(480, 320): 21.1, (640, 360): 14.6, (1280, 720): 3.8},
    ('segnet', 'Jetson TX1'): {(480, 320): 1.3, (640, 360): 0.8},
    ('enet', 'Titan X'): {(640, 360): 135.4, (1280, 720): 46.8, (1920, 1080): 21.6},
    ('segnet', 'Titan X'): {(640, 360): 14.6, (1280, 720): 3.5, (1920, 1080): 1.6},
}
"""Frames a second, as printed there."""

PAPER_SIZE = (640, 360)
"""Width and height of the frame whose operations the paper counts."""

PAPER_COST = {'enet': (3.83, 0.37, 0.7), 'segnet': (286.03, 29.46, 56.2)}
"""GFLOPs, millions of parameters, size in half precision in MB."""

PAPER_RATIOS = (75, 79, 18)
"""Operations, parameters and (at most) speed: how many times better ENet is than SegNet."""
