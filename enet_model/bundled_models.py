# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The network that comes with the package: one set of weights in the form that a device likes best.

All forms compute the same function; ``enet export --target`` writes them (docs/performance.md).
"""

from __future__ import annotations

from pathlib import Path

_WEIGHTS = Path(__file__).parent / 'weights'

BUNDLED_CHECKPOINT = _WEIGHTS / 'enet_camvid.ckpt'
"""The weights that the forms were exported from; trained on train and val of CamVid."""

CHECKPOINT_WITHOUT_VAL = _WEIGHTS / 'enet_camvid_train.ckpt'
"""The same training without val: what the figures on val are measured on."""

_FORMS = {
    'cpu': 'enet_camvid.onnx',
    'cuda': 'enet_camvid_gpu.onnx',
    'tensorrt': 'enet_camvid_gpu.onnx',
    'openvino': 'enet_camvid_gpu.onnx',
}


def bundled_model(device: str) -> Path:
    """Return the bundled model file for a device: cpu, cuda, tensorrt or openvino."""
    return _WEIGHTS / _FORMS[device]
