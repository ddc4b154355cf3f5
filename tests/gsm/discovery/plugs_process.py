"""Lines whose modems are found, on a machine that umockdev makes up; the ttys lead to those of a simulated bank.

Runs under ``umockdev-wrapper`` as ``machine_process`` does: ``plugs_process SPECS`` (a JSON list of ``LineSpec``).
Prints ``{"line", "state", "reason"}`` for each state of a line and ``{"log"}`` for what somebody should know.
"""

from __future__ import annotations

import json
import logging
import select
import sys
import tempfile
from pathlib import Path
from typing import Any

from gateways.gsm.device import LineSpec
from gateways.gsm.modem import Modem
from gateways.gsm.pins import PinBook
from gateways.gsm.plugs import Plugs
from gateways.line import LineEvent, LineStateChanged
from gateways.loop import HardwareLoop
from tests.gsm.discovery.machine_process import Machine
from tests.gsm.scripted import FAST


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class Told(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(log=record.getMessage())


class Gateway:
    """Modems and their places; without trunk and store."""

    def __init__(self, specs: list[LineSpec], loop: HardwareLoop, folder: Path) -> None:
        pins = PinBook(folder / "pins.json")
        self.plugs: Plugs | None = None
        self.modems = {spec.name: Modem(spec, loop, self.heard, FAST, pins) for spec in specs}
        self.plugs = Plugs(loop, specs, self.modems)

    def heard(self, event: LineEvent) -> None:
        if self.plugs is not None:
            self.plugs.on_line_event(event)
        if isinstance(event, LineStateChanged):
            say(line=event.line, state=event.state, reason=event.reason)


def main(specs: list[LineSpec], folder: Path) -> None:
    logging.getLogger("gateways.gsm.plugs").addHandler(Told())
    machine, loop = Machine(), HardwareLoop()
    gateway = Gateway(specs, loop, folder)
    assert gateway.plugs is not None

    def command(_bits: int) -> None:
        line = sys.stdin.readline()
        if not line:
            for modem in gateway.modems.values():
                modem.close("over")
            loop.stop()
            return
        asked = json.loads(line)
        for name, target in asked.get("links", {}).items():
            link = machine.root / "dev" / name
            link.parent.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        for row in asked.get("add", []):
            machine.add(row)
        for path, *_ in asked.get("remove", []):
            machine.event(path, "remove")
            machine.remove(path)
        say(done=True)

    loop.watch(sys.stdin.fileno(), select.EPOLLIN, command)
    say(ready=True)
    loop.run()
    gateway.plugs.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        main([LineSpec(**spec) for spec in json.loads(sys.argv[1])], Path(place))
