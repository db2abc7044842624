# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0

import os

import onnxruntime

from enet_model.benchmark.machine import describe_machine, read_processor

X86 = """processor\t: 0
vendor_id\t: AuthenticAMD
model name\t: AMD EPYC 7B13
flags\t\t: fpu sse2 avx avx2 fma avx512f avx512_vnni
processor\t: 1
model name\t: another
flags\t\t: fpu
"""
ARM = 'processor\t: 0\nFeatures\t: fp asimd asimdhp asimddp\nCPU part\t: 0xd42\n'


def test_a_processor_of_x86() -> None:
    flags = ('avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni')
    assert read_processor(X86) == ('AMD EPYC 7B13', flags)


def test_a_processor_of_arm_has_no_name() -> None:
    assert read_processor(ARM) == ('', ('asimd', 'asimdhp', 'asimddp'))


def test_no_text() -> None:
    assert read_processor('') == ('', ())


def test_this_machine() -> None:
    machine = describe_machine()
    assert machine.processor
    assert machine.cores == len(os.sched_getaffinity(0))
    assert 0.1 < machine.memory_gib < 1e5
    assert machine.onnxruntime == onnxruntime.__version__
    assert 'CPUExecutionProvider' in machine.providers
    assert f'{machine.cores} cores' in str(machine)
    assert machine.to_json()['processor'] == machine.processor
