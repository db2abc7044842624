# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from enet_model.bundled_models import bundled_model
from enet_model.segmenter import PROVIDERS


@pytest.mark.parametrize('device', PROVIDERS)
def test_every_device_has_a_form_in_the_package(device: str) -> None:
    path = bundled_model(device)
    assert (path.parent.name, path.suffix) == ('weights', '.onnx')


def test_one_form_serves_both_ways_to_a_gpu() -> None:
    assert bundled_model('cuda') == bundled_model('tensorrt')
    assert len({bundled_model(device) for device in PROVIDERS}) == 3
