# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the documents name is there: files, links, commands with their options, topics, parameters.

Tables that the code knows best are those that `make documents` writes.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from enet_model import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob('*.md'), *ROOT.glob('docs/*.md'), *ROOT.glob('enet_model/**/*.md')])
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in DOCUMENTS}

FENCE = re.compile(r'^ *```(\w*)\n(.*?)^ *```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\((?!\w+://)([^)#\s]*)(#[^)\s]*)?\)')
CODE = re.compile(r'`([^`\n]+)`')
# A path of this repository in running text: one of its folders, and something in it.
PATH = re.compile(
    r'(?<![\w/.~-])(?:benchmarks|config|docker|docs|enet_model|enet_ros|launch|msg|scripts|test|tools)/[\w./*-]*\w'
)
TOPIC = re.compile(r'/?segmentation(?:/\w+)+|/diagnostics')
OTHER_TOPICS = {'segmentation/people'}  # docs/planners.md has topic_tools make it

each_document = pytest.mark.parametrize('name', TEXTS)


def shell_lines(text: str) -> Iterator[str]:
    """Yield the command lines of the shell blocks, joined where they go on, without comments."""
    for language, block in FENCE.findall(text):
        if language in ('sh', 'bash', 'console'):
            for line in block.replace('\\\n', ' ').splitlines():
                yield line.strip()
    yield from CODE.findall(FENCE.sub('', text))


def commands(text: str, program: str) -> Iterator[list[str]]:
    """Yield the arguments of each call of a program."""
    for line in shell_lines(text):
        for part in re.split(r'&&|;|\|', line):
            try:
                words = shlex.split(part, comments=True)
            except ValueError:  # an apostrophe: no command
                continue
            if words[:1] == [program]:
                yield words[1:]


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = re.findall(r'^#+ (.*)$', FENCE.sub('', text), re.MULTILINE)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


@each_document
def test_links_lead_somewhere(name: str) -> None:
    here = ROOT / name
    broken = []
    for path, anchor in LINK.findall(TEXTS[name]):
        target = (here.parent / path).resolve() if path else here
        if not target.exists() or (
            anchor and target.suffix == '.md' and anchor[1:] not in anchors(target.read_text())
        ):
            broken.append(path + anchor)
    assert not broken


@each_document
def test_paths_are_there(name: str) -> None:
    named = {
        path
        for code in (*CODE.findall(TEXTS[name]), *shell_lines(TEXTS[name]))
        for path in PATH.findall(code)
    }
    assert {path for path in named if not any(ROOT.glob(path))} == set()


def option_strings(command: str) -> set[str]:
    subparsers = next(
        action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction)
    )
    actions = subparsers.choices[command]._actions
    return {option for action in actions for option in action.option_strings}


@each_document
def test_enet_has_the_commands_and_options(name: str) -> None:
    for words in commands(TEXTS[name], 'enet'):
        command, *rest = words or ['--help']
        if command.startswith(('-', '<')) or not command.isalpha():
            continue
        assert command in cli.COMMANDS, words
        options = {word.partition('=')[0] for word in rest if word.startswith('--')}
        assert options <= option_strings(command), words


@each_document
def test_make_has_the_targets_and_variables(name: str) -> None:
    makefile = (ROOT / 'Makefile').read_text()
    targets = set(re.findall(r'^([a-z]+):', makefile, re.MULTILINE))
    variables = set(re.findall(r'\$\((\w+)\)', makefile))
    for line in shell_lines(TEXTS[name]):
        for call in re.findall(r'(?:^|&& |\$\()make((?: [\w=./<>|$"\'-]+)*)', line):
            for word in call.split():
                if '=' in word:
                    assert word.partition('=')[0] in variables, line
                elif not word.startswith('-'):
                    assert word.strip('"\')') in targets, line


@each_document
def test_launch_files_have_the_arguments(name: str) -> None:
    for words in commands(TEXTS[name], 'ros2'):
        if words[:2] != ['launch', 'enet_ros']:
            continue
        file = ROOT / 'launch' / words[2]
        sources = file.read_text() + (ROOT / 'launch/segment.launch.py').read_text()
        for argument in words[3:]:
            if ':=' in argument:
                assert f"'{argument.partition(':=')[0]}'" in sources, words


@each_document
def test_ros2_run_finds_the_programs(name: str) -> None:
    programs = {path.name for path in (ROOT / 'scripts').iterdir()}
    for words in commands(TEXTS[name], 'ros2'):
        if words[:2] == ['run', 'enet_ros']:
            assert words[2] in programs, words


@each_document
def test_topics_are_those_of_the_node(name: str) -> None:
    from enet_ros.topics import OUTPUTS

    known = {topic.name.lstrip('/') for topic in OUTPUTS} | OTHER_TOPICS
    if name == 'docs/viewing.md':
        known |= {'segmentation/names'}  # `enet view` alone: test_view.py
    named = {topic.lstrip('/') for topic in TOPIC.findall(TEXTS[name])}
    assert named <= known


@each_document
def test_parameters_are_those_of_the_node(name: str) -> None:
    """In `name: value` and `-p name:=value`, and in the parameter files that are shown."""
    known = set(
        yaml.safe_load((ROOT / 'config/segment.yaml').read_text())['/**']['ros__parameters']
    )
    known |= {'qos_overrides', 'use_sim_time'}
    for language, block in FENCE.findall(TEXTS[name]):
        if language == 'yaml' and 'ros__parameters' in block:
            for node, content in yaml.safe_load(block).items():
                if node == '/**' or 'segmentation_node' in node:
                    assert set(content['ros__parameters']) <= known, block
    for words in commands(TEXTS[name], 'ros2'):
        if words[:2] == ['param', 'set'] and words[2] == '/segmentation_node':
            assert words[3] in known, words


def test_tables_are_up_to_date() -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')
    from enet_model.benchmark.document import replace_sections
    from tools.write_tables import sections

    text = TEXTS['README.md']
    written, names = replace_sections(text, sections())
    assert set(names) == set(sections()), 'a table has no place in README.md'
    assert written == text, 'run `make documents`'


def test_scores_become_the_table_of_accuracy() -> None:
    pytest.importorskip('rclpy', reason='needs ROS 2 (rclpy)')
    from tools.write_tables import accuracy_table

    scores = {
        'mean_iou': 0.5,
        'class_average': 0.625,
        'global_accuracy': 0.9,
        'classes': {
            'road': {'iou': 0.5, 'accuracy': 0.625},
            'dog': {'iou': None, 'accuracy': None},
        },
    }
    assert accuracy_table(scores).splitlines() == [
        '| class | IoU | accuracy |',
        '| --- | --- | --- |',
        '| road | 50.0% | 62.5% |',
        '| dog | - | - |',
        '| **mean** | **50.0%** | **62.5%** |',
        '',
        'Global accuracy 90.0%.',
    ]
