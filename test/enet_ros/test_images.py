# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import array
import sys
import tracemalloc
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_args
from unittest import mock

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from enet_model.arrays import Scratch
from enet_ros.image_fields import ImageError, Reason
from enet_ros.images import ENCODINGS, decode

Array = NDArray[Any]
RNG = np.random.default_rng(7)
WIDTH, HEIGHT = 8, 6


@dataclass
class Image:
    """The picture fields of a sensor_msgs/Image."""

    height: Any = HEIGHT
    width: Any = WIDTH
    encoding: Any = 'rgb8'
    is_bigendian: Any = 0
    step: Any = 3 * WIDTH
    data: Any = b''


def message(samples: Array, encoding: str, padding: int = 0, rows: int | None = None) -> Image:
    """Return a message of height x width (x channels) samples, with filler behind each row."""
    body = samples.reshape(len(samples), -1).view(np.uint8)
    filler = RNG.integers(0, 256, (len(samples), padding), np.uint8)
    return Image(
        height=rows or len(samples),
        width=samples.shape[1],
        encoding=encoding,
        is_bigendian=int(samples.dtype.str.startswith('>')),
        step=body.shape[1] + padding,
        data=array.array('B', np.hstack([body, filler]).tobytes()),
    )


PIXEL_BYTES = {
    **dict.fromkeys(['mono8', '8UC1', 'nv12', 'nv21'], 1),
    **dict.fromkeys(['bayer_rggb8', 'bayer_bggr8', 'bayer_gbrg8', 'bayer_grbg8'], 1),
    **dict.fromkeys(['bayer_rggb16', 'bayer_bggr16', 'bayer_gbrg16', 'bayer_grbg16'], 2),
    **dict.fromkeys(['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2', 'mono16'], 2),
    **dict.fromkeys(['rgb8', 'bgr8', '8UC3'], 3),
    **dict.fromkeys(['rgba8', 'bgra8', '8UC4'], 4),
    **dict.fromkeys(['rgb16', 'bgr16'], 6),
    **dict.fromkeys(['rgba16', 'bgra16'], 8),
}


def random_samples(encoding: str, height: int = HEIGHT, width: int = WIDTH) -> Array:
    rows = height * 3 // 2 if encoding.startswith('nv') else height
    return RNG.integers(0, 256, (rows, width, PIXEL_BYTES[encoding]), np.uint8)


def random_message(encoding: str, height: int, width: int, padding: int = 0) -> Image:
    return message(random_samples(encoding, height, width), encoding, padding, rows=height)


def refusal(came: Any) -> ImageError:
    with pytest.raises(ImageError) as caught:
        decode(came)
    assert caught.value.reason in get_args(Reason)
    str(caught.value).encode()  # printable by a logger, whatever came
    return caught.value


# ---- What the encodings mean


def test_the_tests_below_know_every_encoding() -> None:
    assert set(PIXEL_BYTES) == set(ENCODINGS)


@pytest.mark.parametrize(
    ('encoding', 'channels', 'rgb'),
    [
        ('rgb8', 3, [0, 1, 2]),
        ('bgr8', 3, [2, 1, 0]),
        ('8UC3', 3, [2, 1, 0]),
        ('rgba8', 4, [0, 1, 2]),
        ('bgra8', 4, [2, 1, 0]),
        ('8UC4', 4, [2, 1, 0]),
        ('mono8', 1, [0, 0, 0]),
        ('8UC1', 1, [0, 0, 0]),
    ],
)
def test_interleaved_bytes(encoding: str, channels: int, rgb: list[int]) -> None:
    samples = RNG.integers(0, 256, (HEIGHT, WIDTH, channels), np.uint8)
    np.testing.assert_array_equal(decode(message(samples, encoding)), samples[..., rgb])


@pytest.mark.parametrize('byte_order', ['<', '>'])
@pytest.mark.parametrize(
    ('encoding', 'channels', 'rgb'),
    [
        ('mono16', 1, [0, 0, 0]),
        ('rgb16', 3, [0, 1, 2]),
        ('bgr16', 3, [2, 1, 0]),
        ('rgba16', 4, [0, 1, 2]),
        ('bgra16', 4, [2, 1, 0]),
    ],
)
def test_16_bit_samples_are_scaled_and_rounded(
    encoding: str, channels: int, rgb: list[int], byte_order: str
) -> None:
    every_value = np.arange(65536).reshape(64, -1, 1)
    samples = np.concatenate([(every_value + 9999 * c) % 65536 for c in range(channels)], axis=2)
    frame = decode(message(samples.astype(f'{byte_order}u2'), encoding))
    np.testing.assert_array_equal(frame, np.rint(samples / 257)[..., rgb])


