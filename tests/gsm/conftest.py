"""The gateway between a simulated bank and a stand-in of the core."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.settings import Settings
from appliance.store import open_store
from gateways.gsm.device import LineSpec
from gateways.gsm.main import Gateway
from gateways.gsm.simulator import Bank
from gateways.line import LineEvent
from tests.conftest import free_ports

Json = dict[str, Any]


def until(holds: Callable[[], bool], timeout: float = 5.0) -> bool:
    """Return True as soon as ``holds`` does, False if it does not in time."""
    ends = time.monotonic() + timeout
    while not holds() and time.monotonic() < ends:
        time.sleep(0.02)
    return holds()


class CoreStandIn:
    """The process of ``core_process``, and what it said."""

    def __init__(self, port: int, rtp: int) -> None:
        self.port = port
        self._rtp = rtp
        self.events: list[Json] = []
        self._told = threading.Condition()
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.gsm.core_process", str(self.port), str(self._rtp)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.wait(lambda event: event["event"] == "ready", 20)
        except AssertionError:
            self.kill()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.startswith("{"):
                continue  # pjlib speaks before its log can be set up
            with self._told:
                self.events.append(json.loads(line))
                self._told.notify_all()

    def do(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def wait(self, matches: Callable[[Json], bool], timeout: float = 5.0, since: int = 0) -> Json:
        """Return the first event from number ``since`` on that matches."""
        ends = time.monotonic() + timeout
        with self._told:
            while True:
                for event in self.events[since:]:
                    if matches(event):
                        return event
                assert self._told.wait(ends - time.monotonic()), f"not among {self.events[since:]}"

    def wait_invite(self, timeout: float = 5.0, since: int = 0) -> Json:
        return self.wait(lambda event: event["event"] == "invite", timeout, since)

    def wait_state(self, state: str, timeout: float = 5.0, since: int = 0) -> Json:
        return self.wait(lambda event: event.get("state") == state, timeout, since)

    def wait_digit(self, digit: str) -> Json:
        return self.wait(lambda event: event.get("digit") == digit)

    def wait_reason(self, timeout: float = 5.0, since: int = 0) -> str:
        return str(self.wait(lambda event: event["event"] == "reason", timeout, since)["reason"])

    def kill(self) -> None:
        """As ``kill -9``."""
        self.process.kill()
        self.process.wait(5)
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def restart(self) -> None:
        self.kill()
        self.events = []
        self._start()

    def close(self) -> None:
        if self.process.poll() is None:
            self.do(op="quit")
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


class Floor:
    """A bank, the gateway in this process, and the core's stand-in."""

    def __init__(self, bank: Bank, gateway: Gateway, core: CoreStandIn, settings: Settings) -> None:
        self.bank, self.gateway, self.core, self.settings = bank, gateway, core, settings
        self.told: list[LineEvent] = []
        self._changed = threading.Condition()
        heard = gateway._statuses.on_line_event

        def hear(event: LineEvent) -> None:
            heard(event)
            with self._changed:
                self.told.append(event)
                self._changed.notify_all()

        gateway._statuses.on_line_event = hear  # type: ignore[method-assign]

    def wait(self, matches: Callable[[LineEvent], bool], timeout: float = 5.0, since: int = 0) -> LineEvent:
        """Return the first line event from number ``since`` on that matches."""
        ends = time.monotonic() + timeout
        with self._changed:
            while True:
                for event in self.told[since:]:
                    if matches(event):
                        return event
                assert self._changed.wait(ends - time.monotonic()), f"not among {self.told[since:]}"

    def wait_state(self, line: str, state: str, timeout: float = 10.0, since: int = 0) -> LineEvent:
        return self.wait(lambda e: e.line == line and getattr(e, "state", None) == state, timeout, since)

    def dial(self, number: str, line: str = "gsm-1") -> None:
        gsm = self.settings.gsm
        self.core.do(op="call", uri=f"sip:{number}@{gsm.host}:{gsm.port}", headers={"X-Callfloor-Line": line})


def rtp_ports() -> tuple[int, int]:
    """First and last of a range for RTP, clear of the ports that the system hands out (32768 and up)."""
    first = random.randrange(26000, 32000, 200)
    return first, first + 199


@pytest.fixture(name="floor")
def floor_fixture(tmp_path: Path) -> Iterator[Floor]:
    """Two lines, idle."""
    sip, core_port, core_rtp, bus = free_ports(4)
    rtp_first, rtp_last = rtp_ports()
    (tmp_path / "passwords.json").write_text('{"gsm": "secret"}')
    settings = Settings.model_validate(
        {
            "paths": {"state": str(tmp_path)},
            "bus": {"port": bus, "passwords": str(tmp_path / "passwords.json")},
            "core": {"port": core_port},
            "gsm": {"port": sip, "rtp_first": rtp_first, "rtp_last": rtp_last},
        }
    )
    bank = Bank(tmp_path / "bank", lines=2)
    core = None
    gateway = None
    bank.start()
    try:
        core = CoreStandIn(core_port, core_rtp)
        specs = [
            LineSpec(name, str(modem.number), "quectel", str(bank.at_path(name)), str(bank.pcm_path(name)))
            for name, modem in bank.modems.items()
        ]
        store = open_store(settings.database_url())
        store.migrate()
        gateway = Gateway(settings, store, specs)
        floor = Floor(bank, gateway, core, settings)
        gateway.start()
        for spec in specs:
            floor.wait_state(spec.name, "idle", 15)
        yield floor
    finally:
        if gateway is not None and gateway.alive:
            gateway.stop()
        if core is not None:
            core.close()
        bank.stop()
