# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The kind of error that a user can mend; commands show it as one line and end with status 1."""


class UserError(Exception):
    """The text says what came, what was wanted and what to do."""
