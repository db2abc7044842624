# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from enet_model.bundled_models import BUNDLED_CHECKPOINT, bundled_model
from enet_model.segmenter import PROVIDERS


@pytest.mark.parametrize('device', PROVIDERS)
def test_every_device_has_a_form_in_the_package(device: str) -> None:
    assert bundled_model(device).is_file()


def test_accelerators_share_a_form() -> None:
    forms = {device: bundled_model(device) for device in PROVIDERS}
    assert forms['tensorrt'] == forms['cuda'] == forms['openvino'] != forms['cpu']


def test_the_weights_are_there_to_export_again() -> None:
    assert BUNDLED_CHECKPOINT.is_file()
