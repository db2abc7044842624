# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sets of parameters that cannot be used, sent to the running node."""

from __future__ import annotations

import random
from typing import Any

from rcl_interfaces.srv import GetParameters, SetParametersAtomically
from rclpy.parameter import Parameter

from enet_ros.parameters import PARAMETERS
from reliability.frames import street_message
from reliability.node_process import NodeProcess
from reliability.rows import Outcome, Row

_JUNK: tuple[Any, ...] = (
    *(float('nan'), float('inf'), -float('inf'), -1e300, 1e300, -1.0, 2e5),
    *(-(2**63), 2**63 - 1, -1, 10**6),
    *('', 'x' * 10_000, '\n', 'ä', '/etc/passwd', True),
    *(['a', 'a'], ['lawn'], [''], [1.0], [float('nan')] * 6, [1, 2, 3], [True], [b'\x00']),
)
_UNKNOWN_TYPE = 99


def junk_set(random_: random.Random) -> list[Parameter]:
    """Return a good parameter or two, and one that cannot be used, in any order."""
    table = {parameter.name: parameter for parameter in PARAMETERS}
    while True:
        name = random_.choice((*table, 'no_such_parameter', 'x' * 1000))
        value = random_.choice(_JUNK)
        parameter = Parameter(name, value=value)
        known = table.get(name)
        if known is None or known.fixed or known.type is not parameter.type_:
            break
        refused = bool(known.refusal(value))
        if refused or name in ('traversable', 'obstacle'):  # classes that the model has not
            break
    good = Parameter('overlay_opacity', value=random_.random())
    parameters = [parameter, *([good] if name != 'overlay_opacity' else [])]
    random_.shuffle(parameters)
    return parameters


def _run(short: bool) -> Outcome:
    count = 60 if short else 1000
    random_ = random.Random(3)
    wrong = []
    with NodeProcess(small=True) as node:
        results = node.results()
        camera = node.camera()
        node.label(camera, street_message(), results)
        before = _values(node)
        for _ in range(count):
            parameters = junk_set(random_)
            answer = _set(node, parameters)
            if answer is None or answer.result.successful or not answer.result.reason:
                wrong.append(f'{parameters[0].name} {parameters[-1].name}: {answer}')
            elif '\n' in answer.result.reason.strip():
                wrong.append(f'{parameters[0].name}: more than one line')
        kept = _values(node) == before
        unknown = Parameter('overlay_opacity', value=0.5)
        message = unknown.to_parameter_msg()
        message.value.type = _UNKNOWN_TYPE
        unanswered = _request(node, [message], seconds=1.0) is None
        node.label(camera, street_message(), results)
        told = f': {"; ".join(wrong[:3])}' if wrong else ''
        return Outcome(
            f'{count:,} sets, {len(wrong)} not refused with one line{told}; all values '
            f'{"kept" if kept else "NOT kept"}; a value of an unknown type, which rclpy does not '
            f'{"answer" if unanswered else "take"}, is survived; the next frame was labelled',
            not wrong and kept,
        )


def _set(node: NodeProcess, parameters: list[Parameter]) -> Any:
    return _request(node, [parameter.to_parameter_msg() for parameter in parameters])


def _request(node: NodeProcess, messages: list[Any], seconds: float = 30.0) -> Any:
    request = SetParametersAtomically.Request(parameters=messages)
    service = f'{node.namespace}/segmentation_node/set_parameters_atomically'
    return node.peer.call(SetParametersAtomically, service, request, seconds)


def _values(node: NodeProcess) -> Any:
    names = [parameter.name for parameter in PARAMETERS]
    service = f'{node.namespace}/segmentation_node/get_parameters'
    answer = node.peer.call(GetParameters, service, GetParameters.Request(names=names))
    return answer and list(answer.values)


ROW = Row(
    name='junk_parameters',
    fault='1,000 junk parameter sets',
    required='every one refused with one line, the old values kept',
    run=_run,
    mended='a request that rclpy cannot read ended the node',
)
