"""The command line of ``callfloor gsm``; apart from ``cli`` so that other commands need not load what it needs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

Run = Callable[[argparse.Namespace, Any], int]


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser, run: Run) -> None:
    """Declare the commands; without one the service runs."""
    commands = parser.add_subparsers(metavar="COMMAND", dest="gsm_command")

    def command(name: str, text: str, *positional: tuple[str, str]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, parents=[common])
        for key, what in positional:
            made.add_argument(key, help=what)
        if name != "decode":
            made.add_argument("--json", action="store_true", help="the answer as JSON")
        made.set_defaults(run=run)
        return made

    line = ("line", "the line's name (gsm-1)")
    command("lines", "all lines, their states and signal")
    command("show", "all that is known of one line", line)
    command("dial", "a call without an agent, to try a line; end it with hangup", line, ("number", "whom to call"))
    command("hangup", "end the call on a line", line)
    sms = command("sms", "send a message", line, ("number", "to whom"), ("text", "what it says"))
    sms.add_argument("--flash", action="store_true", help="shown at once, not kept by the phone (class 0)")
    command("ussd", "begin a USSD session, or answer its question", line, ("text", "*100# or the choice"))
    command("at", "send an AT command and show what the modem answers", line, ("command", "'AT+CSQ'"))
    command("balance", "ask the network for the SIM's balance; the line shows it when it comes", line)
    command("unlock", "lift the lock that a policy has put on the line's SIM", line)
    command("reset", "close the modem and bring it up anew; a call on it ends", line)
    loopback = command("loopback-test", "send a tone out and measure what comes back", line)
    loopback.add_argument("--to", metavar="NUMBER", help="an echo service; else another idle line of ours is called")
    decode = command("decode", "read bytes of a modem, print what they mean as JSON lines")
    decode.add_argument("--family", required=True, help="the modem's dialect (quectel, huawei, …)")
    decode.add_argument("--command", default="", help="the AT command that the bytes follow")
    decode.add_argument("file", nargs="?", default="-", help="a capture; - or nothing: standard input")
