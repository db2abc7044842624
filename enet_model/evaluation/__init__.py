# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How right a network is on a data set: scores, tables, pictures."""
