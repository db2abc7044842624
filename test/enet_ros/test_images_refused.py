# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is no picture: refused before anything is allocated, or left to cv_bridge and checked."""

from __future__ import annotations

import sys
import tracemalloc
import types
from dataclasses import replace
from typing import Any
from unittest import mock

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_messages import HEIGHT, WIDTH, Array, Image
from refusals import check_refusal, refusal_by

from enet_ros.image_fields import ImageError
from enet_ros.images import ENCODINGS, decode


def refusal(came: Any) -> ImageError:
    return refusal_by(decode, came)


def check_frame_or_refusal(came: Image) -> None:
    with mock.patch.dict(sys.modules, {'cv_bridge': None}):  # importing it raises ImportError
        try:
            frame = decode(came)
        except ImageError as error:
            refused = error
        else:
            assert frame.dtype == np.uint8
            assert frame.shape == (came.height, came.width, 3)
            return
    check_refusal(refused)


GOOD = Image(data=bytes(3 * WIDTH * HEIGHT))


@pytest.mark.parametrize(
    ('changes', 'reason', 'text'),
    [
        ({'width': 0}, 'size', '0 x 6'),
        ({'height': 0}, 'size', '8 x 0'),
        ({'height': 0, 'width': 0, 'step': 0, 'data': b''}, 'size', '0 x 0'),
        ({'height': 65535, 'width': 65535, 'step': 3 * 65535}, 'size', '65535 x 65535'),
        ({'height': 2**32 - 1, 'width': 2**32 - 1}, 'size', 'wanted 1 to 64000000 pixels'),
        ({'height': 2**32}, 'size', 'range of a uint32'),
        ({'width': -1}, 'size', 'range of a uint32'),
        ({'width': 8.0}, 'size', 'width is a float'),
        ({'height': None}, 'size', 'height is a NoneType'),
        ({'step': 0}, 'step', 'step 0, wanted 24 bytes'),
        ({'step': 23}, 'step', 'step 23, wanted 24 bytes'),
        ({'step': 25}, 'step', 'a multiple of the 3 of a pixel'),
        ({'step': '24'}, 'step', 'step is a str'),
        ({'step': 27}, 'data', 'data of 144 bytes, wanted 6 rows x step 27 = 162'),
        ({'height': 7}, 'data', '= 168'),
        ({'data': b''}, 'data', 'data of 0 bytes'),
        ({'data': bytes(143)}, 'data', 'data of 143 bytes'),
        ({'data': [0] * 144}, 'data', 'data is a list'),
        ({'data': 'x' * 144}, 'data', 'data is a str'),
        ({'data': np.zeros((144, 2), np.uint8)[:, 0]}, 'data', 'contiguous'),
        ({'data': memoryview(bytes(288))[::2]}, 'data', 'contiguous'),
        ({'encoding': None}, 'encoding', 'encoding is a NoneType'),
        ({'encoding': b'rgb8'}, 'encoding', 'encoding is a bytes'),
        ({'encoding': ['rgb8']}, 'encoding', 'encoding is a list'),
        ({'is_bigendian': 'no'}, 'encoding', 'is_bigendian is a str'),
        ({'encoding': 'bgra8'}, 'step', 'wanted 32 bytes'),
        ({'encoding': 'mono16', 'step': 17}, 'step', 'a multiple of the 2 of a pixel'),
        ({'encoding': 'nv12', 'width': 7}, 'size', 'divides by 2'),
        ({'encoding': 'nv12', 'height': 5}, 'size', 'divides by 2'),
        ({'encoding': 'nv12', 'data': bytes(24 * 8)}, 'data', 'wanted 9 rows x step 24'),
        ({'encoding': 'uyvy', 'width': 7}, 'size', 'divides by 2'),
        ({'encoding': 'yuv422_yuy2', 'width': 7}, 'size', 'divides by 2'),
        ({'encoding': 'bayer_rggb8', 'width': 2}, 'size', 'sides of at least 3'),
        ({'encoding': 'bayer_grbg16', 'height': 2}, 'size', 'sides of at least 3'),
    ],
)
def test_what_is_no_picture_is_refused(changes: dict[str, Any], reason: str, text: str) -> None:
    error = refusal(replace(GOOD, **changes))
    assert error.reason == reason
    assert text in str(error)


def test_the_message_that_the_refusals_change_is_good() -> None:
    assert decode(GOOD).shape == (HEIGHT, WIDTH, 3)


