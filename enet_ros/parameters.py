# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of the node: one table that declares, describes and checks them."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from enet_model.segmenter import DEVICES
from enet_ros.parameter_descriptor import describe

MAX_GRID_CELLS = 2000
"""Cells along a side of the grid."""
MAX_RANGE_CELLS = 1000
"""Cells from the robot to the end of the range."""

MAX_LENGTH = 1000
"""Characters of a text, and entries of a list."""

Value: TypeAlias = str | bool | int | float | tuple[str, ...] | tuple[float, ...]


@dataclass(frozen=True)
class Settings:
    """The values of all parameters, checked; the names are those of the parameters."""

    model: str
    model_sha256: str
    device: str
    engine_cache: str
    build_only: bool
    autostart: bool
    cameras: tuple[str, ...]
    transport: str
    confidence_threshold: float
    overlay_opacity: float
    occupancy_rows: int
    occupancy_cols: int
    mask_width: int
    traversable: tuple[str, ...]
    obstacle: tuple[str, ...]
    base_frame: str
    grid_frame: str
    camera_pose: tuple[float, ...]
    grid_resolution: float
    grid_size: float
    min_range: float
    max_range: float
    rectified: bool
    grid_half_life: float
    stale_after: float


class Form(NamedTuple):
    """What texts look like: a pattern that they match as a whole, and the same in words."""

    pattern: re.Pattern[str]
    words: str


FRAME = Form(re.compile(r'[^/].*'), "a frame of TF: not '', and without / before it")
TOPIC_NAMES = Form(re.compile(r'[A-Za-z]\w*', re.ASCII), 'names of topics: letters, digits and _')
SHA256 = Form(re.compile(r'(?:[0-9A-Fa-f]{64})?', re.ASCII), "64 hexadecimal digits, or ''")


@dataclass(frozen=True)
class Parameter:
    """A parameter: its default, what it is for, and which values it takes."""

    name: str
    default: Value
    text: str
    limits: tuple[float, float] | None = None
    """Smallest and largest value of a number."""
    choices: tuple[str, ...] = ()
    """The texts that are allowed, where only some are."""
    lengths: tuple[int, ...] = ()
    """The lengths that are allowed, where a list cannot have any."""
    form: Form | None = None
    """What a text, or each of a list, looks like."""
    fixed: bool = False
    """It is read at the start alone."""

    @property
    def type(self) -> RosParameter.Type:
        """The ROS type: an empty list does not tell of what, so the field of Settings does."""
        return _TYPES[_FIELD_TYPES[self.name]]

    @property
    def descriptor(self) -> ParameterDescriptor:
        """What `ros2 param describe` shows."""
        descriptor = describe(
            self.text,
            self.limits,
            is_whole=self.type is RosParameter.Type.INTEGER,
            read_only=self.fixed,
        )
        if self.choices:
            descriptor.additional_constraints = f'one of {", ".join(self.choices)}'
        return descriptor

    def refusal(self, value: Any) -> str:
        """Say why ``value``, of the right type, is not taken; empty where it is."""
        texts = value if isinstance(value, tuple) else (value,)
        longest = max([len(texts), *(len(text) for text in texts if isinstance(text, str))])
        if longest > MAX_LENGTH:
            return f'{self.name}: {longest} characters or entries came; wanted {MAX_LENGTH} at most'
        wanted = ''
        if self.choices and value not in self.choices:
            wanted = f'one of {", ".join(self.choices)}'
        elif self.limits and not self.limits[0] <= value <= self.limits[1]:
            wanted = f'{self.limits[0]:g} to {self.limits[1]:g}'
        elif self.lengths and len(value) not in self.lengths:
            wanted = f'a list of {" or ".join(map(str, self.lengths))} values'
        elif self.type is RosParameter.Type.DOUBLE_ARRAY and not all(map(math.isfinite, value)):
            wanted = 'finite numbers'
        elif self.type is RosParameter.Type.STRING_ARRAY and len(set(value)) != len(value):
            wanted = 'names that differ'
        elif self.form and not all(map(self.form.pattern.fullmatch, texts)):
            wanted = self.form.words
        return f'{self.name}: {value!r} came; wanted {wanted}' if wanted else ''


