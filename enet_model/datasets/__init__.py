# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets, and what turns them into batches."""
