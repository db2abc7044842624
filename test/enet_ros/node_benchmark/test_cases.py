# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from enet_ros.node_benchmark.cases import Cameras, Case, Listener, from_file, to_file


def test_cameras_of_a_case_have_names_of_their_own() -> None:
    assert Case(64, 48, 10.0, cameras=2).names == ('camera_0', 'camera_1')


def test_orders_arrive_as_they_were_given(tmp_path: Path) -> None:
    cameras = Cameras('frames.npy', 'bgr8', 12.5, ('a/image', 'b/image'), 'sent.json')
    to_file(cameras, tmp_path / 'cameras.json')
    assert from_file(Cameras, str(tmp_path / 'cameras.json')) == cameras
    listener = Listener(('a/segmentation',), 'heard.json')
    to_file(listener, tmp_path / 'listener.json')
    assert from_file(Listener, str(tmp_path / 'listener.json')) == listener
