"""What the command lines of all gateways declare alike; apart from ``cli``, which loads more."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Run = Callable[[argparse.Namespace, Any], int]
LINE = ("line", "the line's name")


class CommandLine:
    """The commands below ``parser``; without one its service runs. ``common`` are the options of every command."""

    def __init__(self, parser: argparse.ArgumentParser, common: argparse.ArgumentParser, key: str, run: Run) -> None:
        """``key``: where the command's name is kept."""
        self._commands = parser.add_subparsers(metavar="COMMAND", dest=key)
        self._common, self._run = common, run

    def add(self, name: str, text: str, *positional: tuple[str, str], as_json: bool = True) -> argparse.ArgumentParser:
        """Declare a command with its positional arguments and their help."""
        made = self._commands.add_parser(name, help=text, parents=[self._common])
        for key, what in positional:
            made.add_argument(key, help=what)
        if as_json:
            made.add_argument("--json", action="store_true", help="the answer as JSON")
        made.set_defaults(run=self._run)
        return made

    def add_line_commands(self) -> None:
        """Declare what ``gateways.linecommands`` serves, but for the list."""
        self.add("show", "all that is known of one line", LINE)
        self.add("dial", "a call without an agent, to try a line; end it with hangup", LINE, ("number", "whom to call"))
        self.add("hangup", "end the call on a line", LINE)
        loopback = self.add("loopback-test", "send a tone out and measure what comes back", LINE)
        loopback.add_argument(
            "--to", metavar="NUMBER", help="an echo service; else another idle line of ours is called"
        )