BAYER = ['rggb', 'bggr', 'gbrg', 'grbg']


def mosaic(picture: Array, pattern: str) -> Array:
    """Return what a sensor under the pattern's filters sees of an RGB picture."""
    seen = np.empty(picture.shape[:2], picture.dtype)
    for index, color in enumerate(pattern):
        at = np.s_[index // 2 :: 2, index % 2 :: 2]
        seen[at] = picture[..., 'rgb'.index(color)][at]
    return seen


@pytest.mark.parametrize('pattern', BAYER)
@given(
    color=st.tuples(*[st.integers(0, 255)] * 3), height=st.integers(3, 9), width=st.integers(3, 9)
)
def test_bayer_keeps_a_plain_color_up_to_the_edges(
    pattern: str, color: tuple[int, int, int], height: int, width: int
) -> None:
    plain = np.full((height, width, 3), color, np.uint8)
    frame = decode(message(mosaic(plain, pattern), f'bayer_{pattern}8'))
    np.testing.assert_array_equal(frame, plain)


@pytest.mark.parametrize('pattern', BAYER)
@pytest.mark.parametrize('byte_order', ['<', '>'])
def test_bayer_of_16_bits(pattern: str, byte_order: str) -> None:
    plain = np.full((5, 7, 3), (51 * 257, 102 * 257, 204 * 257), f'{byte_order}u2')
    frame = decode(message(mosaic(plain, pattern), f'bayer_{pattern}16'))
    np.testing.assert_array_equal(frame, np.full((5, 7, 3), (51, 102, 204)))


@pytest.mark.parametrize('pattern', BAYER)
def test_bayer_colors_stay_where_they_are(pattern: str) -> None:
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:8, :8], picture[:8, 8:] = (255, 0, 0), (0, 255, 0)
    picture[8:, :8], picture[8:, 8:] = (0, 0, 255), (90, 160, 30)
    frame = decode(message(mosaic(picture, pattern), f'bayer_{pattern}8'))
    for rows in (slice(0, 6), slice(10, 16)):
        for cols in (slice(0, 6), slice(10, 16)):
            np.testing.assert_array_equal(frame[rows, cols], picture[rows, cols])


def bt601(y: Array, u: Array, v: Array) -> Array:
    """ITU-R BT.601, 8 bits, studio swing."""
    luma, cb, cr = 255 / 219 * (y - 16.0), u - 128.0, v - 128.0
    red = luma + 255 / 224 * 1.402 * cr
    green = luma - 255 / 224 * (0.344136 * cb + 0.714136 * cr)
    blue = luma + 255 / 224 * 1.772 * cb
    return np.stack([red, green, blue], axis=-1).clip(0, 255)


