# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import pkgutil

import pytest

import enet_model
from enet_model.errors import UserError


def test_every_error_of_the_package_is_one_that_a_user_can_mend() -> None:
    """So that every command shows each of them as one line."""
    pytest.importorskip('lightning', reason="needs pip install 'enet_model[train]'")
    errors = {
        value
        for entry in pkgutil.walk_packages(enet_model.__path__, 'enet_model.')
        for value in vars(importlib.import_module(entry.name)).values()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value.__module__.startswith('enet_model')
    }
    assert {error.__name__ for error in errors} >= {
        *('CheckpointError', 'DataSetError', 'DeviceError', 'ExportError', 'InputError'),
        *('ModelError', 'RecipeError', 'SpecError', 'UserError'),
    }
    assert [error for error in errors if not issubclass(error, UserError)] == []
