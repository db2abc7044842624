# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The package holds together: one version, licensed files, layers, dependencies, messages."""

import ast
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE_XML = ElementTree.parse(ROOT / 'package.xml').getroot()
RUN_DEPENDS, TEST_DEPENDS = (
    {depend.text for tag in tags for depend in PACKAGE_XML.iter(tag)}
    for tags in (('depend', 'exec_depend'), ('test_depend',))
)
VERSION = PACKAGE_XML.findtext('version', '')

FOLDERS = ('benchmarks', 'enet_model', 'enet_ros', 'launch', 'reliability', 'test', 'tools')
PYTHON_FILES = sorted(
    [ROOT / 'setup.py', *(path for path in (ROOT / 'scripts').iterdir() if path.is_file())]
    + [path for folder in FOLDERS for path in (ROOT / folder).rglob('*.py')]
)
MODEL_FILES = [path for path in PYTHON_FILES if ROOT / 'enet_model' in path.parents]
NODE_FILES = [path for path in PYTHON_FILES if ROOT / 'enet_ros' in path.parents]
# What a robot runs: the node and the part of the model that it imports.
RUNTIME_FILES = NODE_FILES + [path for path in MODEL_FILES if path.parent == ROOT / 'enet_model']

# Where the name to import is not the name to install.
PIP_NAMES = {'cv2': 'opencv-python-headless', 'foxglove': 'foxglove-sdk', 'yaml': 'pyyaml'}
TRAINING_LIBRARIES = {'lightning', 'onnx', 'pytorch_lightning', 'torch', 'torchmetrics'}
ROSDEP_KEYS = {
    'argcomplete': 'python3-argcomplete',
    'cv2': 'python3-opencv',
    'numpy': 'python3-numpy',
    'onnxruntime': 'python3-onnxruntime-pip',
    'yaml': 'python3-yaml',
}