PARAMETERS = (
    Parameter('model', '', "ONNX file of the network; '' is the bundled one", fixed=True),
    Parameter(
        'model_sha256',
        '',
        "SHA-256 that the file of model has to have when it is loaded, in hexadecimal; '' is any",
        form=SHA256,
    ),
    Parameter('device', 'auto', 'what the network runs on', choices=DEVICES, fixed=True),
    Parameter(
        'engine_cache',
        '',
        "folder where TensorRT keeps its engines; '' is enet_ros in the user's cache folder",
        fixed=True,
    ),
    Parameter(
        'build_only',
        False,
        'load the model, build the TensorRT engine where there is none yet, and end',
        fixed=True,
    ),
    Parameter(
        'autostart',
        False,
        'configure and activate at the start, without a manager; end where that fails',
        fixed=True,
    ),
    Parameter(
        'cameras',
        (),
        'several cameras by name; [] is one camera on image',
        form=TOPIC_NAMES,
        fixed=True,
    ),
    Parameter('transport', 'raw', 'how images come', choices=('raw', 'compressed'), fixed=True),
    Parameter(
        'confidence_threshold',
        0.0,
        'labels whose class is less probable become 255, unlabelled',
        limits=(0.0, 1.0),
    ),
    Parameter('overlay_opacity', 0.5, 'share of colour in the overlay', limits=(0.0, 1.0)),
    Parameter('occupancy_rows', 6, 'coarse cells from top to bottom', limits=(1, 64)),
    Parameter('occupancy_cols', 8, 'coarse cells from left to right', limits=(1, 64)),
    Parameter(
        'mask_width',
        0,
        "width of the published mask and its camera_info [pixels]; 0 is the camera's",
        limits=(0, 8192),
    ),
    Parameter('traversable', (), "classes that are ground, whatever the model's roles say"),
    Parameter('obstacle', (), "classes that are in the way, whatever the model's roles say"),
    Parameter('base_frame', 'base_link', "the robot's frame (REP-105)", form=FRAME),
    Parameter('grid_frame', 'odom', 'frame that the grid stays fixed in (REP-105)', form=FRAME),
    Parameter(
        'camera_pose',
        (),
        "x, y, z [m], roll, pitch, yaw [rad] of the camera's body-aligned frame (x forward) in "
        'base_frame; [] asks TF',
        lengths=(0, 6),
    ),
    Parameter('grid_resolution', 0.1, 'side of a cell of the grid [m]', limits=(0.01, 5.0)),
    Parameter('grid_size', 20.0, 'side of the grid [m]', limits=(1.0, 200.0)),
    Parameter(
        'min_range',
        0.0,
        'nearer ground is not looked at [m]: hides the bonnet of the robot itself',
        limits=(0.0, 50.0),
    ),
    Parameter(
        'max_range', 15.0, 'reach of grid, scan and obstacle points [m]', limits=(1.0, 100.0)
    ),
    Parameter(
        'rectified',
        False,
        'images are rectified (image_rect): P and R of the camera_info hold, not K and D',
    ),
    Parameter(
        'grid_half_life',
        0.0,
        'keep what earlier frames showed in the grid, half as sure after this time [s]; needs '
        'grid_frame in TF; 0 shows the last frame alone',
        limits=(0.0, 60.0),
    ),
    Parameter(
        'stale_after',
        1.0,
        'time without an image until the diagnostics call the camera stale [s]',
        limits=(0.1, 3600.0),
    ),
)

_TYPES = {
    'str': RosParameter.Type.STRING,
    'bool': RosParameter.Type.BOOL,
    'int': RosParameter.Type.INTEGER,
    'float': RosParameter.Type.DOUBLE,
    'tuple[str, ...]': RosParameter.Type.STRING_ARRAY,
    'tuple[float, ...]': RosParameter.Type.DOUBLE_ARRAY,
}
_FIELD_TYPES = {field.name: str(field.type) for field in dataclasses.fields(Settings)}
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


class ParameterError(ValueError):
    """A value that is not taken; the text says what came and what was wanted."""


def declare(node: Node) -> None:
    """Declare every parameter with its description and range; rclpy raises for a wrong type."""
    for parameter in PARAMETERS:
        # rclpy takes an empty list for one of bytes: such a parameter is declared by type, unset.
        value = parameter.type if parameter.default == () else parameter.default
        node.declare_parameter(parameter.name, value, parameter.descriptor)


def read(node: Node) -> Settings:
    """Return the values of the declared parameters; ParameterError names the one that is wrong."""
    values = {
        name: node.get_parameter_or(
            name, RosParameter(name, value=None)
        ).value  # None: an unset list
        for name in _BY_NAME
    }
    return _settings({name: _plain(value) for name, value in values.items()})


def change(settings: Settings, parameters: Iterable[RosParameter]) -> Settings:
    """Return ``settings`` with changed values; ParameterError where one is wrong.

    Parameters of other tables (``use_sim_time``, ``qos_overrides``) are passed over.
    """
    values = dataclasses.asdict(settings)
    for parameter in parameters:
        if parameter.name in values:
            values[parameter.name] = _plain(parameter.value)
    return _settings(values)


def result(refusal: str = '') -> SetParametersResult:
    """Return the answer to a request to set parameters."""
    return SetParametersResult(successful=not refusal, reason=refusal)


def _settings(values: dict[str, Value]) -> Settings:
    for name, parameter in _BY_NAME.items():
        refusal = parameter.refusal(values[name])
        if refusal:
            raise ParameterError(refusal)
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.min_range >= settings.max_range:
        raise ParameterError(
            f'min_range: {settings.min_range!r} came; wanted less than max_range, '
            f'{settings.max_range:g}'
        )
    # Tables and grid grow with these; beyond, building them would stop the node for a minute.
    for name, cells in (('grid_size', MAX_GRID_CELLS), ('max_range', MAX_RANGE_CELLS)):
        if getattr(settings, name) > cells * settings.grid_resolution:
            raise ParameterError(
                f'{name}: {getattr(settings, name)!r} came; wanted at most {cells} times '
                f'grid_resolution, {settings.grid_resolution:g}'
            )
    return settings


def _plain(value: Any) -> Value:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
