# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a decoder of images says of what is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from enet_ros.image_fields import ImageError, Reason


def refusal_by(decoder: Callable[[Any], Any], came: Any) -> ImageError:
    """Return the error that a decoder raises, once it is known to be counted and printable."""
    with pytest.raises(ImageError) as caught:
        decoder(came)
    check_refusal(caught.value)
    return caught.value


def check_refusal(error: ImageError) -> None:
    """Assert that an error has a reason to be counted by, and a text that every logger prints."""
    assert error.reason in get_args(Reason)
    str(error).encode()
