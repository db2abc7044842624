# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the node publishes, for Foxglove, without ROS; needs ``pip install 'enet_model[view]'``."""
