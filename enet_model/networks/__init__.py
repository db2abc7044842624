# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The networks."""
