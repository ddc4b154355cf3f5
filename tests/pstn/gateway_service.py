"""The gateway as a process of its own, with a store that describes a span and two FXO ports, and a broker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TypeVar

from appliance.bus import Bus, topics
from appliance.bus_payloads import LineStatus, PstnEventMessage, SpanStatus
from appliance.store import open_store
from appliance.store.pstn_models import Fxo, PstnCard, PstnSpan
from tests.bus.broker import Broker, eventually
from tests.conftest import free_ports

S = TypeVar("S", LineStatus, SpanStatus)
NUMBER = "+81312345678"
SETTINGS = """
[paths]
state = "{state}"
[bus]
port = {bus}
passwords = "{state}/bus-passwords.json"
[core]
port = {core}
[pstn]
port = {sip}
"""


class Service:
    """``callfloor pstn`` on a machine that has no card at all."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker(folder)
        core, sip = free_ports(2)
        self.settings = folder / "callfloor.toml"
        self.settings.write_text(SETTINGS.format(state=folder, bus=self.broker.port, core=core, sip=sip))
        self.store = open_store(f"sqlite:///{folder / 'callfloor.db'}")
        self.store.migrate()
        with self.store.session() as session:
            session.add(PstnCard(name="card-1", driver="wctdm24xxp", location="pci:0000:03:05.0", country="JP"))
            session.add(PstnCard(name="card-2", driver="wcte43x", location="pci:0000:03:06.0", country="JP"))
            session.add(PstnSpan(name="e1-1", card="card-2", port=1, kind="e1", number=NUMBER))
            session.add_all(Fxo(name=f"fxo-{n}", card="card-1", port=n, enabled=n < 3) for n in (1, 2, 3))
        self.lines: dict[str, LineStatus] = {}
        self.spans: dict[str, SpanStatus] = {}
        self.events: list[PstnEventMessage] = []
        self.panel: Bus = self.broker.bus("panel")
        self.panel.subscribe(topics.EVERY_LINE, LineStatus, lambda topic, status: _keep(self.lines, topic, status))
        self.panel.subscribe(topics.EVERY_SPAN, SpanStatus, lambda topic, status: _keep(self.spans, topic, status))
        self.panel.subscribe(topics.PSTN_EVENTS, PstnEventMessage, self._heard)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(str(folder / "notify"))
        self.notified.settimeout(20)
        self._log = folder / "pstn.log"
        self._environment = os.environ | {"NOTIFY_SOCKET": str(folder / "notify")}
        self.process: subprocess.Popen[bytes] | None = None

    def _heard(self, _topic: str, event: PstnEventMessage | None) -> None:
        if event is not None:
            self.events.append(event)

    def start(self) -> None:
        """Start it and wait until it says READY=1."""
        command = [sys.executable, "-m", "appliance.cli", "--settings", str(self.settings), "pstn"]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, env=self._environment)
        self.wait_notified("READY=1")

    def wait_notified(self, word: str) -> None:
        try:
            while word not in self.notified.recv(4096).decode():
                pass
        except TimeoutError:
            raise AssertionError(f"no {word}: {self._log.read_text()}") from None

    def wait_state(self, line: str, state: str) -> LineStatus:
        assert eventually(lambda: line in self.lines and self.lines[line].state == state), self.lines
        return self.lines[line]

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.process = None
        return status

    def close(self) -> None:
        if self.process is not None:
            self.end(signal.SIGKILL)
        self.notified.close()
        self.store.close()
        self.broker.close()


def _keep(kept: dict[str, S], topic: str, status: S | None) -> None:
    name = topic.rpartition("/")[2]
    if status is None:
        kept.pop(name, None)
    else:
        kept[name] = status
