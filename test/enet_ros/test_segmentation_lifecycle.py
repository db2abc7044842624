# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node among faults: requests, bad files, failures, clocks and qualities of service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from node_bench import HEADER, SUCCESS, picture, pixels, values  # noqa: E402
from rcl_interfaces.srv import SetParameters  # noqa: E402
from rclpy.lifecycle import TransitionCallbackReturn  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rclpy.qos import QoSProfile, ReliabilityPolicy  # noqa: E402
from sensor_msgs.msg import Image  # noqa: E402
from std_msgs.msg import Header  # noqa: E402
from std_srvs.srv import SetBool, Trigger  # noqa: E402

from enet_ros import messages  # noqa: E402
from enet_ros.faults import MAX_FAILURES  # noqa: E402
from enet_ros.segmentation_lifecycle import _spin, run  # noqa: E402

if TYPE_CHECKING:
    from node_bench import Bench

FRAME = messages.image(HEADER, picture(64, 48), 'rgb8')


class Never:
    """A stop signal that does not come."""

    def is_set(self) -> bool:
        return False


def call(bench: Bench, kind: Any, service: str, request: Any) -> Any:
    client = bench.peer.create_client(kind, f'/segmentation_node/{service}')
    bench.spin(client.service_is_ready)
    future = client.call_async(request)
    bench.spin(future.done)
    return future.result()


def segmenter_of(bench: Bench) -> Any:
    engine = bench.node._engine
    assert engine is not None
    return engine.segmenter


def reload_model(bench: Bench) -> Any:
    return call(bench, Trigger, 'reload_model', Trigger.Request())


def test_a_disabled_node_rests_and_an_enabled_one_works(benches: Callable[..., Bench]) -> None:
    bench = benches()
    camera = bench.ready()
    bench.send_until(camera, FRAME, 'segmentation')
    answer = call(bench, SetBool, 'enable', SetBool.Request(data=False))
    assert (answer.success, answer.message) == (True, 'disabled')
    bench.spin(lambda: camera.get_subscription_count() == 0)
    assert bench.status()[0].message == 'disabled'
    answer = call(bench, SetBool, 'enable', SetBool.Request(data=True))
    assert (answer.success, answer.message) == (True, 'enabled')
    bench.spin(lambda: camera.get_subscription_count() > 0)
    bench.send_until(camera, FRAME, 'segmentation')


def test_what_is_disabled_stays_so_when_it_is_activated(benches: Callable[..., Bench]) -> None:
    bench = benches()
    answer = call(bench, SetBool, 'enable', SetBool.Request(data=False))
    assert (answer.success, answer.message) == (True, 'disabled; the node is not active')
    bench.activate()
    assert bench.node._channels[0]._subscriptions == []
    assert call(bench, SetBool, 'enable', SetBool.Request(data=True)).message == 'enabled'
    assert bench.node._channels[0]._subscriptions