def yuv_planes(chroma_rows: int) -> tuple[Array, Array, Array]:
    y = RNG.integers(16, 236, (HEIGHT, WIDTH), np.uint8)
    u, v = RNG.integers(16, 241, (2, chroma_rows, WIDTH // 2), np.uint8)
    return y, u, v


@pytest.mark.parametrize('encoding', ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2'])
def test_packed_yuv_422(encoding: str) -> None:
    y, u, v = yuv_planes(HEIGHT)
    samples = np.empty((HEIGHT, WIDTH, 2), np.uint8)
    luma = 1 if encoding in ('uyvy', 'yuv422') else 0
    samples[..., luma] = y
    samples[:, 0::2, 1 - luma], samples[:, 1::2, 1 - luma] = u, v
    wanted = bt601(y, u.repeat(2, axis=1), v.repeat(2, axis=1))
    np.testing.assert_allclose(decode(message(samples, encoding)), wanted, atol=1.5)


@pytest.mark.parametrize('encoding', ['nv12', 'nv21'])
@pytest.mark.parametrize('padding', [0, 5])
def test_semi_planar_yuv_420(encoding: str, padding: int) -> None:
    y, u, v = yuv_planes(HEIGHT // 2)
    first, second = (u, v) if encoding == 'nv12' else (v, u)
    chroma = np.stack([first, second], axis=-1).reshape(HEIGHT // 2, WIDTH)
    frame = decode(message(np.vstack([y, chroma]), encoding, padding, rows=HEIGHT))
    wanted = bt601(y, *(plane.repeat(2, axis=0).repeat(2, axis=1) for plane in (u, v)))
    np.testing.assert_allclose(frame, wanted, atol=1.5)


@pytest.mark.parametrize(
    ('yuv', 'rgb'),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((126, 128, 128), (128, 128, 128)),
        ((81, 90, 240), (254, 0, 0)),
        ((145, 54, 34), (0, 255, 1)),
        ((41, 240, 110), (0, 0, 255)),
    ],
)
def test_yuv_of_known_colors(yuv: tuple[int, int, int], rgb: tuple[int, int, int]) -> None:
    y, u, v = yuv
    samples = np.array([u, y, v, y], np.uint8).reshape(1, 2, 2)
    np.testing.assert_array_equal(decode(message(samples, 'uyvy'))[0], [rgb, rgb])


# ---- Memory


@pytest.mark.parametrize('padding', [0, 3, 27])
def test_rgb8_is_a_read_only_view(padding: int) -> None:
    samples = random_samples('rgb8')
    came = message(samples, 'rgb8', padding)
    frame = decode(came)
    assert np.shares_memory(frame, np.frombuffer(came.data, np.uint8))
    assert frame.strides == (came.step, 3, 1)
    assert not frame.flags.writeable
    np.testing.assert_array_equal(frame, samples)


@pytest.mark.parametrize(
    'container',
    [
        bytes,
        bytearray,
        memoryview,
        lambda raw: array.array('B', raw),
        lambda raw: np.frombuffer(raw, np.uint8),
        lambda raw: memoryview(b'x' + raw)[1:],  # 16-bit samples at an odd address
    ],
)
@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'mono16'])
def test_any_buffer_will_do(container: Callable[[bytes], Any], encoding: str) -> None:
    came = random_message(encoding, HEIGHT, WIDTH)
    wanted = decode(came)
    came.data = container(bytes(came.data))
    np.testing.assert_array_equal(decode(came), wanted)


@given(
    encoding=st.sampled_from(ENCODINGS),
    half_height=st.integers(2, 20),
    half_width=st.integers(2, 20),
    padding_pixels=st.integers(0, 5),
    trailing=st.integers(0, 100),
)
def test_padding_and_trailing_bytes_change_nothing(
    encoding: str, half_height: int, half_width: int, padding_pixels: int, trailing: int
) -> None:
    height, width = 2 * half_height, 2 * half_width
    samples = random_samples(encoding, height, width)
    padded = message(samples, encoding, padding_pixels * PIXEL_BYTES[encoding], rows=height)
    padded.data.frombytes(bytes(trailing))
    frame = decode(padded)
    assert frame.shape == (height, width, 3)
    assert frame.dtype == np.uint8
    np.testing.assert_array_equal(frame, decode(message(samples, encoding, rows=height)))


@pytest.mark.parametrize('encoding', sorted(set(ENCODINGS) - {'rgb8', 'rgb16'}))
def test_a_converted_picture_is_made_in_the_memory_that_is_given(encoding: str) -> None:
    scratch = Scratch()
    for height, width in ((6, 8), (6, 8), (4, 10)):
        came = random_message(encoding, height, width, padding=PIXEL_BYTES[encoding])
        picture = decode(came, scratch)
        np.testing.assert_array_equal(picture, decode(came))
        assert np.shares_memory(picture, scratch.shaped((height, width, 3)))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_the_smallest_picture(encoding: str) -> None:
    side = 3 if encoding.startswith('bayer') else 2
    assert decode(random_message(encoding, side, side)).shape == (side, side, 3)


# ---- What is refused

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
    assert refused.reason in get_args(Reason)
    str(refused).encode()


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


def test_messages_of_rclpy() -> None:
    messages = pytest.importorskip('sensor_msgs.msg', reason='ROS 2 is not installed')
    samples = random_samples('bgr8')
    came = messages.Image(height=HEIGHT, width=WIDTH, encoding='bgr8', step=3 * WIDTH)
    came.data = array.array('B', samples.tobytes())
    np.testing.assert_array_equal(decode(came), samples[..., ::-1])
    assert refusal(messages.Image()).reason == 'encoding'
