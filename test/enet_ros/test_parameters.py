# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Any

import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from rclpy.parameter import Parameter  # noqa: E402

from enet_ros import parameters  # noqa: E402
from enet_ros.parameters import PARAMETERS, ParameterError, Settings  # noqa: E402

README = Path(__file__).parents[2] / 'README.md'


@pytest.fixture
def node() -> Any:
    rclpy.init()
    node = rclpy.create_node('holder', use_global_arguments=False)
    yield node
    node.destroy_node()
    rclpy.shutdown()


def settings(**values: Any) -> Settings:
    return Settings(**{parameter.name: parameter.default for parameter in PARAMETERS} | values)


def test_the_table_and_the_settings_have_the_same_names_and_every_text_says_something() -> None:
    assert [parameter.name for parameter in PARAMETERS] == list(Settings.__annotations__)
    for parameter in PARAMETERS:
        assert len(parameter.text) > 10
        assert parameter.refusal(parameter.default) == ''


def test_every_parameter_stands_in_the_readme() -> None:
    table = README.read_text().split('## Parameters')[1].split('\n## ')[0]
    for parameter in PARAMETERS:
        assert f'`{parameter.name}`' in table, parameter.name


def test_declared_parameters_read_as_their_defaults(node: Any) -> None:
    parameters.declare(node)
    assert parameters.read(node) == settings()
    descriptor = node.describe_parameter('confidence_threshold')
    assert descriptor.floating_point_range[0].to_value == 1.0
    assert descriptor.description
    assert node.describe_parameter('model').read_only


@pytest.mark.parametrize(
    ('name', 'value', 'read'),
    [
        ('confidence_threshold', 0.25, 0.25),
        ('occupancy_rows', 3, 3),
        ('traversable', ['road', 'pavement'], ('road', 'pavement')),
        ('camera_pose', [0.0] * 6, (0.0,) * 6),
        ('camera_pose', [], ()),
        ('use_sim_time', True, None),
    ],
)
def test_a_good_value_is_taken_and_the_others_stay(name: str, value: Any, read: Any) -> None:
    changed = parameters.change(settings(), [Parameter(name, value=value)])
    assert changed == settings(**({} if read is None else {name: read}))


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('confidence_threshold', -0.1),
        ('confidence_threshold', float('nan')),
        ('occupancy_cols', 0),
        ('grid_resolution', 0.0),
        ('device', 'tpu'),
        ('transport', 'theora'),
        ('cameras', ['front', 'front']),
        ('camera_pose', [1.0, 2.0]),
        ('camera_pose', [float('inf')] * 6),
        ('cameras', ['rear cam']),
        ('base_frame', ''),
        ('grid_frame', '/odom'),
        ('min_range', 15.0),
        ('grid_size', 200.1),
        ('max_range', 100.1),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_value(name: str, value: Any) -> None:
    with pytest.raises(ParameterError, match=f'{name}: .* came; wanted '):
        parameters.change(settings(), [Parameter(name, value=value)])


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('base_frame', 'x' * 1001),
        ('obstacle', ['x' * 1001]),
        ('cameras', [f'camera_{i}' for i in range(1001)]),
        ('camera_pose', [0.0] * 1001),
    ],
)
def test_what_is_too_long_is_refused_without_repeating_it(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        parameters.change(settings(), [Parameter(name, value=value)])
    assert str(caught.value) == f'{name}: 1001 characters or entries came; wanted 1000 at most'


@pytest.mark.parametrize('value', ['abc', 'g' * 64, 'a' * 63, ' ' + 'a' * 63])
def test_a_hash_has_64_hexadecimal_digits(value: str) -> None:
    with pytest.raises(ParameterError, match=r'model_sha256: .* wanted 64 hexadecimal digits'):
        parameters.change(settings(), [Parameter('model_sha256', value=value)])
    wanted = 'aB' * 32
    taken = parameters.change(settings(), [Parameter('model_sha256', value=wanted)])
    assert taken.model_sha256 == wanted


def test_cells_that_would_stop_the_node_are_refused() -> None:
    with pytest.raises(ParameterError, match=r'max_range: 15\.0 came; wanted at most 1000 times'):
        parameters.change(settings(), [Parameter('grid_resolution', value=0.0149)])
    with pytest.raises(ParameterError, match=r'grid_size: 200\.0 came; wanted at most 2000 times'):
        parameters.change(settings(grid_size=200.0), [Parameter('grid_resolution', value=0.09)])


def test_a_result_carries_the_reason() -> None:
    assert parameters.result().successful
    refused = parameters.result('grid_size: 0 came; wanted 1 to 200')
    assert not refused.successful
    assert refused.reason.startswith('grid_size')
