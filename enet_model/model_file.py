# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a model file as the input that it is: bounded, whole, and reaching for no other file.

ONNX is protobuf (onnx.proto; wire format: protobuf.dev/programming-guides/encoding). A robot has no
onnx package, so the few fields that could name other files are looked up here, by length alone:
weights are stepped over, and nothing is copied.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from enet_model.errors import UserError

MAX_MODEL_BYTES = 512 * 2**20
"""Larger files are refused unread; SegNet in fp32 has 118 MB."""
_MAX_DEPTH = 32

# Which fields of a message hold messages to look into, by number.
_MESSAGES: dict[str, dict[int, str]] = {
    'Model': {7: 'Graph', 20: 'TrainingInfo', 25: 'Function'},
    'TrainingInfo': {1: 'Graph', 2: 'Graph'},
    'Function': {7: 'Node', 11: 'Attribute'},
    'Graph': {1: 'Node', 5: 'Tensor', 15: 'SparseTensor'},
    'Node': {5: 'Attribute'},
    'Attribute': {
        5: 'Tensor',
        6: 'Graph',
        10: 'Tensor',
        11: 'Graph',
        22: 'SparseTensor',
        23: 'SparseTensor',
    },
    'SparseTensor': {1: 'Tensor', 2: 'Tensor'},
    'Tensor': {},
}
_OP_TYPE = 4  # of Node
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of Tensor
_VARINT, _I64, _LEN, _I32 = 0, 1, 2, 5


class ModelError(UserError):
    """A model file that cannot be run: the text gives path, reason and remedy."""


class ModelFile(NamedTuple):
    """A model file that was read and stands for itself."""

    path: Path
    content: bytes
    sha256: str
    """Of the content, in hexadecimal."""


def read_model(path: Path, sha256: str = '') -> ModelFile:
    """Read a model file that stands for itself.

    sha256: what the file has to hash to, in hexadecimal; empty is any.
    Raises ModelError where the file cannot be read, is no regular file, is too large, has another
    hash, or names other files: external data, or a compiled engine.
    """
    try:
        with open(path, 'rb', opener=_open_at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f'{path}: is no regular file; name an ONNX file')
            if status.st_size > MAX_MODEL_BYTES:
                raise ModelError(
                    f'{path}: has {status.st_size} bytes; wanted {MAX_MODEL_BYTES} at most'
                )
            content = file.read(MAX_MODEL_BYTES)
    except OSError as error:
        raise ModelError(
            f'{path}: cannot be read: {error.strerror}; name an ONNX file that is there'
        ) from error
    if not content:
        raise ModelError(f'{path}: is empty; copy or export the model again')
    found = hashlib.sha256(content).hexdigest()
    if sha256 and found != sha256.lower():
        raise ModelError(
            f'{path}: has the sha256 {found}; wanted {sha256.lower()}; copy the right file there'
        )
    try:
        foreign = _foreign_file(memoryview(content))
    except ValueError as error:
        raise ModelError(
            f'{path}: is no ONNX file, or a cut one: {error}; copy it again, or write it with '
            "'enet export'"
        ) from error
    if foreign:
        raise ModelError(
            f'{path}: {foreign}; wanted one file that holds everything: export it without '
            'external data'
        )
    return ModelFile(path, content, found)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe would be waited for


def _foreign_file(model: memoryview) -> str:
    """Say what in a model names another file; empty where nothing does. ValueError if cut."""
    waiting = [('Model', model, 0)]
    while waiting:
        kind, message, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            raise ValueError(f'graphs are nested more than {_MAX_DEPTH} deep')
        for number, value in _fields(message):
            if kind == 'Tensor' and (
                number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0)
            ):
                return 'keeps weights in another file'
            if not isinstance(value, memoryview):
                continue
            if kind == 'Node' and number == _OP_TYPE and value == b'EPContext':
                return 'holds or names a compiled engine'
            if number in _MESSAGES[kind]:
                waiting.append((_MESSAGES[kind][number], value, depth + 1))
    return ''


def _fields(message: memoryview) -> list[tuple[int, int | memoryview]]:
    """Return numbers and values of the fields of a message; fixed-size values as 0."""
    fields: list[tuple[int, int | memoryview]] = []
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire_type = tag >> 3, tag & 7
        value: int | memoryview = 0
        if wire_type == _VARINT:
            value, at = _varint(message, at)
        elif wire_type == _LEN:
            size, at = _varint(message, at)
            value = message[at : at + size]
            at += size
        elif wire_type in (_I64, _I32):
            at += 8 if wire_type == _I64 else 4
        else:
            raise ValueError(f'wire type {wire_type} at byte {at}')
        if at > len(message):
            raise ValueError(f'field {number} goes {at - len(message)} bytes beyond its end')
        fields.append((number, value))
    return fields


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return a number of variable length and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError('it ends within a number')
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError(f'a number of more than 10 bytes at byte {at}')
