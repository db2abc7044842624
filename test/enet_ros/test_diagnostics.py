# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
import mmap
import os

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not sourced')

from diagnostic_msgs.msg import DiagnosticStatus

from enet_ros.diagnostics import WINDOW, Health, resident_memory


def report(health: Health, now: float) -> tuple[bytes, str, dict[str, str]]:
    status = health.status(now, 1.0, 'cpu', {'provider': 'cpu'})
    assert (status.name, status.hardware_id) == ('front', 'cpu')
    return status.level, status.message, {value.key: value.value for value in status.values}


def test_a_camera_that_says_nothing_is_waited_for() -> None:
    level, text, values = report(Health('front'), 5.0)
    assert (level, text) == (DiagnosticStatus.WARN, 'waiting for frames')
    assert values['provider'] == 'cpu'
    assert values['rate in [Hz]'] == '0.0'
    assert values['latency median [ms]'] == ''


def test_rates_and_times_are_those_of_the_window() -> None:
    health = Health('front')
    for k in range(200):  # 20 s at 10 Hz, every second frame labelled
        now = k * 0.1
        health.add_arrival(now)
        if k % 2:
            health.add_result(now, 0.020, 0.030 if k < 198 else 0.090, 0.050)
    level, text, values = report(health, 19.9)
    assert (level, text) == (DiagnosticStatus.OK, 'ok')
    assert values['frames received'] == '200'
    assert values['frames labelled'] == '100'
    assert float(values['rate in [Hz]']) == pytest.approx(10.0, abs=0.2)
    assert float(values['rate out [Hz]']) == pytest.approx(5.0, abs=0.2)
    assert values['inference median [ms]'] == values['inference p99 [ms]'] == '20.0'
    assert values['latency median [ms]'] == '30.0'
    assert float(values['latency p99 [ms]']) > 50.0
    assert values['age median [ms]'] == '50.0'
    _, _, later = report(health, 19.9 + WINDOW + 1)
    assert later['rate in [Hz]'] == '0.0'
    assert later['frames received'] == '200'


def test_a_camera_that_stops_is_stale_and_one_that_comes_back_is_not() -> None:
    health = Health('front')
    health.add_arrival(0.0)
    health.add_result(0.1, 0.1, 0.1, 0.1)
    assert report(health, 0.9)[1] == 'ok'
    assert report(health, 1.1)[:2] == (DiagnosticStatus.STALE, 'stale: no frames come')
    health.add_arrival(5.0)
    health.add_result(5.1, 0.1, 0.1, 0.1)
    assert report(health, 5.2)[1] == 'ok'


def test_refused_frames_are_counted_by_reason_and_are_an_error_when_they_are_all() -> None:
    health = Health('front')
    for reason in ('step', 'step', 'data'):
        health.add_arrival(1.0)
        health.add_refusal(reason, f'the {reason} is wrong')
    level, text, values = report(health, 1.2)
    assert level == DiagnosticStatus.ERROR
    assert text == 'failed: no frame is labelled: 3 frames refused'
    assert values['state'] == 'failed'
    assert values['frames refused'] == '3'
    assert values['frames refused (step)'] == '2'
    assert values['last error'] == 'the data is wrong'
    health.add_arrival(1.3)
    health.add_result(1.4, 0.1, 0.1, 0.1)
    assert report(health, 1.5)[:2] == (DiagnosticStatus.WARN, 'degraded: 3 frames refused')
    health.add_arrival(1.1 + WINDOW)
    health.add_result(1.2 + WINDOW, 0.1, 0.1, 0.1)
    assert report(health, 1.3 + WINDOW)[:2] == (DiagnosticStatus.OK, 'ok')


def test_frames_that_nobody_wants_are_no_fault() -> None:
    health = Health('front')
    health.add_arrival(1.0)
    health.unwanted += 1
    level, _, values = report(health, 1.1)
    assert level == DiagnosticStatus.OK
    assert values['frames nobody wanted'] == '1'


def test_a_node_that_rests_is_not_stale() -> None:
    health = Health('front')
    health.add_arrival(1.0)
    status = health.status(100.0, 1.0, 'cpu', {}, resting='inactive')
    assert (status.level, status.message) == (DiagnosticStatus.OK, 'inactive')


def test_frames_out_of_order_and_clock_jumps_degrade_for_a_while() -> None:
    health = Health('front')
    for now, stamp in ((1.0, 50.0), (1.1, 49.0), (1.2, 49.1)):
        health.add_arrival(now, stamp)
        health.add_result(now, 0.1, 0.1, 0.2)
    health.add_clock_jump(1.3, -3600.0)
    level, text, values = report(health, 1.4)
    assert level == DiagnosticStatus.WARN
    assert text == 'degraded: 1 frames out of order, 1 clock jumps'
    assert values['frames out of order'] == values['clock jumps'] == '1'
    assert values['last error'] == 'the clock jumped by -3600.0 s'
    assert values['age median [ms]'] == '', 'ages of two clocks are no ages'
    assert values['latency median [ms]'] == '100.0'
    health.add_arrival(2.0, 49.2)
    health.add_result(2.1, 0.1, 0.1, 0.2)
    assert report(health, 2.2)[2]['age median [ms]'] == '200.0'
    health.add_arrival(2.0 + WINDOW, 60.0)
    health.add_result(2.0 + WINDOW, 0.1, 0.1, 0.1)
    assert report(health, 2.1 + WINDOW)[1] == 'ok'


def test_missed_frames_and_a_mismatch_are_told() -> None:
    health = Health('front')
    health.mismatch = 'RELIABILITY on image'
    level, text, values = report(health, 1.0)
    assert level == DiagnosticStatus.WARN
    assert text == 'waiting for frames: a publisher offers another RELIABILITY on image'
    assert (values['state'], values['QoS mismatch']) == ('waiting for frames', health.mismatch)
    health.add_arrival(2.0, missed=0)
    health.add_arrival(2.5, missed=3)
    assert report(health, 2.6)[2]['frames missed'] == '3'


def test_an_engine_that_is_not_the_wanted_one_degrades() -> None:
    health = Health('front')
    health.add_arrival(1.0)
    health.add_result(1.1, 0.1, 0.1, 0.1)
    status = health.status(1.2, 1.0, 'cpu', {}, degraded="device 'cuda' failed: lost")
    assert status.level == DiagnosticStatus.WARN
    assert status.message == "degraded: device 'cuda' failed: lost"


def test_the_memory_is_that_of_the_process() -> None:
    before = resident_memory()
    with mmap.mmap(-1, 50 * 2**20) as held:  # pages of its own, whatever the heap has to spare
        held.write(b'x' * len(held))
        assert 45 * 2**20 < resident_memory(os.getpid()) - before < 120 * 2**20
