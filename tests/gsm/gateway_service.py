"""The gateway as a process of its own, between a simulated bank, a broker and the core's stand-in."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from appliance.bus import Bus, topics
from appliance.bus_payloads import LineStatus
from appliance.store import models, open_store
from gateways.gsm.simulator import Bank
from tests.bus.broker import Broker
from tests.conftest import free_ports
from tests.gsm.conftest import CoreStandIn, rtp_ports, until

CALLER = "+819012345678"
LINE = "+818000000001"
SETTINGS = """
[paths]
state = "{state}"
[bus]
port = {bus}
passwords = "{passwords}"
[core]
port = {core}
[gsm]
port = {sip}
rtp_first = {rtp}
rtp_last = {rtp_last}
[pstn]
rtp_first = 20000
rtp_last = 24999
"""


class Service:
    """``callfloor gsm`` with a bank of two lines, a broker and the core's stand-in."""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker(folder)
        self.bank = Bank(folder / "bank", lines=2)
        self.bank.start()
        core, rtp, self.sip = free_ports(3)
        rtp_first, rtp_last = rtp_ports()
        self.core = CoreStandIn(core, rtp)
        self.settings = folder / "callfloor.toml"
        self.settings.write_text(
            SETTINGS.format(
                state=folder, bus=self.broker.port, passwords=folder / "bus-passwords.json",
                core=core, sip=self.sip, rtp=rtp_first, rtp_last=rtp_last,
            )
        )  # fmt: skip
        self._store(folder)
        self.lines: dict[str, LineStatus] = {}
        self.panel: Bus = self.broker.bus("panel")
        self.panel.subscribe(topics.EVERY_LINE, LineStatus, self._heard)
        self.process: subprocess.Popen[bytes] | None = None

    def _store(self, folder: Path) -> None:
        store = open_store(f"sqlite:///{folder / 'callfloor.db'}")
        store.migrate()
        with store.session() as session:
            for name in ("gsm-1", "gsm-2", "gsm-3"):
                at, pcm = folder / "bank" / f"{name}-at", folder / "bank" / f"{name}-pcm"
                number = f"+81800000000{name[-1]}"
                enabled = name != "gsm-3"
                session.add(
                    models.Line(
                        name=name, gateway="gsm", number=number, family="quectel",
                        at_port=str(at), pcm_port=str(pcm), enabled=enabled,
                    )
                )  # fmt: skip
        store.close()

    def _heard(self, topic: str, status: LineStatus | None) -> None:
        name = topic.rpartition("/")[2]
        if status is None:
            self.lines.pop(name, None)
        else:
            self.lines[name] = status

    def start(self) -> None:
        command = [sys.executable, "-m", "appliance.cli", "--settings", str(self.settings), "gsm"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def wait_state(self, line: str, state: str, timeout: float = 15.0) -> LineStatus:
        assert until(lambda: line in self.lines and self.lines[line].state == state, timeout), self.lines
        return self.lines[line]

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        status = self.process.wait(15)
        self.process = None
        return status

    def close(self) -> None:
        if self.process is not None:
            self.end(signal.SIGKILL)
        self.broker.close()
        self.core.close()
        self.bank.stop()
