# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""`enet view`, read back as a viewer reads it: the recording's own schemas decode it."""

from __future__ import annotations

import json
import socket
import threading
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

foxglove = pytest.importorskip('foxglove', reason="needs pip install 'enet_model[view]'")
mcap = pytest.importorskip('mcap.reader', reason='recordings are read with mcap: pip install mcap')
pytest.importorskip('google.protobuf', reason='messages are decoded with protobuf, as onnx has it')

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: E402

from enet_model.cli import main  # noqa: E402
from enet_model.viewing import foxglove_messages  # noqa: E402
from enet_model.viewing.viewer import GROUND_TOPICS, TOPICS  # noqa: E402
from enet_ros.ground_obstacles import POINT_DTYPE  # noqa: E402

ROOT = Path(__file__).parents[3]
WIDTH, HEIGHT = 160, 120
ROAD, WALL, SKY = 0, 1, 2
SCHEMAS = {
    '/camera/image_raw': 'foxglove.CompressedImage',
    '/segmentation': 'foxglove.RawImage',
    '/segmentation/overlay': 'foxglove.CompressedImage',
    '/segmentation/names': 'foxglove.ImageAnnotations',
    '/segmentation/label_info': 'LabelInfo',
    '/tf': 'foxglove.FrameTransform',
    '/camera/camera_info': 'foxglove.CameraCalibration',
    '/segmentation/grid': 'foxglove.Grid',
    '/segmentation/scan': 'foxglove.LaserScan',
    '/segmentation/obstacles': 'foxglove.PointCloud',
}


def read(path: Path) -> tuple[dict[str, str], dict[str, list[tuple[int, Any]]]]:
    """Return the schema of each topic, and its messages with their times [ns]."""
    schemas, messages = {}, defaultdict(list)
    with path.open('rb') as file:
        for schema, channel, message in mcap.make_reader(file).iter_messages():
            schemas[channel.topic] = schema.name
            if channel.message_encoding == 'json':
                decoded = json.loads(message.data)
            else:
                decoded = decoder(schema)()
                decoded.ParseFromString(message.data)
            messages[channel.topic].append((message.log_time, decoded))
    return schemas, dict(messages)


def decoder(schema: Any) -> Any:
    files = descriptor_pb2.FileDescriptorSet.FromString(schema.data)
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name))


