# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Other small segmentation networks, built from their papers to be measured beside ENet.

They have fresh weights: speed and cost do not depend on the values. Their parameters and operations
are compared with the published ones in the tests. Only what runs after training is built: no
auxiliary heads.
"""
