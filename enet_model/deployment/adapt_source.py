# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A foreign ONNX network: what it takes, where its scores are, and whether it can be adapted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.inliner
import onnxruntime
from numpy.typing import NDArray

from enet_model.deployment.graph import Graph, attribute, operators
from enet_model.errors import UserError

Size = tuple[int, int]
"""Width and height [pixels]."""

_TRANSPARENT = {'Cast', 'Identity', 'Squeeze', 'Unsqueeze'}
_MOVES = {*_TRANSPARENT, 'Resize', 'Transpose'}
_CHANNELS = {1, -3}  # axis of a tensor N x C x H x W
_ADVICE = 'export it again without, or rewrite it with operators of the ONNX standard'


class AdaptError(UserError):
    """A network that cannot be adapted: the text says what came, what was wanted, what to do."""


@dataclass(frozen=True)
class Foreign:
    """A network that takes float planes 1 x 3 x H x W and computes a score a class."""

    path: Path
    model: onnx.ModelProto
    """From an input of fixed size to the scores and nothing else; functions are inlined."""
    input: str
    size: Size
    """Of the frames."""
    scores: str
    """The tensor of the scores, 1 x C x h x w."""
    shape: tuple[int, int, int]
    """C, h, w of the scores: h and w may be smaller than the frame's."""
    activated: bool
    """The scores are probabilities: a softmax or sigmoid has made them."""
    session: Any
    """ONNX Runtime's, on the CPU."""

    @classmethod
    def open(cls, path: Path, size: Size | None = None, output: str = '') -> Foreign:
        """Read and check a network.

        size: where the file leaves it open. output: the tensor of the scores (or of the labels that
        are their largest), where the file has more than one output, or an inner one is meant.
        Raises AdaptError where it is none that can be adapted.
        """
        model = _load(path)
        name, size = _fix_input(path, model, size)
        producers = {each: node for node in model.graph.node for each in node.output}
        scores = _find_scores(path, model, producers, output)
        _cut_behind(model, scores)
        _check_operators(path, model)
        session, result = _try(path, model, name, size)
        if result.ndim != 4 or result.dtype != np.float32:
            raise AdaptError(
                f'{path}: {scores} is {result.dtype} {list(result.shape)}; wanted the scores, '
                'float32 [1, C, h, w]; name their tensor with --scores'
            )
        _cut_behind(model, scores, result.shape)
        return cls(
            path,
            model,
            name,
            size,
            scores,
            (result.shape[1], result.shape[2], result.shape[3]),
            _are_probabilities(producers, scores, result),
            session,
        )

    def run(self, planes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores, float32 C x h x w, of normalised planes, float32 3 x H x W."""
        (scores,) = self.session.run((self.scores,), {self.input: planes[None]})
        result: NDArray[np.float32] = scores[0]
        return result


def _load(path: Path) -> onnx.ModelProto:
    try:
        model = onnx.load(path)
    except Exception as error:  # protobuf's errors and those of files share no base
        reason = ' '.join(str(error).split())
        raise AdaptError(f'{path}: cannot be read: {reason}; wanted an ONNX file') from error
    # What a file says of the shapes between may be of another size, or of an earlier graph.
    del model.graph.value_info[:]
    return onnx.inliner.inline_local_functions(model)


def _check_operators(path: Path, model: onnx.ModelProto) -> None:
    """Refuse what not every device of the node has: the model file has to run on each."""
    for node in operators(model.graph.node):
        unpools = node.op_type == 'MaxUnpool' or (
            node.op_type == 'MaxPool' and len(node.output) > 1
        )
        if unpools:
            raise AdaptError(
                f'{path}: {node.op_type} with indices came, which TensorRT does not know and ONNX '
                f'Runtime runs on the CPU alone; {_ADVICE}'
            )
        if node.domain not in ('', 'ai.onnx'):
            raise AdaptError(
                f'{path}: the operator {node.domain}.{node.op_type} came, which not every device '
                f'knows; {_ADVICE}'
            )


def _fix_input(path: Path, model: onnx.ModelProto, size: Size | None) -> tuple[str, Size]:
    """Give the one input its size; return its name, and width and height."""
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    if len(inputs) != 1:
        raise AdaptError(
            f'{path}: takes {len(inputs)} inputs: {", ".join(value.name for value in inputs)}; '
            'wanted one, the image'
        )
    kind = inputs[0].type.tensor_type
    shape: list[Any] = [dimension.dim_value or None for dimension in kind.shape.dim]
    dtype = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
    if (
        kind.elem_type != onnx.TensorProto.FLOAT
        or len(shape) != 4
        or (shape[0] not in (1, None) or shape[1] not in (3, None))
    ):
        raise AdaptError(
            f'{path}: {inputs[0].name} is {dtype} {_text(shape)}; wanted float [1, 3, H, W]; '
            'export it with float32 and a batch of one, colours before rows'
        )
    height, width = shape[2:]
    if size is None and not (width and height):
        raise AdaptError(
            f'{path}: {inputs[0].name} is {_text(shape)}, of any size; '
            'choose one with --size WIDTHxHEIGHT'
        )
    size = size or (width, height)
    width, height = size
    if shape[2] not in (height, None) or shape[3] not in (width, None):
        raise AdaptError(
            f'{path}: {inputs[0].name} is {_text(shape)}, size {width}x{height} came; '
            'leave --size out, or export the network with that size'
        )
    for dimension, value in zip(kind.shape.dim, (1, 3, height, width), strict=True):
        dimension.dim_value = value
    return inputs[0].name, size


def _find_scores(path: Path, model: onnx.ModelProto, producers: dict[str, Any], output: str) -> str:
    """Return the tensor of the scores: an output, or what labels were chosen from."""
    outputs = [value.name for value in model.graph.output]
    if not output and len(outputs) > 1:
        raise AdaptError(
            f'{path}: gives {", ".join(outputs)}; say with --scores which are the scores'
        )
    name = output or outputs[0]
    if name not in producers:
        raise AdaptError(
            f'{path}: has no tensor {name!r}; wanted one of its outputs, {", ".join(outputs)}, or '
            'an inner one'
        )
    source = name
    while producers[source].op_type in _TRANSPARENT and producers[source].input[0] in producers:
        source = producers[source].input[0]
    operator = producers[source]
    # The probability of a label is gone after the choice: the scores are what is before it.
    if operator.op_type == 'ArgMax' and attribute(operator, 'axis', 0) in _CHANNELS:
        scores: str = operator.input[0]
        return scores
    return name


def _are_probabilities(producers: dict[str, Any], scores: str, values: NDArray[np.float32]) -> bool:
    """Tell whether the scores, whose values are 1 x C x h x w, are probabilities already."""
    # Exporters write a softmax in many ways, but what it gives adds up to 1 and nothing else does.
    if values.shape[1] > 1 and np.allclose(values.sum(axis=1), 1.0, atol=1e-3):
        return True
    while scores in producers and producers[scores].op_type in _MOVES:
        scores = producers[scores].input[0]
    return scores in producers and producers[scores].op_type == 'Sigmoid'


def _cut_behind(model: onnx.ModelProto, scores: str, shape: tuple[int, ...] | None = None) -> None:
    """Make the scores the one output, and leave out what they do not need."""
    output = onnx.ValueInfoProto(name=scores)  # ONNX Runtime finds out type and shape
    if shape is not None:
        output = onnx.helper.make_tensor_value_info(scores, onnx.TensorProto.FLOAT, shape)
    del model.graph.output[:]
    model.graph.output.append(output)
    Graph(model).prune()


def _try(path: Path, model: onnx.ModelProto, name: str, size: Size) -> Any:
    """Run the network once on noise; return the session and the scores."""
    noise = np.random.default_rng(0).normal(size=(1, 3, size[1], size[0])).astype(np.float32)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=['CPUExecutionProvider']
        )
        return session, session.run(None, {name: noise})[0]
    except Exception as error:  # ONNX Runtime's errors share no base but Exception
        reason = ' '.join(str(error).split())
        raise AdaptError(
            f'{path}: ONNX Runtime cannot run it at {size[0]}x{size[1]}: {reason}; '
            'try another --size, or export it again'
        ) from error


def _text(shape: list[Any]) -> str:
    return '[' + ', '.join('?' if side is None else str(side) for side in shape) + ']'
