"""``callfloor gsm COMMAND``: what a technician sees of the lines and does with them, through the running gateway.

Exit status: 0 done, 1 the gateway or the modem refused (stderr says why and what to do), 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from appliance.bus import Bus, CommandRefused
from appliance.report.output import printable, write_table
from appliance.settings import Settings

LINES = {
    "line": "line", "state": "state", "number": "number", "operator": "operator", "signal_dbm": "dBm",
    "caller": "caller", "recoveries": "recoveries", "blocked": "blocked", "reason": "reason",
}  # fmt: skip


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Carry out one command."""
    if arguments.gsm_command == "decode":
        from gateways.gsm import decode

        return decode.main(arguments.family, arguments.command, arguments.file)
    try:
        with _bus(settings) as bus:
            answer = _ask(bus, arguments)
    except CommandRefused as refused:
        print(f"callfloor gsm {arguments.gsm_command}: {refused.message}", file=sys.stderr)
        return 1
    if arguments.gsm_command == "lines":
        _show_lines(answer, settings, as_json=arguments.json)
    else:
        _print(answer, as_json=arguments.json)
    return 0


@contextmanager
def _bus(settings: Settings) -> Iterator[Bus]:
    bus = Bus(settings.bus.host, settings.bus.port, "technician", settings.bus_password("technician"), guest=True)
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


def _show_lines(answer: dict[str, Any], settings: Settings, *, as_json: bool) -> None:
    rows = sorted(answer["lines"], key=lambda row: _order(row["line"]))
    for row in rows:
        row["blocked"] = (row["sim"] or {}).get("blocked")
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    elif not write_table(rows, LINES, ZoneInfo(settings.site.timezone), sys.stdout):
        print("no GSM lines: describe them in a site description and `callfloor store apply` it")


def _order(name: str) -> tuple[str, int, str]:
    head, _, number = name.rpartition("-")
    return (head, int(number), "") if number.isdigit() else (name, -1, name)


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


def _print(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
        return
    print("\n".join(_lines(answer)) or "done")


def _lines(answer: dict[str, Any], above: str = "") -> Iterator[str]:
    """An answer for people: ``key: value``, texts of several lines below their key."""
    for key, value in answer.items():
        if isinstance(value, dict):
            yield from _lines(value, f"{above}{key}.")
        elif isinstance(value, list):
            yield from (printable(str(one)) for one in value)
        elif isinstance(value, str) and "\n" in value:
            yield f"{above}{key}:"
            yield from (f"  {printable(line)}" for line in value.splitlines())
        elif value is not None:
            yield f"{above}{key}: {printable(str(value))}"