def imported_packages(path: Path) -> Iterator[str]:
    """Yield the top-level name of everything that the file imports, in functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition('.')[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or '').partition('.')[0]


def setup_argument(name: str) -> Any:
    """Return the literal value of one argument of ``setup()``."""
    for node in ast.walk(ast.parse((ROOT / 'setup.py').read_text())):
        if isinstance(node, ast.keyword) and node.arg == name:
            return ast.literal_eval(node.value)
    raise KeyError(name)


def pip_names(requirements: list[str]) -> set[str]:
    return {re.split('[<>=; ]', requirement)[0] for requirement in requirements}


def is_own_or_standard(package: str) -> bool:
    return package in {'enet_model', 'enet_ros'} or package in sys.stdlib_module_names


def test_version_stands_in_package_xml_alone() -> None:
    printed = subprocess.run(
        [sys.executable, 'setup.py', '--version'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert printed.stdout.split()[-1] == VERSION
    copies = [
        path
        for path in [ROOT / 'pyproject.toml', ROOT / 'CMakeLists.txt', *PYTHON_FILES]
        if f"'{VERSION}'" in path.read_text() or f'"{VERSION}"' in path.read_text()
    ]
    assert not copies


@pytest.mark.parametrize('path', PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_names_copyright_and_licence(path: Path) -> None:
    lines = [line for line in path.read_text().splitlines() if not line.startswith('#!')]
    assert lines[:2] == [
        '# Copyright 2026 the enet_ros authors',
        '# SPDX-License-Identifier: Apache-2.0',
    ]


def test_every_folder_of_modules_is_a_package() -> None:
    """Setuptools leaves a folder without ``__init__.py`` out of what ``pip install .`` installs."""
    folders = {path.parent for path in MODEL_FILES + NODE_FILES}
    assert [folder for folder in folders if not (folder / '__init__.py').exists()] == []


def test_enet_model_imports_no_ros() -> None:
    ros = RUN_DEPENDS | TEST_DEPENDS
    found = {str(path): ros.intersection(imported_packages(path)) for path in MODEL_FILES}
    assert not {path: packages for path, packages in found.items() if packages}
    # Some commands use the parts of enet_ros that need no ROS, or call those that do.
    users = {path for path in MODEL_FILES if 'enet_ros' in imported_packages(path)}
    assert {path.parent.name for path in users} <= {'commands', 'viewing'}


def test_runtime_imports_no_training_library() -> None:
    found = {str(path): TRAINING_LIBRARIES & set(imported_packages(path)) for path in RUNTIME_FILES}
    assert not {path: packages for path, packages in found.items() if packages}


def test_runtime_loads_without_training_libraries() -> None:
    """What a robot imports of enet_model does not reach a training library on a detour either."""
    modules = [
        f'enet_model.{path.stem}' for path in RUNTIME_FILES if path.parent == ROOT / 'enet_model'
    ]
    block = f'import sys; sys.modules.update(dict.fromkeys({sorted(TRAINING_LIBRARIES)}))'
    subprocess.run(
        [sys.executable, '-c', f'{block}; import {", ".join(modules)}'],
        cwd=ROOT,
        timeout=120,
        check=True,
    )


def test_package_xml_names_what_the_runtime_imports() -> None:
    launch_files = [path for path in PYTHON_FILES if ROOT / 'launch' in path.parents]
    imported = {
        package
        for path in RUNTIME_FILES + launch_files
        for package in imported_packages(path)
        if not is_own_or_standard(package)
    }
    assert {ROSDEP_KEYS.get(package, package) for package in imported} <= RUN_DEPENDS


def test_setup_names_what_enet_model_imports() -> None:
    """``pip install .`` suffices for the runtime; training may need the extras as well."""
    extras = setup_argument('extras_require')
    for path in MODEL_FILES:
        allowed = pip_names(setup_argument('install_requires'))
        if path not in RUNTIME_FILES:
            for extra in ('train', 'view', 'cityscapes', 'sun-rgbd'):
                allowed |= pip_names(extras[extra])
        needed = {
            PIP_NAMES.get(package, package)
            for package in imported_packages(path)
            if not is_own_or_standard(package)
        }
        assert needed <= allowed, path


def test_setup_installs_every_data_file() -> None:
    package_data = setup_argument('package_data').items()
    listed = {
        path
        for package, patterns in package_data
        for pattern in patterns
        for path in (ROOT / package.replace('.', '/')).glob(pattern)
    }
    present = {path for path in (ROOT / 'enet_model').rglob('*') if path.is_file()}
    assert {path for path in present if path.suffix not in {'.py', '.pyc'}} == listed


def test_source_tree_finds_the_generated_messages() -> None:
    """Our modules come from the source tree, the messages from where colcon installed them."""
    pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    import enet_ros.msg

    assert Path(enet_ros.__path__[0]) == ROOT / 'enet_ros'
    assert ROOT / 'enet_ros' not in Path(enet_ros.msg.__file__ or '').parents


def test_messages_are_the_documented_ones() -> None:
    pytest.importorskip('rclpy', reason='ROS 2 is not sourced')
    from enet_ros.msg import ClassOccupancy, ClassOccupancyArray

    assert ClassOccupancy.get_fields_and_field_types() == {
        'class_id': 'uint8',
        'class_name': 'string',
        'role': 'uint8',
        'image_fraction': 'float',
        'mean_confidence': 'float',
        'nearest_distance': 'float',
        'cell_fraction': 'sequence<float>',
    }
    assert ClassOccupancyArray.get_fields_and_field_types() == {
        'header': 'std_msgs/Header',
        'rows': 'uint16',
        'cols': 'uint16',
        'unlabeled_fraction': 'float',
        'classes': 'sequence<enet_ros/ClassOccupancy>',
    }
    roles = ClassOccupancy.BACKGROUND, ClassOccupancy.TRAVERSABLE, ClassOccupancy.OBSTACLE
    assert roles == (0, 1, 2)


def test_install_tree_is_complete() -> None:
    """Ros2 run and launch find every program, launch file and setting."""
    index = pytest.importorskip('ament_index_python', reason='ROS 2 is not sourced')
    prefix = Path(index.get_package_prefix('enet_ros'))
    programs = {path.name for path in (ROOT / 'scripts').iterdir() if path.is_file()}
    installed = {path.name: path for path in (prefix / 'lib' / 'enet_ros').iterdir()}
    assert programs == {'camera_node', 'demo', 'segmentation_node'}
    assert programs <= set(installed)
    assert all(os.access(installed[name], os.X_OK) for name in programs)
    for folder in ('config', 'launch'):
        files = {
            path.relative_to(ROOT)
            for path in (ROOT / folder).rglob('*')
            if path.is_file() and path.suffix != '.pyc'
        }
        assert files
        missing = [file for file in files if not (prefix / 'share/enet_ros' / file).is_file()]
        assert not missing, 'run `make build` after adding a file'
