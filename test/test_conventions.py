# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files that tools outside read: manifest, changelog, documentation, workflows, hooks."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / 'Makefile').read_text()
WORKFLOWS = sorted((ROOT / '.github/workflows').glob('*.yaml'))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())['jobs'].values()
    return [step for job in jobs for step in job['steps']]


def matrix(name: str, job: str) -> dict[str, list[str]]:
    tree = yaml.safe_load((ROOT / f'.github/workflows/{name}.yaml').read_text())
    values: dict[str, list[str]] = tree['jobs'][job]['strategy']['matrix']
    return values


def test_the_manifest_is_one_of_format_3_without_warnings() -> None:
    package = pytest.importorskip('catkin_pkg.package', reason='needs catkin_pkg, as colcon does')
    warnings: list[str] = []
    manifest = package.parse_package(ROOT / 'package.xml', warnings=warnings)
    assert (manifest.package_format, warnings) == (3, [])


def test_the_changelog_is_one_that_catkin_reads() -> None:
    """Of the newest entry catkin's tools make the next release: it is still to come."""
    lines = (ROOT / 'CHANGELOG.rst').read_text().splitlines()
    title = 'Changelog for package enet_ros'
    assert lines[:3] == ['^' * len(title), title, '^' * len(title)]
    versions = [line for line, under in itertools.pairwise(lines) if under[:3] == '---']
    assert versions[0] == 'Forthcoming'
    for version in versions[1:]:
        assert re.fullmatch(r'\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)', version)
    entries = lines[lines.index('Forthcoming') + 2 :]
    assert all(line.startswith(('* ', '  ')) or not line for line in entries)


def test_the_documentation_is_where_rosdoc2_looks() -> None:
    (export,) = re.findall(r'<rosdoc2>(.*)</rosdoc2>', (ROOT / 'package.xml').read_text())
    head, settings = yaml.safe_load_all((ROOT / export).read_text())
    assert head == {'type': 'rosdoc2 config', 'version': 1}
    assert (ROOT / settings['settings']['python_source'] / '__init__.py').is_file()
    assert (ROOT / settings['builders'][0]['sphinx']['user_doc_dir'] / 'architecture.md').is_file()


@pytest.mark.parametrize('workflow', WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_what_is_there(workflow: Path) -> None:
    targets = set(re.findall(r'^([a-z]+):', MAKEFILE, re.MULTILINE))
    for step in steps(workflow):
        assert {'run', 'uses'} & set(step)
        for target in re.findall(r'make (\w+)', step.get('run', '')):
            assert target in targets
        for path in re.findall(r'(?:test|tools)/[\w./]+', step.get('run', '')):
            assert (ROOT / path).exists(), path


def test_workflows_try_every_release_that_is_promised() -> None:
    requires = re.search(r"python_requires='>=3\.(\d+)'", (ROOT / 'setup.py').read_text())
    assert requires
    pythons = matrix('python', 'test')['python']
    assert pythons[0] == f'3.{requires[1]}'
    distributions = {path.stem.split('-')[-1] for path in ROOT.glob('tools/ros-requirements-*.txt')}
    assert set(matrix('ros', 'from-pypi')['distribution']) == distributions
    assert distributions < set(matrix('ros', 'build-and-test')['distribution'])


def test_hooks_are_the_checks_of_make_lint() -> None:
    (repository,) = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text())['repos']
    hooks = {hook['entry'].replace(' --fix', '') for hook in repository['hooks']}
    (lint,) = re.findall(r'^lint:.*\n((?:\t.*\n)+)', MAKEFILE, re.MULTILINE)
    checks = {line.strip().replace('$(VENV)', '.venv') for line in lint.splitlines()}
    assert hooks == {check.replace(' --check', '') for check in checks}
