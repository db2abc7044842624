# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a robot does to the node in months, in minutes: `make fuzz`, `make soak`."""
