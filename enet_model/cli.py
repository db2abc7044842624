# Copyright 2026 the enet_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command `enet`; each of its commands is a module of ``enet_model/commands``.

Bad input ends a command with status 1 and one line that says what to do.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from enet_model.errors import UserError

COMMANDS = (
    *('train', 'average', 'evaluate', 'export', 'adapt', 'quantize', 'predict', 'view'),
    'benchmark',
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    enet = parser()
    if '_ARGCOMPLETE' in os.environ:  # the shell asks what could follow: see README.md
        import argcomplete

        argcomplete.autocomplete(enet)
    options = _parse(enet, arguments)
    try:
        options.run(options)
    except (UserError, OSError) as error:
        print(f'enet {options.command}: {error}', file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(
            f'enet {options.command}: needs {error.name}: '
            f"pip install 'enet_model[{options.extra}]'",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def helps() -> dict[str, str]:
    """Return the line that says what a command is for, by command."""
    return {name: module.HELP for name, module in _modules().items()}


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    enet = argparse.ArgumentParser('enet', description='ENet for semantic segmentation')
    commands = enet.add_subparsers(dest='command', required=True, metavar='COMMAND')
    for name, module in _modules().items():
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            formatter_class=_HelpFormatter,
        )
        module.add_arguments(command)
        # A robot has none of the libraries that most commands need.
        command.set_defaults(
            run=module.run, refuse=command.error, extra=getattr(module, 'EXTRA', 'train')
        )
    return enet


class _HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Says the defaults, but for those that say nothing."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        if action.default is None or action.default is False or action.default in ('', []):
            return action.help
        return super()._get_help_string(action)


def _parse(enet: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments; the changes of `enet train` may stand before and after its options."""
    options, rest = enet.parse_known_args(arguments)
    if 'changes' in options and not any(text.startswith('-') for text in rest):
        options.changes += rest  # argparse takes those alone that stand together
    elif rest:
        options.refuse(f'unrecognized arguments: {" ".join(rest)}')
    return options


def _modules() -> dict[str, ModuleType]:
    return {name: importlib.import_module(f'enet_model.commands.{name}') for name in COMMANDS}


if __name__ == '__main__':
    sys.exit(main())
