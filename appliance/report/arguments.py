"""What ``callfloor report`` can be asked; light, so that the command line starts fast."""

from __future__ import annotations

import argparse

# Keys of a row and the headings people read, for each kind of report.
TABLES = {
    "calls": {
        "ringing_at": "time",
        "direction": "direction",
        "line": "line",
        "caller": "caller",
        "did": "dialled",
        "queue": "queue",
        "agent": "agent",
        "result": "result",
        "wait_seconds": "wait s",
        "talk_seconds": "talk s",
        "ended_by": "ended by",
        "recording_state": "recording",
    },
    "queues": {
        "queue": "queue",
        "offered": "offered",
        "answered": "answered",
        "abandoned": "abandoned",
        "overflowed": "overflow",
        "failed": "failed",
        "waiting": "waiting",
        "answer_rate_percent": "answered %",
        "average_wait_seconds": "wait s",
        "longest_wait_seconds": "longest s",
        "average_talk_seconds": "talk s",
        "service_level_percent": "in 20 s %",
    },
    "agents": {
        "agent": "agent",
        "name": "name",
        "calls": "calls",
        "talk_seconds": "talk s",
        "average_talk_seconds": "average s",
        "wrap_up_seconds": "wrap-up s",
        "logged_in_seconds": "logged in s",
        "paused_seconds": "paused s",
    },
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of ``callfloor report``."""
    parser.add_argument("about", choices=list(TABLES), help="what the report is about")
    parser.add_argument("--from", dest="first", metavar="WHEN", help="date or ISO time, site time (default: today)")
    parser.add_argument("--to", dest="last", metavar="WHEN", help="date (included) or ISO time (not included)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="comma-separated, for spreadsheets; times in site time")
    form.add_argument("--json", action="store_true", help="a list of objects with everything known; times in UTC")
