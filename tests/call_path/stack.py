"""The whole appliance in a throw-away folder: real services, simulated modems, phones; started, hurt and ended at will.

with Stack(folder) as stack:
    phone = stack.agent_phone("101", "2001")        # registered and logged in
    caller = stack.bank.subscriber("+819012345678")
    call = caller.dial(stack.number("gsm-1"))
    ...
    rows = stack.ledger()
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from appliance import mosquitto
from appliance.bus_payloads import ServiceStatus
from appliance.priority import starting_call_path
from appliance.settings import Settings, load
from appliance.store import Store, open_store
from gateways.gsm.simulator import Bank, SubscriberCall
from image import prompts
from pbx.edge import render as edge
from tests.call_path import site as site_files
from tests.call_path.process import Program, wait_until
from tests.call_path.site import LineWiring, Ports, Site
from tests.call_path.watch import Watch
from tests.fakes.phone import Phone

COMMAND = Path(sys.executable).with_name("callfloor")
OURS = ("pbx", "gsm", "pstn", "panel")  # services that say on the bus when they are ready
ALL = ("bus", "edge", *OURS)
ORDER = tuple(name for name in ALL if name != "pstn")  # the PSTN gateway wants DAHDI: tests/vm/guest
READY_SECONDS = 30.0
COMMAND_SECONDS = 60.0


def prompt_cache() -> Path:
    """Where prompts are kept between runs: they are the same for every site."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "callfloor" / "prompts"


