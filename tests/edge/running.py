"""The real Kamailio on free ports with the rendered configuration."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from appliance.settings import Settings
from appliance.store import open_store
from appliance.store.models import Extension
from pbx.edge import render
from pbx.edge.render import Limits
from tests.conftest import free_ports
from tests.edge.sip import Endpoint

USERS = {"101": "secret-101", "102": "secret-102", "103": "secret-103"}
HOST = "127.0.0.1"


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until ``condition()`` holds; False when it didn't in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def add_extensions(url: str, users: dict[str, str]) -> None:
    """Put extensions with their HA1 into the store."""
    store = open_store(url)
    with store.session() as session:
        for number, password in users.items():
            ha1 = hashlib.md5(f"{number}:callfloor:{password}".encode()).hexdigest()
            session.add(Extension(number=number, name=f"Phone {number}", realm="callfloor", ha1=ha1))
    store.close()


class Edge:
    """A running edge, its store with three extensions, and endpoints around it."""

    def __init__(self, directory: Path, url: str, limits: Limits | None = None) -> None:
        port, internal, events, core = free_ports(4)
        self.settings = Settings.model_validate(
            {
                "paths": {"state": directory / "state", "run": directory / "run"},
                "database": {"url": url},
                "edge": {"port": port, "internal_port": internal, "events_port": events},
                "core": {"port": core},
            }
        )
        add_extensions(url, USERS)
        self.log = directory / "kamailio.log"
        self.config = render.render(self.settings, directory / "edge", limits)
        self.outside = (HOST, port)
        self.inside = (HOST, internal)
        self.events_port = events
        self._endpoints: list[Endpoint] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        self.core = self.endpoint(port=core, peer=self.inside)

    def start(self) -> None:
        # Our ports are from the range of short-lived connections: another's may hold one for a moment.
        for _ in range(5):
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(render.command(self.settings, self.config), stdout=log, stderr=log)
            if eventually(lambda: not self.runs or self._answers(), 15) and self.runs:
                return
            self.stop()
        raise AssertionError(self.log.read_text())

    def _answers(self) -> bool:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, self.events_port)) != 0:
                return False
        probing = Endpoint(self.outside)
        try:
            probing.send(probing.request("OPTIONS", "sip:callfloor", "probe"))
            return probing.receive(0.3).code == 200
        except TimeoutError:
            return False
        finally:
            probing.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, kill: bool = False) -> None:
        """End Kamailio; ``kill``: with all its children at once, as a power cut would."""
        if self._process is None:
            return
        if kill:
            children = psutil.Process(self.pid).children(recursive=True)
            self._process.kill()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        else:
            self._process.terminate()
        self._process.wait(10)

    def has_written(self, contacts: int) -> bool:
        """Wait until so many contacts are in the file; they get there within a second or two."""

        def count() -> int:
            with contextlib.closing(sqlite3.connect(self.settings.paths.state / "edge-location.db")) as connection:
                return int(connection.execute("SELECT count(*) FROM location").fetchone()[0])

        return eventually(lambda: count() == contacts)

    def endpoint(self, host: str = HOST, port: int = 0, peer: tuple[str, int] | None = None) -> Endpoint:
        """Make a phone (or with ``peer`` something else); it is closed with the edge."""
        made = Endpoint(peer or self.outside, host, port)
        self._endpoints.append(made)
        return made

    def phone(self, user: str, host: str = HOST) -> Endpoint:
        """Make a phone and register it."""
        made = self.endpoint(host)
        assert made.register(user, USERS[user]).code == 200
        return made

    def close(self) -> None:
        for endpoint in self._endpoints:
            endpoint.close()
        self.stop()
