# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX graph that can be edited: who makes a tensor, who reads it, one node for others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import numpy_helper


class Graph:
    """The graph of a model, edited in place; its nodes stay in topological order.

    Every shape has to be known: ValueError, in ``shape``, where one is not.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._names = {tensor.name for tensor in model.graph.initializer}
        self._names.update(name for node in self.nodes() for name in (*node.input, *node.output))

    def nodes(self, *kinds: str) -> list[onnx.NodeProto]:
        """Return the nodes of these kinds, or all, in the order in which they run."""
        return [node for node in self.model.graph.node if not kinds or node.op_type in kinds]

    def maker(self, tensor: str) -> onnx.NodeProto | None:
        """Return the node that makes a tensor; None for inputs and constants."""
        return next((node for node in self.model.graph.node if tensor in node.output), None)

    def users(self, tensor: str) -> list[onnx.NodeProto]:
        """Return the nodes that read a tensor."""
        return [node for node in self.model.graph.node if tensor in node.input]

    def is_inner(self, tensor: str) -> bool:
        """Whether one node alone reads a tensor, so that it may change with that node."""
        outputs = {output.name for output in self.model.graph.output}
        return len(self.users(tensor)) == 1 and tensor not in outputs

    def constant(self, tensor: str) -> NDArray[Any] | None:
        """Return the value of a constant; None where the tensor is none."""
        for initializer in self.model.graph.initializer:
            if initializer.name == tensor:
                return numpy_helper.to_array(initializer)
        return None

    def floats(self, tensor: str) -> NDArray[np.float64]:
        """Return a constant to compute with; ValueError where the tensor is none."""
        value = self.constant(tensor)
        if value is None:
            raise ValueError(f'{tensor} is not a constant')
        return value.astype(np.float64)

    def shape(self, tensor: str) -> tuple[int, ...]:
        """Return the shape of a tensor that was there at the last edit."""
        if tensor not in self._shapes:
            graph = onnx.shape_inference.infer_shapes(self.model, strict_mode=True).graph
            for value in (*graph.input, *graph.value_info, *graph.output):
                dimensions = value.type.tensor_type.shape.dim
                self._shapes[value.name] = tuple(d.dim_value for d in dimensions)
        if not all(self._shapes.get(tensor, (0,))):
            raise ValueError(f'the shape of {tensor} is not known')
        return self._shapes[tensor]

    def new_constant(self, value: ArrayLike, hint: str) -> str:
        """Add a constant; return its name. Floats become float32, integers int64."""
        array = np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind in 'iu' else np.float32)
        name = self.new_name(hint)
        self.model.graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def new_name(self, hint: str) -> str:
        """Return a name that no tensor has."""
        name, count = hint, 0
        while name in self._names:
            count += 1
            name = f'{hint}_{count}'
        self._names.add(name)
        return name

    def replace(self, old: onnx.NodeProto, new: Iterable[onnx.NodeProto]) -> None:
        """Put nodes in the place of a node; they read what was made before it."""
        nodes = self.model.graph.node
        position = next(i for i, node in enumerate(nodes) if node is old or node == old)
        del nodes[position]
        for offset, node in enumerate(new):
            nodes.insert(position + offset, node)

    def prepend(self, new: Iterable[onnx.NodeProto]) -> None:
        """Put nodes before all others."""
        for position, node in enumerate(new):
            self.model.graph.node.insert(position, node)

    def drop_output(self, name: str) -> None:
        """Remove an output, and what it alone needs."""
        kept = [output for output in self.model.graph.output if output.name != name]
        del self.model.graph.output[:]
        self.model.graph.output.extend(kept)
        self.prune()

    def prune(self) -> None:
        """Remove nodes and constants that no output needs."""
        needed = {output.name for output in self.model.graph.output}
        kept = []
        for node in reversed(self.model.graph.node):
            if needed.intersection(node.output):
                needed.update(reads(node))
                kept.append(node)
        del self.model.graph.node[:]
        self.model.graph.node.extend(reversed(kept))
        constants = [c for c in self.model.graph.initializer if c.name in needed]
        del self.model.graph.initializer[:]
        self.model.graph.initializer.extend(constants)


class Writer:
    """Nodes in the making: each call adds one and returns the name of what it makes."""

    def __init__(self, graph: Graph, hint: str) -> None:
        self.graph = graph
        self.hint = hint
        self.nodes: list[onnx.NodeProto] = []

    def __call__(
        self, kind: str, *inputs: str | ArrayLike, output: str = '', **attributes: Any
    ) -> str:
        """Add a node; arrays become constants, and a name is found where ``output`` is none."""
        names = [
            value
            if isinstance(value, str)
            else self.graph.new_constant(value, f'{self.hint}_constant')
            for value in inputs
        ]
        output = output or self.graph.new_name(f'{self.hint}_{kind}')
        self.nodes.append(onnx.helper.make_node(kind, names, [output], **attributes))
        return output


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


def operators(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """Yield all nodes, those in their branches too."""
    for node in nodes:
        yield node
        for entry in node.attribute:
            for branch in (entry.g, *entry.graphs):
                yield from operators(branch.node)


def reads(node: onnx.NodeProto) -> Iterator[str]:
    """Yield the names of the tensors that a node reads, those of its branches included."""
    yield from node.input
    for entry in node.attribute:
        for branch in (entry.g, *entry.graphs):
            for inner in branch.node:
                yield from reads(inner)
            yield from (output.name for output in branch.output)


def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    """Return the value of a node's attribute, or what stands for it."""
    for entry in node.attribute:
        if entry.name == name:
            return onnx.helper.get_attribute_value(entry)
    return default


def ints(node: onnx.NodeProto, name: str, default: Sequence[int]) -> list[int]:
    """Return an attribute that is a list of integers."""
    return list(attribute(node, name, default))
