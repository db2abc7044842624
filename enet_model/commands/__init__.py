# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands of `enet`, one a module: ``HELP``, ``add_arguments(parser)`` and ``run(options)``.

What a command needs beyond its arguments is imported in ``run``: neither labelling a picture nor
`enet --help` needs torch.
"""
