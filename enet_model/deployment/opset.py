# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The version of ONNX that model files are written in, and graphs of other versions brought to it.

ONNX Runtime from 1.17 on reads it, and so do the providers and parsers of that time.
"""

from __future__ import annotations

import onnx
import onnx.version_converter
from onnx import numpy_helper

from enet_model.deployment.graph import attribute, operators

OPSET = 17
IR_VERSION = 9

# Attributes that opset 18 has added, each with the value at which it says nothing new.
_NEW_IN_18 = {'noop_with_empty_axes': 0, 'antialias': 0, 'keep_aspect_ratio_policy': b'stretch'}

# Operators whose axes were an attribute before they became an input. ReduceSum was changed earlier.
_AXES_AS_ATTRIBUTE = {
    *('ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMax', 'ReduceMean'),
    *('ReduceMin', 'ReduceProd', 'ReduceSumSquare'),
}


def to_opset_17(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model of the same function in opset 17; ValueError where that cannot be done.

    Between 17 and 18 few operators changed, and torch writes 18: that step is done here. All others
    are those of onnx's converter, which does not know Pad in it.
    """
    version = next(entry.version for entry in model.opset_import if entry.domain in ('', 'ai.onnx'))
    lowered = onnx.ModelProto()
    lowered.CopyFrom(model)
    try:
        if version < OPSET:
            lowered = onnx.version_converter.convert_version(model, OPSET)
        elif version > OPSET:
            if version > OPSET + 1:
                lowered = onnx.version_converter.convert_version(model, OPSET + 1)
            _lower_from_18(lowered)
        lowered.ir_version = min(lowered.ir_version, IR_VERSION)
        onnx.checker.check_model(lowered, full_check=True)
    except Exception as error:  # the converter's and the checker's share no base but Exception
        reason = ' '.join(str(error).split())
        raise ValueError(f'opset {version} cannot be taken as opset {OPSET}: {reason}') from error
    return lowered


def _lower_from_18(model: onnx.ModelProto) -> None:
    """Write a model of opset 18 as one of 17, in place.

    What opset 17 has no word for stays as it is, and the checker finds it.
    """
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in operators(model.graph.node):
        if node.op_type == 'Constant' and (value := attribute(node, 'value')):
            constants[node.output[0]] = value
    for node in operators(model.graph.node):
        if node.op_type.startswith('Scatter') and attribute(node, 'reduction') in (b'max', b'min'):
            raise ValueError(f'{node.op_type} by the larger or smaller value came')
        kept = [
            entry
            for entry in node.attribute
            if onnx.helper.get_attribute_value(entry) != _NEW_IN_18.get(entry.name)
            and not (node.op_type == 'Split' and entry.name == 'num_outputs')  # it has as many
        ]
        del node.attribute[:]
        node.attribute.extend(kept)
        if node.op_type in _AXES_AS_ATTRIBUTE and len(node.input) == 2:
            axes = node.input.pop()
            if axes not in constants:
                raise ValueError(f'{node.op_type} with axes that are computed came')
            values = numpy_helper.to_array(constants[axes]).tolist()
            node.attribute.append(onnx.helper.make_attribute('axes', values))
    for entry in model.opset_import:
        if entry.domain in ('', 'ai.onnx'):
            entry.version = OPSET
