"""``callfloor gsm COMMAND``: what a technician sees of the lines and does with them, through the running gateway."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from appliance.bus import Bus, CommandRefused
from appliance.settings import Settings
from gateways.cli import Row, show_answer, show_rows, technician

LINES = {
    "line": "line", "state": "state", "number": "number", "operator": "operator", "signal_dbm": "dBm",
    "caller": "caller", "recoveries": "recoveries", "blocked": "blocked", "reason": "reason",
}  # fmt: skip
NO_LINES = "no GSM lines: describe them in a site description and `callfloor store apply` it"


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Carry out one command."""
    if arguments.gsm_command == "decode":
        from gateways.gsm import decode

        return decode.main(arguments.family, arguments.command, arguments.file)
    try:
        with technician(settings) as bus:
            answer = _ask(bus, arguments)
    except CommandRefused as refused:
        print(f"callfloor gsm {arguments.gsm_command}: {refused.message}", file=sys.stderr)
        return 1
    if arguments.gsm_command == "lines":
        _show_lines(answer["lines"], settings, as_json=arguments.json)
    else:
        show_answer(answer, as_json=arguments.json)
    return 0


def _show_lines(rows: list[Row], settings: Settings, *, as_json: bool) -> None:
    for row in rows:
        row["blocked"] = (row["sim"] or {}).get("blocked")
    show_rows(rows, LINES, settings, key="line", none=NO_LINES, as_json=as_json)


def _ask(bus: Bus, arguments: argparse.Namespace) -> dict[str, Any]:
    """Have the gateway do it: command of the bus, its arguments, seconds to wait."""
    requests: dict[str, Callable[[], tuple[str, dict[str, Any], float]]] = {
        "lines": lambda: ("line.list", {}, 5.0),
        "show": lambda: ("line.show", {}, 5.0),
        "dial": lambda: ("line.dial", {"number": arguments.number}, 10.0),
        "hangup": lambda: ("line.hangup", {}, 10.0),
        "sms": lambda: ("sms.send", _message(arguments), 10.0),
        "ussd": lambda: ("ussd.send", {"text": arguments.text}, 90.0),
        "balance": lambda: ("balance.ask", {}, 10.0),
        "unlock": lambda: ("sim.unlock", {}, 10.0),
        "at": lambda: ("line.at", {"command": arguments.command}, 70.0),
        "reset": lambda: ("line.reset", {}, 10.0),
        "loopback-test": lambda: ("line.loopback", {"to": arguments.to or ""}, 120.0),
    }
    name, more, seconds = requests[arguments.gsm_command]()
    line = {} if arguments.gsm_command == "lines" else {"line": arguments.line}
    return bus.ask("gsm", name, line | more, seconds)


def _message(arguments: argparse.Namespace) -> dict[str, Any]:
    return {"to": arguments.number, "text": arguments.text, "flash": arguments.flash}
