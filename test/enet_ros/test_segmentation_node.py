# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node as its users meet it: real messages in, real messages out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from node_bench import (  # noqa: E402
    HEADER,
    OUTPUTS,
    SUCCESS,
    Bench,
    calibration,
    picture,
    pixels,
    values,
)
from rclpy.lifecycle import TransitionCallbackReturn  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rclpy.qos import ReliabilityPolicy  # noqa: E402
from sensor_msgs.msg import CameraInfo, CompressedImage, Image  # noqa: E402
from std_msgs.msg import Header  # noqa: E402

from enet_ros import messages  # noqa: E402


def test_every_output_of_a_frame_has_its_pixels_and_its_header(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.wait_for_listeners()
    info.publish(calibration(64, 48))
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    frame = picture(64, 48)
    bench.send_until(camera, messages.image(HEADER, frame, 'rgb8'), 'segmentation/overlay')
    bench.spin(lambda: all(bench.heard[topic] for topic in OUTPUTS))
    result = {topic: bench.heard[topic][-1] for topic in OUTPUTS}

    for topic, message in result.items():
        assert message.header == HEADER, topic

    labels = pixels(result['segmentation'])[..., 0]
    assert result['segmentation'].encoding == 'mono8'
    np.testing.assert_array_equal(labels, np.tile(np.repeat(np.arange(4), 16), (48, 1)))

    confidence = pixels(result['segmentation/confidence'])[..., 0]
    np.testing.assert_array_equal(confidence, np.tile(np.repeat([250, 190, 130, 70], 16), (48, 1)))

    assert result['segmentation/overlay'].encoding == 'rgb8'
    expected = np.add(frame[0, 0], (128.0, 64.0, 128.0)) / 2
    np.testing.assert_allclose(pixels(result['segmentation/overlay'])[0, 0], expected, atol=0.5)

    mask_info = result['segmentation/camera_info']
    assert (mask_info.width, mask_info.height) == (64, 48)
    assert list(mask_info.k) == list(calibration(64, 48).k)

    occupancy = result['segmentation/occupancy']
    assert [each.class_name for each in occupancy.classes] == ['road', 'wall', 'sky', 'car']
    assert [each.role for each in occupancy.classes] == [1, 2, 0, 2]
    assert [each.image_fraction for each in occupancy.classes] == [0.25] * 4
    assert occupancy.unlabeled_fraction == 0.0
    assert (occupancy.rows, occupancy.cols) == (6, 8)
    cells = np.array(occupancy.classes[1].cell_fraction).reshape(6, 8)
    np.testing.assert_array_equal(cells, np.tile([0, 0, 1, 1, 0, 0, 0, 0], (6, 1)))
    confidences = [each.mean_confidence for each in occupancy.classes]
    np.testing.assert_allclose(confidences, np.array([250, 190, 130, 70]) / 255, atol=1e-6)


def test_a_decimated_mask_has_its_own_camera_info(benches: Callable[..., Bench]) -> None:
    bench = benches(mask_width=32)
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image', Image)
    info = bench.camera('camera_info', CameraInfo)
    bench.wait_for_listeners()
    info.publish(calibration(96, 48))
    bench.spin(lambda: bench.node._channels[0]._calibration is not None)
    bench.send_until(
        camera, messages.image(HEADER, picture(96, 48), 'rgb8'), 'segmentation/overlay'
    )
    mask, mask_info = (bench.heard[t][-1] for t in ('segmentation', 'segmentation/camera_info'))
    assert (mask.width, mask.height) == (mask_info.width, mask_info.height) == (32, 16)
    np.testing.assert_array_equal(
        pixels(mask)[..., 0], np.tile(np.repeat(np.arange(4), 8), (16, 1))
    )
    assert mask_info.k[0] == pytest.approx(100.0 / 3)
    overlay = bench.heard['segmentation/overlay'][-1]
    assert (overlay.width, overlay.height) == (96, 48)


def test_parameters_change_while_running_and_wrong_ones_are_refused(
    benches: Callable[..., Bench],
) -> None:
    bench = benches()
    camera = bench.ready()
    for name, value in (
        ('confidence_threshold', 0.6),
        ('occupancy_rows', 2),
        ('occupancy_cols', 4),
        ('overlay_opacity', 1.0),
        ('obstacle', ['road']),
    ):
        (answer,) = bench.node.set_parameters([Parameter(name, value=value)])
        assert answer.successful, answer.reason
    refused: tuple[tuple[str, Any], ...] = (
        ('confidence_threshold', 1.5),
        ('occupancy_rows', 0),
        ('overlay_opacity', 'much'),
        ('obstacle', ['lawn']),
        ('model', 'other.onnx'),
        ('device', 'cuda'),
        ('camera_pose', [1.0, 2.0]),
    )
    for name, value in refused:
        (answer,) = bench.node.set_parameters([Parameter(name, value=value)])
        assert not answer.successful
        assert answer.reason, name
    bench.send_until(
        camera, messages.image(HEADER, picture(64, 48), 'rgb8'), 'segmentation/overlay'
    )
    bench.spin(lambda: bool(bench.heard['segmentation/occupancy']))

    # Confidences are 250, 190, 130 and 70 of 255: the last two are under 0.6.
    labels = pixels(bench.heard['segmentation'][-1])[0, ::16, 0]
    assert labels.tolist() == [0, 1, 255, 255]
    overlay = pixels(bench.heard['segmentation/overlay'][-1])[0, ::16]
    assert overlay[0].tolist() == [128, 64, 128]
    assert overlay[3].tolist() == picture(64, 48)[0, -1].tolist()
    occupancy = bench.heard['segmentation/occupancy'][-1]
    assert (occupancy.rows, occupancy.cols) == (2, 4)
    assert occupancy.unlabeled_fraction == 0.5
    assert sum(each.image_fraction for each in occupancy.classes) == 0.5
    assert occupancy.classes[0].role == 2


@pytest.mark.parametrize(
    ('reason', 'fields'),
    [
        ('step', {'step': 0}),
        ('step', {'step': 193}),
        ('data', {'data': bytes(100)}),
        ('encoding', {'encoding': 'rgb9'}),
        ('size', {'width': 65535, 'height': 65535}),
    ],
)
def test_a_bad_frame_is_counted_and_the_next_good_one_labelled(
    benches: Callable[..., Bench], reason: str, fields: dict[str, Any]
) -> None:
    bench = benches()
    camera = bench.ready()
    bad = messages.image(HEADER, picture(64, 48), 'rgb8')
    for name, value in fields.items():
        setattr(bad, name, value)
    health = bench.node._channels[0].health
    while not health.refused:
        camera.publish(bad)
        bench.spin_for(0.1)
    assert not bench.heard['segmentation']
    assert set(health.refused) == {reason}
    assert int(values(bench.status()[0])[f'frames refused ({reason})']) >= 1
    bench.send_until(camera, messages.image(HEADER, picture(64, 48), 'rgb8'), 'segmentation')


def test_compressed_images_of_the_remapped_camera(benches: Callable[..., Bench]) -> None:
    bench = benches(transport='compressed')
    bench.activate()
    bench.hear_all()
    camera = bench.camera('image/compressed', CompressedImage)
    bench.wait_for_listeners()
    _, png = cv2.imencode('.png', cv2.cvtColor(picture(64, 48), cv2.COLOR_RGB2BGR))
    health = bench.node._channels[0].health
    broken = CompressedImage(header=HEADER, format='png', data=png.tobytes()[:-20])
    while not health.refused:
        camera.publish(broken)
        bench.spin_for(0.1)
    assert not bench.heard['segmentation']
    message = CompressedImage(header=HEADER, format='png', data=png.tobytes())
    labels = bench.send_until(camera, message, 'segmentation')
    assert labels.header == HEADER
    assert pixels(labels)[0, ::16, 0].tolist() == [0, 1, 2, 3]


def test_a_stamp_before_all_time_does_not_end_the_node(benches: Callable[..., Bench]) -> None:
    bench = benches()
    camera = bench.ready()
    early = Header(frame_id='camera')
    early.stamp.sec = -1
    message = messages.image(early, picture(64, 48), 'rgb8')
    assert bench.send_until(camera, message, 'segmentation').header == early


def test_a_quality_of_service_that_is_overridden_stays_that_of_its_topic(
    benches: Callable[..., Bench],
) -> None:
    name = 'qos_overrides./segmentation.publisher.reliability'
    bench = benches(**{name: 'best_effort'})
    bench.activate()
    reliability = {
        topic: bench.node.get_publishers_info_by_topic(f'/{topic}')[0].qos_profile.reliability
        for topic in OUTPUTS
    }
    assert reliability.pop('segmentation') == ReliabilityPolicy.BEST_EFFORT
    assert set(reliability.values()) == {ReliabilityPolicy.RELIABLE}


def test_several_cameras_share_the_model(benches: Callable[..., Bench]) -> None:
    bench = benches(cameras='[front, rear]', prefix='rear/')
    bench.activate()
    bench.hear_all()
    bench.hear('front/segmentation', Image)
    rear = bench.camera('rear/image', Image)
    bench.wait_for_listeners()
    labels = bench.send_until(
        rear, messages.image(HEADER, picture(64, 48), 'rgb8'), 'rear/segmentation'
    )
    assert pixels(labels)[0, ::16, 0].tolist() == [0, 1, 2, 3]
    assert not bench.heard['front/segmentation']
    first, second = bench.node._channels
    assert first._engine.segmenter is second._engine.segmenter
    assert [status.name for status in bench.status()] == [
        '/segmentation_node: front',
        '/segmentation_node: rear',
    ]


def test_nothing_is_computed_that_nobody_hears(benches: Callable[..., Bench]) -> None:
    bench = benches()
    bench.activate()
    camera = bench.camera('image', Image)
    health = bench.node._channels[0].health
    while not health.unwanted:
        camera.publish(messages.image(HEADER, picture(64, 48), 'rgb8'))
        bench.spin_for(0.1)
    assert health.published == 0


def test_deactivation_stops_and_cleanup_frees(benches: Callable[..., Bench]) -> None:
    bench = benches()
    camera = bench.ready()
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    bench.send_until(camera, frame, 'segmentation')
    assert bench.node.trigger_deactivate() == SUCCESS
    bench.spin_for(0.3)
    bench.heard['segmentation'].clear()
    camera.publish(frame)
    bench.spin_for(0.5)
    assert not bench.heard['segmentation']
    assert bench.node.trigger_cleanup() == SUCCESS
    assert bench.node._engine is None
    # And again from the start.
    bench.activate()
    bench.spin(lambda: camera.get_subscription_count() > 0)
    bench.wait_for_listeners()
    bench.send_until(camera, frame, 'segmentation')


def test_a_missing_model_fails_to_configure(benches: Callable[..., Bench], tmp_path: Path) -> None:
    bench = benches(model=tmp_path / 'none.onnx')
    assert bench.node.trigger_configure() == TransitionCallbackReturn.FAILURE
    assert bench.node._engine is None


def test_diagnostics_tell_state_provider_and_model(
    benches: Callable[..., Bench], color_model: Path
) -> None:
    bench = benches(stale_after=0.5)
    bench.activate()
    (status,) = bench.status()
    assert status.message == 'waiting for frames'
    assert values(status)['provider'] == 'cpu'
    assert values(status)['model'] == str(color_model)
    bench.hear_all()
    camera = bench.camera('image', Image)
    bench.wait_for_listeners()
    frame = messages.image(HEADER, picture(64, 48), 'rgb8')
    bench.heard['/diagnostics'].clear()
    while not bench.heard['/diagnostics']:
        bench.send_until(camera, frame, 'segmentation')
    (status,) = bench.heard['/diagnostics'][-1].status
    assert (status.level, status.message) == (b'\x00', 'ok')
    assert int(values(status)['frames labelled']) >= 1
    bench.spin_for(1.0)
    (status,) = bench.status()
    assert status.message == 'stale: no frames come'
