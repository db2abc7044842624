# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Exact rewrites of an ONNX graph: each function changes the form and not the function computed."""

from __future__ import annotations

import onnx
from onnx import numpy_helper


def lower_to_opset_17(model: onnx.ModelProto) -> None:
    """Turn what an exporter wrote for opset 18 into opset 17, in place.

    Between the two only few operators changed; of those that segmentation networks use, ReduceMax
    takes its axes as an attribute again, and a Pad without axes reads the same. ValueError for
    others.
    """
    opset = next(entry for entry in model.opset_import if entry.domain == '')
    if opset.version not in (17, 18):
        raise ValueError(f'opset {opset.version} came; wanted 18 (or 17 already)')
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == 'ReduceMax' and len(node.input) == 2:
            axes = numpy_helper.to_array(constants[node.input[1]])
            del node.input[1]
            node.attribute.append(onnx.helper.make_attribute('axes', axes.tolist()))
        elif node.op_type == 'Pad' and len(node.input) > 3:
            raise ValueError(f'{node.name}: Pad with axes cannot be written in opset 17')
        elif node.op_type in _CHANGED_IN_18:
            raise ValueError(f'{node.name}: {node.op_type} cannot be lowered to opset 17')
    opset.version = 17
    model.ir_version = min(model.ir_version, 9)
    drop_unused_constants(model)


_CHANGED_IN_18 = {
    *('BitwiseAnd', 'BitwiseNot', 'BitwiseOr', 'BitwiseXor', 'Col2Im', 'GroupNormalization'),
    *('LpPool', 'Mish', 'OptionalGetElement', 'OptionalHasElement', 'ReduceL1', 'ReduceL2'),
    *('ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceMin', 'ReduceProd'),
    *('ReduceSumSquare', 'Resize', 'ScatterElements', 'ScatterND', 'Split', 'CenterCropPad'),
}


def drop_unused_constants(model: onnx.ModelProto) -> None:
    """Remove initialisers that no node reads."""
    used = {name for node in model.graph.node for name in node.input}
    used.update(output.name for output in model.graph.output)
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def drop_provenance(model: onnx.ModelProto) -> None:
    """Remove what an exporter notes of its source: file names, stack traces, shapes."""
    del model.graph.value_info[:]
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    model.doc_string = model.graph.doc_string = ''
    for part in (*model.graph.node, *model.graph.initializer):
        part.doc_string = ''
        del part.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output):
        value.doc_string = ''
        del value.metadata_props[:]


def drop_output(model: onnx.ModelProto, name: str) -> None:
    """Remove an output of the graph; what only led to it stays and is removed by the runtime."""
    kept = [output for output in model.graph.output if output.name != name]
    del model.graph.output[:]
    model.graph.output.extend(kept)
