# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Semantic segmentation of camera images as a ROS 2 node."""

from pkgutil import extend_path

# The generated messages (enet_ros.msg) are installed as a package of the same name. This lets the
# source tree find them, so that tests and nodes run from it without a second copy of the code.
__path__ = extend_path(__path__, __name__)
