# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Install what needs no ROS: enet_model, its command `enet`, and the geometry of enet_ros."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from setuptools import find_packages, setup

_PACKAGE_XML = ElementTree.parse(Path(__file__).with_name('package.xml')).getroot()

setup(
    name='enet_model',
    version=_PACKAGE_XML.findtext('version'),
    description='ENet for semantic segmentation: training, evaluation, export and inference',
    license='Apache-2.0',
    packages=find_packages(include=['enet_model', 'enet_model.*', 'enet_ros', 'enet_ros.*']),
    package_data={
        'enet_model': ['py.typed', 'weights/*'],
        'enet_model.training': ['recipes/*.yaml'],
    },
    entry_points={'console_scripts': ['enet = enet_model.cli:main']},
    python_requires='>=3.10',
    install_requires=[
        'argcomplete',
        'numpy',
        'onnxruntime>=1.17',
        'opencv-python-headless',
        'pyyaml',
    ],
    extras_require={
        'train': [
            'lightning>=2.6',
            'matplotlib',
            'onnx>=1.16',
            'onnxscript',  # torch.onnx writes with it
            'tensorboard',
            'torch>=2.6',
            'torchmetrics>=1.4',
            'tqdm',
        ],
        'view': ['foxglove-sdk>=0.30'],
        'cityscapes': ['cityscapesscripts'],
        'sun-rgbd': ['h5py', 'scipy'],
        'test': [
            'hypothesis',
            'mcap',
            'mypy',
            'pytest<9',  # launch_testing, part of every ROS 2 desktop, breaks pytest 9
            'pytest-benchmark',
            'ruff',
            'types-PyYAML',
            'types-tqdm',
        ],
        # NVIDIA's parser judges the exported graph, without a GPU; it exists for x86-64 alone.
        'tensorrt-check': ['tensorrt-rtx-cu12; platform_machine == "x86_64"'],
    },
)
