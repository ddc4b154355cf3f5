"""The command line of ``callfloor pstn``; apart from ``cli`` so that other commands need not load what it needs."""

from __future__ import annotations

import argparse

from gateways.cli_arguments import LINE, CommandLine, Run


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser, run: Run) -> None:
    """Declare the commands; without one the service runs."""
    line = CommandLine(parser, common, "pstn_command", run)
    line.add("scan", "the cards of this machine, and which of them the site describes")
    apply = line.add("apply", "configure DAHDI as the site describes its cards; needs root", as_json=False)
    apply.add_argument("--dry-run", action="store_true", help="show what would be written")
    apply.add_argument("--force", action="store_true", help="also while channels are in use: calls on them end")
    line.add("spans", "all spans: alarms, layer 2, calls")
    line.add("list", "all lines and their states")
    line.add_line_commands()
    learn = line.add("learn-busy", "learn the tone by which a line tells that the far party has hung up", LINE)
    learn.add_argument("--yes", action="store_true", help="keep the tone without asking")
    learn.add_argument("--forget", action="store_true", help="listen to nothing: forget the tone that was learned")
    line.add("take-out", "take a B channel out of service; a call on it goes on to its end", LINE)
    line.add("put-back", "put a B channel back into service", LINE)
    trace = line.add("trace", "write a span's Q.931 messages into the gateway's log", ("span", "the span's name"))
    trace.add_argument("switch", choices=("on", "off"), help="on, or off")