def test_a_forged_header_costs_no_memory() -> None:
    tracemalloc.start()
    try:
        forged = {'height': 65535, 'width': 65535, 'step': 3 * 65535}
        assert refusal(replace(GOOD, **forged)).reason == 'size'
        within_limit = {'height': 8000, 'width': 8000, 'step': 24000}
        for encoding in ('rgb8', 'bgr8', 'nv12'):
            changed = replace(GOOD, encoding=encoding, **within_limit)
            assert refusal(changed).reason == 'data'
        assert tracemalloc.get_traced_memory()[1] < 1e6
    finally:
        tracemalloc.stop()


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(0, 20),
    st.floats(),
    st.text(st.characters(), max_size=100),
    st.binary(max_size=600),
    st.lists(st.integers(), max_size=3),
    st.sampled_from([np.uint32(4), np.zeros(3), np.zeros((), np.int64), np.array(['a']), object()]),
)
SURROGATES = st.text(st.characters(categories=['Cs', 'Cc', 'Co']), max_size=60)


@given(
    st.builds(
        Image,
        height=ANYTHING,
        width=ANYTHING,
        encoding=st.one_of(st.sampled_from(ENCODINGS), SURROGATES, ANYTHING),
        is_bigendian=ANYTHING,
        step=ANYTHING,
        data=ANYTHING,
    )
)
def test_any_fields_give_a_frame_or_an_image_error(came: Image) -> None:
    check_frame_or_refusal(came)


@given(
    st.builds(
        Image,
        height=st.integers(0, 6),
        width=st.integers(0, 6),
        encoding=st.sampled_from(ENCODINGS),
        is_bigendian=st.booleans(),
        step=st.integers(0, 50),
        data=st.binary(max_size=300),
    )
)
def test_nearly_right_fields_give_a_frame_or_an_image_error(came: Image) -> None:
    check_frame_or_refusal(came)


def test_an_empty_message_of_rclpy_is_refused() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='ROS 2 is not installed')
    assert refusal(messages.Image()).reason == 'encoding'


# ---- cv_bridge


class Bridge:
    """cv_bridge as far as it is asked; it knows one encoding of our own, two bytes a pixel."""

    def encoding_to_dtype_with_channels(self, encoding: str) -> tuple[str, int]:
        if encoding != 'grey_and_heat8':
            raise RuntimeError(f'Unrecognized image encoding [{encoding}]')
        return 'uint8', 2

    def imgmsg_to_cv2(self, came: Image, desired_encoding: str) -> Array:
        assert desired_encoding == 'rgb8'
        grey = np.frombuffer(came.data, np.uint8).reshape(came.height, came.width, 2)[..., :1]
        return grey.repeat(3, axis=2)


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> type[Bridge]:
    class ThisTestsBridge(Bridge):
        pass

    module = types.SimpleNamespace(CvBridge=ThisTestsBridge)
    monkeypatch.setitem(sys.modules, 'cv_bridge', module)
    return ThisTestsBridge


HEAT = Image(encoding='grey_and_heat8', step=2 * WIDTH, data=bytes(range(2 * WIDTH * HEIGHT)))


def test_other_encodings_go_to_cv_bridge(bridge: type[Bridge]) -> None:
    grey = np.arange(0, 2 * WIDTH * HEIGHT, 2).reshape(HEIGHT, WIDTH, 1)
    np.testing.assert_array_equal(decode(HEAT), grey.repeat(3, axis=2))


@pytest.mark.parametrize(
    ('changes', 'reason'),
    [
        ({'step': 2 * WIDTH + 1}, 'step'),
        ({'step': 2 * WIDTH - 2}, 'step'),
        ({'data': bytes(5)}, 'data'),
        ({'width': 0}, 'size'),
        ({'height': 65535, 'width': 65535}, 'size'),
        ({'encoding': '32FC1'}, 'encoding'),
        ({'encoding': '\ud800'}, 'encoding'),
    ],
)
def test_cv_bridge_gets_only_sound_messages(
    bridge: type[Bridge], changes: dict[str, Any], reason: str
) -> None:
    assert refusal(replace(HEAT, **changes)).reason == reason


@pytest.mark.parametrize(
    'returned', [None, np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH, 3))]
)
def test_what_cv_bridge_returns_is_checked(bridge: type[Bridge], returned: Any) -> None:
    bridge.imgmsg_to_cv2 = lambda self, came, desired_encoding: returned  # type: ignore[method-assign]
    error = refusal(HEAT)
    assert error.reason == 'encoding'
    assert 'no 8 x 6 rgb8 picture' in str(error)


@pytest.mark.parametrize('raised', [TypeError('odd'), cv2.error('odd'), SystemError('odd')])
def test_what_cv_bridge_raises_is_an_image_error(bridge: type[Bridge], raised: Exception) -> None:
    bridge.imgmsg_to_cv2 = mock.Mock(side_effect=raised)  # type: ignore[method-assign]
    error = refusal(HEAT)
    assert error.reason == 'encoding'
    assert 'odd' in str(error)


def test_without_cv_bridge_the_error_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'cv_bridge', None)
    error = refusal(replace(GOOD, encoding='32FC1'))
    assert error.reason == 'encoding'
    for part in ("'32FC1'", 'apt install ros-$ROS_DISTRO-cv-bridge', *ENCODINGS):
        assert part in str(error)
