"""The real mosquitto on a free port with the rendered configuration."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from appliance import mosquitto
from appliance.bus import Bus
from tests.conftest import free_port


def eventually(condition: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Wait until ``condition()`` holds; False when it didn't in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Broker:
    """Starts, kills and restarts mosquitto; makes buses with the right accounts."""

    host = "127.0.0.1"

    def __init__(self, directory: Path) -> None:
        self.port = free_port("tcp")
        secrets = directory / "bus-passwords.json"
        self.config = mosquitto.render(self.host, self.port, secrets, directory / "mosquitto")
        self.passwords = mosquitto.ensure_passwords(secrets)
        self._process: subprocess.Popen[bytes] | None = None
        self._buses: list[Bus] = []
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(mosquitto.command(self.config), stderr=subprocess.DEVNULL)
        assert eventually(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)

    def bus(self, service: str, start: bool = True) -> Bus:
        bus = Bus(self.host, self.port, service, self.passwords[service])
        self._buses.append(bus)
        if start:
            bus.start()
        return bus

    def close(self) -> None:
        for bus in self._buses:
            bus.stop()
        self.kill()
