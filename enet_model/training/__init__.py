# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training: recipes, losses, checkpoints."""
