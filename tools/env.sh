# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Source this file in bash for .venv, ROS 2, the built messages and the source tree in one shell.
# The source tree comes first: an edited Python file counts at once. colcon's scripts do not stand
# `set -u`.
_enet_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

_enet_prepend() {
    local -n list=$1
    [[ :$list: == *:"$2":* ]] || export "$1=$2${list:+:$list}"
}

export VIRTUAL_ENV=$_enet_root/.venv
_enet_prepend PATH "$VIRTUAL_ENV/bin"
if [ -d "$VIRTUAL_ENV/share/ament_index" ]; then  # ROS 2 from PyPI: .venv is its prefix
    _enet_prepend AMENT_PREFIX_PATH "$VIRTUAL_ENV"
fi
if [ -f "$_enet_root/install/setup.bash" ]; then
    . "$_enet_root/install/setup.bash"
    LD_LIBRARY_PATH=${LD_LIBRARY_PATH%:}  # an empty entry would be the current folder
fi
_enet_prepend PYTHONPATH "$_enet_root"

unset _enet_root
unset -f _enet_prepend
