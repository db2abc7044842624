#!/bin/bash
# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Start the node with arguments of segment.launch.py, or whatever command is given instead.
. "/opt/ros/$ROS_DISTRO/setup.bash"
. /ws/install/setup.bash
case ${1-} in
    '' | *:=*) exec ros2 launch enet_ros segment.launch.py "$@" ;;
    *) exec "$@" ;;
esac