@pytest.fixture(scope='module')
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two pictures: sky over road, and a wall on the road in the second.

    The class of a pixel is red / 64, its confidence green (conftest.color_model).
    """
    folder = tmp_path_factory.mktemp('street')
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[..., 1] = 250
    picture[:60, :, 0] = SKY * 64 + 32
    picture[60:, :, 0] = ROAD * 64 + 32
    cv2.imwrite(str(folder / '0.png'), picture[..., ::-1])
    picture[40:80, 60:100, 0] = WALL * 64 + 32
    cv2.imwrite(str(folder / '1.png'), picture[..., ::-1])
    return folder


@pytest.fixture(scope='module')
def recording(
    street: Path, color_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> SimpleNamespace:
    path = tmp_path_factory.mktemp('recording') / 'deeper' / 'street.mcap'
    viewpoint = ['--camera-height', '1', '--camera-pitch', '10', '--camera-fov', '60']
    arguments = ['--output', str(path), '--model', str(color_model), '--rate', '4', *viewpoint]
    assert main(['view', str(street), *arguments]) == 0
    schemas, messages = read(path)
    return SimpleNamespace(schemas=schemas, messages=messages)


def labels_of(message: Any) -> NDArray[np.uint8]:
    return np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)


def test_every_topic_comes_with_every_frame_at_its_time(recording: SimpleNamespace) -> None:
    assert recording.schemas == SCHEMAS
    assert set(SCHEMAS) == set(TOPICS) | set(GROUND_TOPICS)
    for topic, messages in recording.messages.items():
        assert [time for time, _ in messages] == [0, 250_000_000], topic
    frames = {
        message.frame_id
        for topic in ('/segmentation', '/segmentation/overlay', '/camera/image_raw')
        for _, message in recording.messages[topic]
    }
    assert frames == {'camera_optical_frame'}


def test_labels_are_those_of_the_model(recording: SimpleNamespace) -> None:
    (_, first), (_, second) = recording.messages['/segmentation']
    assert (first.encoding, first.width, second.timestamp.nanos) == ('mono8', WIDTH, 250_000_000)
    wanted = np.full((HEIGHT, WIDTH), ROAD, np.uint8)
    wanted[:60] = SKY
    np.testing.assert_array_equal(labels_of(first), wanted)
    wanted[40:80, 60:100] = WALL
    np.testing.assert_array_equal(labels_of(second), wanted)


def test_pictures_show_frame_and_colours(recording: SimpleNamespace, street: Path) -> None:
    def shown(topic: str) -> NDArray[Any]:
        _, message = recording.messages[topic][1]
        assert message.format == 'jpeg'
        data = np.frombuffer(message.data, np.uint8)
        return np.array(cv2.imdecode(data, cv2.IMREAD_COLOR), int)

    frame = np.array(cv2.imread(str(street / '1.png')), int)
    assert np.abs(shown('/camera/image_raw') - frame).mean() < 3
    wall = (frame[60, 80] + (70, 70, 70)) / 2  # its colour, half and half
    assert np.abs(shown('/segmentation/overlay')[60, 80] - wall).max() < 6


def test_classes_are_named_where_they_are(recording: SimpleNamespace) -> None:
    _, first = recording.messages['/segmentation/names'][0]
    _, second = recording.messages['/segmentation/names'][1]
    assert [text.text for text in first.texts] == ['road', 'sky']
    places = {text.text: (text.position.x, text.position.y) for text in second.texts}
    assert places['wall'] == pytest.approx((79.5, 59.5))
    assert second.texts[0].background_color.r == pytest.approx(128 / 255)
    _, info = recording.messages['/segmentation/label_info'][0]
    assert info['class_map'][ROAD] == {
        'class_id': ROAD,
        'class_name': 'road',
        'color': [128, 64, 128],
        'role': 'traversable',
    }


def test_ground_is_free_until_the_wall(recording: SimpleNamespace) -> None:
    (_, free), (_, blocked) = recording.messages['/segmentation/grid']
    names = [field.name for field in free.fields]
    assert names == ['value', 'red', 'green', 'blue', 'alpha']
    assert (free.cell_size.x, free.cell_stride, free.frame_id) == (0.1, 5, 'base_link')
    assert free.pose.position.x == pytest.approx(-free.column_count * 0.1 / 2, abs=0.1)

    def cells(message: Any) -> NDArray[Any]:
        packed = np.frombuffer(message.data, foxglove_messages._CELL)
        return packed.reshape(-1, message.column_count)

    assert 50 not in cells(free)['value']
    assert (cells(free)['value'] == 1).sum() > 100  # 50 - 50 x 250 / 255, rounded
    occupied = np.argwhere(cells(blocked)['value'] > 50)
    ahead = occupied[:, 1] * 0.1 + blocked.pose.position.x
    # Row 79 of the picture: 10 degrees and the angle of 20 rows below the middle, 1 m up.
    below = np.radians(10) + np.arctan(20 / (WIDTH / 2 / np.tan(np.radians(30))))
    assert ahead.min() == pytest.approx(1 / np.tan(below), abs=0.2)
    unknown = cells(blocked)['value'] == -1
    np.testing.assert_array_equal(cells(blocked)['alpha'] == 0, unknown)
    assert cells(blocked)['red'][~unknown].min() < 10 < 250 < cells(blocked)['red'].max()


def test_scan_and_obstacles_agree(recording: SimpleNamespace) -> None:
    (_, free), (_, blocked) = recording.messages['/segmentation/scan']
    assert not np.isfinite(free.ranges).any()
    assert np.isinf(free.ranges).any()
    ranges = np.array(blocked.ranges)
    hits = ranges[np.isfinite(ranges)]
    _, cloud = recording.messages['/segmentation/obstacles'][1]
    assert cloud.point_stride == POINT_DTYPE.itemsize
    points = np.frombuffer(cloud.data, POINT_DTYPE)
    assert set(points['class_id']) == {WALL}
    assert points['probability'] == pytest.approx(250 / 255)
    assert hits.min() == pytest.approx(np.hypot(points['x'], points['y']).min(), abs=1e-3)
    assert blocked.start_angle == pytest.approx(-blocked.end_angle, abs=0.02)


def test_camera_lies_where_it_was_said(recording: SimpleNamespace) -> None:
    _, place = recording.messages['/tf'][0]
    assert (place.parent_frame_id, place.child_frame_id) == ('base_link', 'camera_optical_frame')
    assert (place.translation.x, place.translation.y, place.translation.z) == (0, 0, 1)
    x, y, z, w = (getattr(place.rotation, axis) for axis in 'xyzw')
    # The axis of the camera in the base frame: the third column of the rotation.
    axis = [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)]
    assert axis == pytest.approx([np.cos(np.radians(10)), 0, -np.sin(np.radians(10))])
    _, camera = recording.messages['/camera/camera_info'][0]
    assert (camera.width, camera.height) == (WIDTH, HEIGHT)
    assert camera.K[0] == pytest.approx(WIDTH / 2 / np.tan(np.radians(30)))
    assert list(camera.P[:3]) == list(camera.K[:3])


def test_without_a_viewpoint_nothing_is_said_of_the_ground(
    street: Path, color_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / 'street.mcap'
    arguments = ['--output', str(path), '--model', str(color_model), '--frames', '1']
    for _ in range(2):  # a recording is written again
        assert main(['view', str(street), *arguments]) == 0
    _, messages = read(path)
    assert {topic: len(each) for topic, each in messages.items()} == dict.fromkeys(TOPICS, 1)


def test_street_needs_no_viewpoint(color_model: Path, tmp_path: Path) -> None:
    path = tmp_path / 'street.mcap'
    arguments = ['--output', str(path), '--model', str(color_model), '--frames', '2']
    assert main(['view', 'synthetic', '--width', '160', *arguments]) == 0
    schemas, messages = read(path)
    assert schemas == SCHEMAS
    assert messages['/tf'][1][0] == 50_000_000  # 20 Hz
    assert messages['/tf'][0][1].translation.z == pytest.approx(1.5)


def test_viewer_can_connect_while_frames_come(
    street: Path, color_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()
    servers = []
    start = foxglove.start_server

    def started_server(**options: Any) -> Any:
        servers.append(start(**options))
        started.set()
        return servers[0]

    monkeypatch.setattr(foxglove, 'start_server', started_server)
    options = ['--serve', '0', '--frames', '200', '--rate', '100', '--model', str(color_model)]
    command = threading.Thread(target=main, args=(['view', str(street), *options],))
    command.start()
    try:
        assert started.wait(30)
        heard = advertised(servers[0].port)
    finally:
        command.join(60)
    assert set(TOPICS) <= heard


def advertised(port: int) -> set[str]:
    """Connect as Foxglove does (its WebSocket protocol); return the topics that are offered."""
    request = (
        'GET / HTTP/1.1',
        f'Host: localhost:{port}',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: foxglove.sdk.v1',
    )
    with socket.create_connection(('127.0.0.1', port), timeout=30) as connection:
        connection.sendall('\r\n'.join((*request, '', '')).encode())
        received = b''
        while any(f'"{topic}"'.encode() not in received for topic in TOPICS):
            part = connection.recv(1 << 16)
            assert part, received[:300]
            received += part
    assert received.startswith(b'HTTP/1.1 101')
    return {topic for topic in TOPICS if f'"{topic}"'.encode() in received}


@pytest.mark.parametrize(
    ('arguments', 'complaint'),
    [
        (['nowhere.mp4'], "'nowhere.mp4' does not exist"),
        (['synthetic', '--model', 'none.onnx'], 'none.onnx: cannot be read'),
    ],
)
def test_bad_input_ends_with_one_line(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['view', *arguments, '--output', str(tmp_path / 'a.mcap')]) == 1
    message = capsys.readouterr().err
    assert complaint in message
    assert message.count('\n') == 1


def test_a_port_that_is_taken(
    street: Path, color_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        assert main(['view', str(street), '--serve', str(port), '--model', str(color_model)]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f'enet view: port {port}: ')
    assert message.endswith('; name another one\n')


def test_viewpoint_without_ground_is_refused(
    street: Path, color_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['--output', str(tmp_path / 'a.mcap'), '--model', str(color_model)]
    sky = ['--camera-height', '1', '--camera-pitch', '-80']
    assert main(['view', str(street), *arguments, *sky]) == 1
    assert 'sees no ground' in capsys.readouterr().err


def test_sample_of_the_documents_shows_every_topic() -> None:
    schemas, messages = read(ROOT / 'docs/sample.mcap')
    assert schemas == SCHEMAS
    assert {len(each) for each in messages.values()} == {16}
    assert (ROOT / 'docs/sample.mcap').stat().st_size < 1_000_000
