"""``callfloor pstn COMMAND``: cards and spans of this machine, and the lines through the running gateway."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from appliance.bus import Bus, CommandRefused
from appliance.settings import Settings
from gateways.cli import Row, show_answer, show_rows, technician

LINES = {"line": "line", "state": "state", "number": "number", "caller": "caller", "reason": "reason"}
NO_LINES = "no PSTN lines: describe cards, spans and ports in a site description and `callfloor store apply` it"
Request = tuple[str, Row, float]  # command of the bus, its arguments, seconds to wait
LISTENS = 40.0


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Carry out one command."""
    name = arguments.pstn_command
    try:
        if name in ("scan", "apply", "spans"):
            from gateways.pstn import cli_hardware

            return cli_hardware.run(arguments, settings)
        with technician(settings) as bus:
            if name == "learn-busy":
                return _learn(bus, arguments)
            answer = _ask(bus, arguments)
    except CommandRefused as refused:
        print(f"callfloor pstn {name}: {refused.message}", file=sys.stderr)
        return 1
    if name == "list":
        show_rows(answer["lines"], LINES, settings, key="line", none=NO_LINES, as_json=arguments.json)
    else:
        show_answer(answer, as_json=arguments.json)
    return 0


def _ask(bus: Bus, arguments: argparse.Namespace) -> Row:
    requests: dict[str, Callable[[], Request]] = {
        "list": lambda: ("line.list", {}, 5.0),
        "show": lambda: ("line.show", _line(arguments), 5.0),
        "dial": lambda: ("line.dial", _line(arguments, number=arguments.number), 15.0),
        "hangup": lambda: ("line.hangup", _line(arguments), 10.0),
        "loopback-test": lambda: ("line.loopback", _line(arguments, to=arguments.to or ""), 120.0),
        "take-out": lambda: ("line.take-out", _line(arguments), 10.0),
        "put-back": lambda: ("line.put-back", _line(arguments), 10.0),
        "trace": lambda: ("span.trace", {"span": arguments.span, "on": arguments.switch == "on"}, 10.0),
    }
    command, more, seconds = requests[arguments.pstn_command]()
    return bus.ask("pstn", command, more, seconds)


def _line(arguments: argparse.Namespace, **more: Any) -> Row:
    return {"line": arguments.line, **more}


def _learn(bus: Bus, arguments: argparse.Namespace) -> int:
    """Have a line listened to, show the tone that was found, and keep it if that is wanted."""
    line = arguments.line
    if arguments.forget:
        show_answer(bus.ask("pstn", "line.busy-tone", _line(arguments, tone=None), 10.0), as_json=arguments.json)
        return 0
    print(f"{line} is listened to for up to 30 s: have the far party hang up now, and wait …", file=sys.stderr)
    tone = bus.ask("pstn", "line.learn-busy", _line(arguments), LISTENS)
    print(json.dumps(tone) if arguments.json else "\n".join(_words(tone)))
    if arguments.yes or _wanted(f"Shall calls on {line} end at this tone from now on? [y/N] "):
        bus.ask("pstn", "line.busy-tone", _line(arguments, tone=tone), 10.0)
        print(f"{line} ends calls at this tone from now on", file=sys.stderr)
    else:
        print("the tone is not kept", file=sys.stderr)
    return 0


def _words(tone: Row) -> list[str]:
    turns = zip(tone["cadence"][::2], tone["cadence"][1::2], strict=True)
    cadence = ", ".join(f"{on} ms on {off} ms off" for on, off in turns) or "without a break"
    return [
        f"frequencies: {' + '.join(f'{hertz:.0f} Hz' for hertz in tone['frequencies'])}",
        f"cadence: {cadence}",
        f"level: {tone['level_dbm0']:.0f} dBm0",
    ]


def _wanted(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
