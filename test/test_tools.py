# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The set-up refuses a machine that it cannot serve, names the remedy and touches nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with the set-up, an earlier .venv, and a bin of the bare essentials."""
    shutil.copytree(ROOT / 'tools', tmp_path / 'tools')
    (tmp_path / '.venv').mkdir()
    programs = tmp_path / 'bin'
    programs.mkdir()
    for name in ('bash', 'dirname', 'uname'):
        (programs / name).symlink_to(shutil.which(name) or name)
    (programs / 'python3').symlink_to(sys.executable)
    return tmp_path


def add_program(tree: Path, name: str, body: str) -> None:
    (tree / 'bin' / name).unlink(missing_ok=True)
    (tree / 'bin' / name).write_text(f'#!{shutil.which("bash")}\n{body}\n')
    (tree / 'bin' / name).chmod(0o755)


def refusal(tree: Path, home: str, distro: str = 'jazzy') -> str:
    """Return what the set-up says; it must fail and leave the earlier .venv alone."""
    result = subprocess.run(
        [tree / 'tools' / 'setup_ros.sh', home, distro, 'python3'],
        env={'PATH': str(tree / 'bin')},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert (tree / '.venv').is_dir()
    return result.stderr


def test_folder_with_a_space_is_refused(tree: Path) -> None:
    spaced = shutil.copytree(tree, tree / 'my robot', symlinks=True)
    message = refusal(spaced, 'pypi')
    assert f"'{spaced}'" in message
    assert 'Move the project' in message


def test_missing_build_tools_are_named_with_the_command(tree: Path) -> None:
    add_program(tree, 'uname', 'echo Linux x86_64')
    add_program(tree, 'python3', 'exit 0')
    assert '    sudo apt-get install g++ cmake\n' in refusal(tree, 'pypi')


def test_missing_python_headers_are_named_with_the_command(tree: Path) -> None:
    add_program(tree, 'uname', 'echo Linux x86_64')
    for name in ('g++', 'cmake'):
        add_program(tree, name, 'exit 0')
    add_program(tree, 'python3', '[[ "$2" != *Python.h* ]]')
    assert refusal(tree, 'pypi').endswith('    sudo apt-get install python3-dev\n')


def test_other_processor_is_sent_to_ros_packages(tree: Path) -> None:
    add_program(tree, 'uname', 'echo Linux aarch64')
    message = refusal(tree, 'pypi')
    assert 'this is Linux aarch64' in message
    assert "'source /opt/ros/jazzy/setup.bash'" in message


def test_unknown_distribution_is_refused(tree: Path) -> None:
    add_program(tree, 'uname', 'echo Linux x86_64')
    message = refusal(tree, 'pypi', 'melodic')
    assert "'melodic'" in message
    assert 'tools/ros-requirements-jazzy.txt' in message


def test_unfit_python_is_refused(tree: Path) -> None:
    add_program(tree, 'uname', 'echo Linux x86_64')
    add_program(tree, 'python3', 'echo Python 3.9.1; exit 1')
    message = refusal(tree, 'pypi')
    assert 'Python 3.10 to 3.13; python3 is Python 3.9.1' in message
    assert 'make PYTHON=' in message


def test_sourced_ros_needs_its_own_python(tree: Path) -> None:
    add_program(tree, 'python3', 'echo Python 3.9.1; exit 1')
    assert 'make PYTHON=/usr/bin/python3' in refusal(tree, 'sourced')


def test_missing_colcon_is_named_with_the_command(tree: Path) -> None:
    add_program(tree, 'python3', 'exit 0')
    assert '    sudo apt-get install python3-colcon-common-extensions\n' in refusal(tree, 'sourced')
