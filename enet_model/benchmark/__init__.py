# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``enet benchmark``: the tables of the paper, the machine's limit and other networks, measured."""
