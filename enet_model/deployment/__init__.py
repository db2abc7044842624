# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a checkpoint to the model file that the node runs."""
