# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Keep the nodes of a test run to themselves: off the robot's network and off another run's."""

import os

os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['ROS_DOMAIN_ID'] = str(os.getpid() % 100 + 1)
