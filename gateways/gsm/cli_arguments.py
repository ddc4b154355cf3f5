"""The command line of ``callfloor gsm``; apart from ``cli`` so that other commands need not load what it needs."""

from __future__ import annotations

import argparse

from gateways.cli_arguments import LINE, CommandLine, Run


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser, run: Run) -> None:
    """Declare the commands; without one the service runs."""
    line = CommandLine(parser, common, "gsm_command", run)
    line.add("lines", "all lines, their states and signal")
    line.add_line_commands()
    sms = line.add("sms", "send a message", LINE, ("number", "to whom"), ("text", "what it says"))
    sms.add_argument("--flash", action="store_true", help="shown at once, not kept by the phone (class 0)")
    line.add("ussd", "begin a USSD session, or answer its question", LINE, ("text", "*100# or the choice"))
    line.add("at", "send an AT command and show what the modem answers", LINE, ("command", "'AT+CSQ'"))
    line.add("balance", "ask the network for the SIM's balance; the line shows it when it comes", LINE)
    line.add("unlock", "lift the lock that a policy has put on the line's SIM", LINE)
    line.add("reset", "close the modem and bring it up anew; a call on it ends", LINE)
    decode = line.add("decode", "read bytes of a modem, print what they mean as JSON lines", as_json=False)
    decode.add_argument("--family", required=True, help="the modem's dialect (quectel, huawei, …)")
    decode.add_argument("--command", default="", help="the AT command that the bytes follow")
    decode.add_argument("file", nargs="?", default="-", help="a capture; - or nothing: standard input")
