# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A foreign graph in the opset of the model contract."""

from __future__ import annotations

import onnx
import onnx.version_converter

OPSET = 17

# Attributes that opset 18 has added, each with the value that means what opset 17 does.
_NEW_IN_18 = {
    'noop_with_empty_axes': lambda attribute: attribute.i == 0,  # of Reduce*
    'antialias': lambda attribute: attribute.i == 0,  # of Resize
    'keep_aspect_ratio_policy': lambda attribute: attribute.s == b'stretch',  # of Resize
}


def to_opset_17(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the same function in opset 17; ValueError where that cannot be done.

    onnx's own converter does the work. It forgets to take away attributes that opset 17 does not
    know, also where they say nothing new.
    """
    version = next(entry.version for entry in model.opset_import if entry.domain in ('', 'ai.onnx'))
    if version == OPSET:
        return model
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    for node in plain.graph.node:
        kept = [
            attribute
            for attribute in node.attribute
            if not (attribute.name in _NEW_IN_18 and _NEW_IN_18[attribute.name](attribute))
        ]
        del node.attribute[:]
        node.attribute.extend(kept)
    try:
        converted = onnx.version_converter.convert_version(plain, OPSET)
        onnx.checker.check_model(converted, full_check=True)
    except Exception as error:  # the converter's and the checker's share no base but Exception
        reason = ' '.join(str(error).split())
        raise ValueError(f'opset {version} cannot be written as opset {OPSET}: {reason}') from error
    return converted
