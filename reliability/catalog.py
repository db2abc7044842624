# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which rows there are."""

from reliability import (
    bad_models,
    clocks,
    damaged_files,
    failing_frames,
    fuzzed_decoder,
    fuzzed_node,
    junk_parameters,
    killed,
    lost_camera,
    many_frames,
    overload,
    signals,
    slow_subscriber,
)
from reliability.rows import Row

FUZZ: tuple[Row, ...] = (
    fuzzed_decoder.ROW,
    fuzzed_node.ROW,
    damaged_files.ROW,
    bad_models.ROW,
    junk_parameters.ROW,
)
SOAK: tuple[Row, ...] = (
    many_frames.ROW,
    overload.ROW,
    lost_camera.ROW,
    signals.ROW,
    killed.ROW,
    failing_frames.ROW,
    slow_subscriber.ROW,
    clocks.ROW,
)
SUITES = {'fuzz': FUZZ, 'soak': SOAK}
"""Rows by the command that runs them."""