class Stack:
    """All services of one site under ``folder``. ``services`` may leave some out (``panel`` for speed).

    ``database_url``: a database elsewhere, "" for SQLite in the folder.
    """

    def __init__(
        self,
        folder: Path,
        site: Site | None = None,
        services: tuple[str, ...] = ORDER,
        on_step: Callable[[str], None] = lambda _: None,
        database_url: str = "",
    ) -> None:
        self.folder = folder
        self._database_url = database_url
        self.site = site or Site()
        self.services = services
        self._on_step = on_step
        self.ports: Ports = site_files.free_ports()
        self.phones: list[Phone] = []
        self.dialled: list[SubscriberCall] = []  # calls that tests.call_path.calls has made, for tidying up
        self.programs: dict[str, Program] = {}
        self._watch: Watch | None = None
        self._store: Store | None = None
        self._bank: Bank | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)

    def start(self) -> Self:
        """Start everything and wait until every line is idle. Raises TimeoutError with the ends of the logs."""
        made = prompts.generate(prompt_cache())
        self._on_step(f"prompts {'made: ' + ' '.join(made) if made else 'up to date'}")
        self.settings_file = self.folder / "callfloor.toml"
        text = site_files.settings_toml(self.folder, prompt_cache(), self.ports, self._database_url)
        self.settings_file.write_text(text)
        self.settings: Settings = load(self.settings_file)
        self.settings.paths.state.mkdir(parents=True, exist_ok=True)
        self.settings.paths.run.mkdir(parents=True, exist_ok=True)
        if "gsm" in self.services:
            self._bank = Bank(self.folder / "modems", lines=self.site.lines, families=self.site.families)
            with starting_call_path():  # modems are hardware: a busy machine does not make them late
                self._bank.start()
        try:
            self._fill_store()
            self._start_programs()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything, newest first; leaves files but no process, thread or port."""
        for phone in self.phones:
            phone.stop()
        self.phones.clear()
        for name in reversed(ALL):
            if name == "bus" and self._watch is not None:  # before the broker: else it would try to come back
                self._watch.stop()
                self._watch = None
            if name in self.programs:
                self.programs[name].stop()
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._bank is not None:
            self._bank.stop()
            self._bank = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self.stop()

    @property
    def watch(self) -> Watch:
        """What the bus shows. Only while started, as ``store`` and ``bank``."""
        assert self._watch is not None
        return self._watch

    @property
    def store(self) -> Store:
        """The site's store."""
        assert self._store is not None
        return self._store

    @property
    def bank(self) -> Bank:
        """The simulated modems and the network behind them. Only with the service ``gsm``."""
        assert self._bank is not None
        return self._bank

    def number(self, line: str) -> str:
        """The number of a line's SIM."""
        return self.bank.modem(line).number

    @property
    def lines(self) -> list[str]:
        """Names of the GSM lines."""
        return list(self._bank.modems) if self._bank is not None else []

    # --- services ---------------------------------------------------------------------------------------------------

    def kill(self, service: str) -> None:
        """SIGKILL to a service and all its children."""
        self.programs[service].kill()

    def restart(self, service: str) -> None:
        """Start a killed or running service again and wait until it works."""
        self.programs[service].stop()
        self.programs[service].start()
        self._wait_ready(service)

    def callfloor(self, *arguments: str) -> str:
        """Run the ``callfloor`` command with the site's settings and return what it prints. Raises on failure."""
        command = [str(COMMAND), "--settings", str(self.settings_file), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"callfloor {' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    # --- phones -----------------------------------------------------------------------------------------------------

    def phone(self, extension: str, **options: Any) -> Phone:
        """Start a phone at an extension and wait until it is registered. ``options``: see Phone."""
        password = options.pop("password", self.site.passwords.get(extension, ""))
        edge_address = (self.settings.edge.host, self.settings.edge.port)
        phone = Phone(self.folder / f"phone-{extension}", extension, password, edge_address, **options).start()
        self.phones.append(phone)
        phone.wait("registered", 10)
        return phone

    def agent_phone(self, extension: str, agent: str, **options: Any) -> Phone:
        """Start a phone and log an agent in there by feature code."""
        phone = self.phone(extension, **options)
        phone.feature(f"{self.settings.features.login}{agent}")
        self.watch.wait_state("agent", agent, "available")
        return phone

    def put_away(self, phone: Phone) -> None:
        """End one phone."""
        phone.stop()
        self.phones.remove(phone)

    # --- ledger -----------------------------------------------------------------------------------------------------

    def ledger(self) -> list[dict[str, Any]]:
        """All calls of the ledger as ``callfloor report calls --json`` tells them."""
        rows: list[dict[str, Any]] = json.loads(self.callfloor("report", "calls", "--from", "2000-01-01", "--json"))
        return rows

    def wait_events_of(self, call: str, kind: str, timeout: float = 10.0) -> None:
        """Wait until the bus told of an event of a call."""
        self.watch.wait_event(kind, timeout, call=call)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _fill_store(self) -> None:
        wiring = [
            LineWiring(name, modem.number, self.bank.at_path(name), self.bank.pcm_path(name), modem.family)
            for name, modem in (self._bank.modems.items() if self._bank is not None else ())
        ]
        description = self.folder / "site.toml"
        description.write_text(site_files.site_toml(self.site, wiring))
        self.callfloor("store", "migrate")
        self.callfloor("store", "apply", str(description))
        self._on_step("settings, store, site")
        self._store = open_store(self.settings.database_url())

    def _start_programs(self) -> None:
        bus = self.settings.bus
        config = mosquitto.render(bus.host, bus.port, bus.passwords, self.folder / "mosquitto")
        passwords = mosquitto.ensure_passwords(bus.passwords)
        self._program("bus", mosquitto.command(config))
        self._program("edge", edge.command(self.settings, edge.render(self.settings, self.folder / "kamailio")))
        for name in OURS:
            self._program(name, [str(COMMAND), "--settings", str(self.settings_file), name])
        self._watch = Watch(bus.host, bus.port, passwords["watch"])
        for name in ("bus", "edge"):
            self.programs[name].start()
            self._wait_ready(name)
            self._on_step(f"{name} is up")
        self.watch.start()
        for name in OURS:
            if name in self.services:
                self.programs[name].start()
        for name in OURS:
            if name in self.services:
                self._wait_ready(name)
                self._on_step(f"{name} is up")

    def _program(self, name: str, command: list[str]) -> None:
        self.programs[name] = Program(name, command, self.folder / "logs" / f"{name}.log", dict(os.environ))

    def _wait_ready(self, service: str) -> None:
        program = self.programs[service]
        deadline = time.monotonic() + READY_SECONDS
        try:
            wait_until(lambda: self._ready(service) or not program.running, READY_SECONDS, f"{service} is ready")
            if not program.running:
                raise TimeoutError(f"{service} ended instead of starting")
            if service == "gsm":
                for line in self.lines:
                    self.watch.wait_state("line", line, "idle", max(1.0, deadline - time.monotonic()))
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{program.last_lines()}") from None

    def _ready(self, service: str) -> bool:
        if service == "bus":
            return _listens(self.settings.bus.host, self.settings.bus.port)
        if service == "edge":
            return _listens(self.settings.edge.host, self.settings.edge.events_port)
        status = self.watch.payload("service", service)
        if not isinstance(status, ServiceStatus) or status.state != "online":
            return False
        try:  # a killed service's last "online" may still stand there; the panel speaks from a worker process
            return os.getpgid(status.pid) == self.programs[service].pid
        except ProcessLookupError:
            return False


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
    return False