def test_what_cannot_be_enabled_is_not_said_to_be(
    benches: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches()
    bench.activate()
    monkeypatch.setattr(bench.node._channels[0], 'start', lambda: 1 / 0)
    answer = call(bench, SetBool, 'enable', SetBool.Request(data=True))
    assert (answer.success, answer.message) == (False, 'cannot be enabled: see the log of the node')


def test_a_model_is_loaded_anew_and_a_bad_one_is_not(
    benches: Callable[..., Bench], color_model: Path, tmp_path: Path
) -> None:
    onnx = pytest.importorskip('onnx', reason='the model is made with onnx: pip install onnx')
    path = tmp_path / 'model.onnx'
    path.write_bytes(color_model.read_bytes())
    bench = benches(model=path)
    answer = reload_model(bench)
    assert (answer.success, 'not configured' in answer.message) == (False, True)
    camera = bench.ready()
    before = bench.send_until(camera, FRAME, 'segmentation')
    path.write_bytes(b'no model')
    answer = reload_model(bench)
    assert not answer.success
    assert answer.message.startswith(f'the old model stays: {path}: ')
    assert bench.send_until(camera, FRAME, 'segmentation').data == before.data
    halved = onnx.load(color_model)
    halved.graph.initializer[2].float_data[:] = [128.0]
    path.write_bytes(halved.SerializeToString())
    answer = reload_model(bench)
    assert answer.success, answer.message
    labels = pixels(bench.send_until(camera, FRAME, 'segmentation'))[0, ::16, 0]
    assert labels.tolist() == [0, 0, 1, 1]
    assert values(bench.status()[0])['model sha256'] in answer.message


def test_the_hash_that_the_model_has_to_have_can_be_set_before_it_is_loaded_anew(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    bench.activate()
    sha256 = segmenter_of(bench).sha256
    for value, accepted in (('0' * 64, False), (sha256, True), ('', True)):
        (set_,) = bench.node.set_parameters([Parameter('model_sha256', value=value)])
        assert set_.successful
        assert reload_model(bench).success is accepted
    (refused,) = bench.node.set_parameters([Parameter('model_sha256', value='abc')])
    assert not refused.successful


def test_thirty_failures_in_a_row_end_the_node(
    benches: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches()
    camera = bench.ready()
    bench.send_until(camera, FRAME, 'segmentation')

    def broken(frame: np.ndarray) -> Any:
        raise RuntimeError('out of memory')

    segmenter = segmenter_of(bench)
    run_well = segmenter.run
    channel = bench.node._channels[0]
    info = {'publication_sequence_number': None}

    def feed(count: int) -> None:
        from enet_ros.faults import SequenceWatch
        from enet_ros.images import decode

        for _ in range(count):
            channel._on_image(FRAME, info, decoder=decode, sequence=SequenceWatch())

    monkeypatch.setattr(segmenter, 'run', broken)
    feed(MAX_FAILURES - 1)
    assert values(bench.status()[0])['last error'] == 'RuntimeError: out of memory'
    monkeypatch.setattr(segmenter, 'run', run_well)
    feed(1)
    monkeypatch.setattr(segmenter, 'run', broken)
    feed(MAX_FAILURES - 1)
    assert not bench.node.failures.is_too_long, 'a success lay between'
    feed(1)
    assert _spin(bench.node, bench.executor, Never()) == 1  # type: ignore[arg-type]


def test_a_request_that_rclpy_cannot_read_does_not_end_the_node(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    bench.activate()
    client = bench.peer.create_client(SetParameters, '/segmentation_node/set_parameters')
    bench.spin(client.service_is_ready)
    bad = Parameter('overlay_opacity', value=0.5).to_parameter_msg()
    bad.value.type = 99
    client.call_async(SetParameters.Request(parameters=[bad]))

    class AfterAWhile:
        turns = 30

        def is_set(self) -> bool:
            self.turns -= 1
            return self.turns == 0

    assert _spin(bench.node, bench.executor, AfterAWhile()) == 0  # type: ignore[arg-type]
    assert bench.status()[0].message == 'waiting for frames'


def test_stamps_out_of_order_are_told_and_labelled(benches: Callable[..., Bench]) -> None:
    bench = benches()
    camera = bench.ready()
    bench.send_until(camera, FRAME, 'segmentation')
    late = Header(frame_id='camera')
    late.stamp.sec = 1000
    mask = bench.send_until(camera, messages.image(late, picture(64, 48), 'rgb8'), 'segmentation')
    assert mask.header == late
    assert bench.node._channels[0].health.out_of_order == 1


def test_a_publisher_of_another_quality_of_service_is_told(
    benches: Callable[..., Bench],
) -> None:
    bench = benches(**{'qos_overrides./image.subscription.reliability': 'reliable'})
    bench.activate()
    quality = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    bench.peer.create_publisher(Image, 'image', quality)
    health = bench.node._channels[0].health
    bench.spin(lambda: bool(health.mismatch))
    (status,) = bench.status()
    assert 'RELIABILITY on /image' in status.message
    assert values(status)['QoS mismatch'] == 'RELIABILITY on /image'


def test_transitions_that_fail_are_logged_and_undone(
    benches: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches()
    logged: list[str] = []
    monkeypatch.setattr(bench.node.get_logger(), 'error', logged.append)
    assert bench.node.trigger_configure() == SUCCESS
    monkeypatch.setattr(bench.node._channels[0], 'start', lambda: 1 / 0)
    assert bench.node.trigger_activate() == TransitionCallbackReturn.FAILURE
    assert logged == ['cannot be activated: division by zero']
    assert not bench.node._active


def test_cleaning_up_frees_the_session(benches: Callable[..., Bench]) -> None:
    import weakref

    bench = benches()
    bench.activate()
    session = weakref.ref(segmenter_of(bench)._session)
    assert session() is not None
    assert bench.node.trigger_deactivate() == SUCCESS
    assert bench.node.trigger_cleanup() == SUCCESS
    assert session() is None


@pytest.mark.parametrize(
    ('parameters', 'status'),
    [
        ({'build_only': True}, 0),
        ({'build_only': True, 'model': '/no/such/model.onnx'}, 1),
        ({'autostart': True, 'model': '/no/such/model.onnx'}, 1),
    ],
)
def test_what_is_to_be_done_at_the_start_alone_gives_the_status(
    color_model: Path, parameters: dict[str, Any], status: int
) -> None:
    arguments = ['--ros-args']
    for name, value in ({'model': color_model} | parameters).items():
        arguments += ['-p', f'{name}:={str(value).lower() if value is True else value}']
    assert run(Never(), arguments) == status  # type: ignore[arg-type]


def test_a_node_that_starts_itself_is_active(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    assert bench.node.start()
    assert bench.node._active
