"""The GSM gateway's service: wires modems, trunk and bus, and serves until SIGTERM.

Events travel hardware → trunk → bus; commands the other way. Threads: the hardware loop (all modems), the SIP thread
(all pjsua2 objects), the bus, and the main thread, which only waits.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Any

from sqlalchemy import select
from systemd import daemon

from appliance.bus import Bus, CommandRefused, topics
from appliance.bus_payloads import LineStatus
from appliance.priority import call_path_first
from appliance.settings import Settings, SettingsError
from appliance.store import Store, models, open_store
from gateways.gsm.device import LineSpec
from gateways.gsm.loop import HardwareLoop
from gateways.gsm.modem import Modem
from gateways.line import LineEvent
from gateways.sip import SipAgent, SipSettings
from gateways.status import Statuses
from gateways.trunk import Trunk

log = logging.getLogger(__name__)
HANG_UP_WITHIN = 8.0
"""Seconds that a stop waits for the modems to hang up."""


def main(settings: Settings) -> int:
    """Run the gateway; return the exit status."""
    call_path_first()
    specs = _lines(open_store(settings.database_url()))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    gateway = Gateway(settings, specs)
    try:
        gateway.start()
    except RuntimeError as error:
        log.critical("%s", error)
        return 1
    daemon.notify("READY=1")
    log.info("%d lines in service of the core at %s:%d", len(specs), settings.core.host, settings.core.port)
    while gateway.alive and not stopping.wait(1.0):
        daemon.notify("WATCHDOG=1")
    status = 0 if gateway.alive else 1
    daemon.notify("STOPPING=1")
    gateway.stop()
    return status


def _lines(store: Store) -> list[LineSpec]:
    """Return the enabled GSM lines of the store."""
    query = select(models.Line).where(models.Line.gateway == "gsm", models.Line.enabled).order_by(models.Line.name)
    with store.session() as session:
        rows = session.scalars(query).all()
    store.close()
    return [LineSpec(row.name, row.number, row.family, row.at_port, row.pcm_port) for row in rows]


class Gateway:
    """All parts of the running service."""

    def __init__(self, settings: Settings, specs: list[LineSpec]) -> None:
        gsm, core = settings.gsm, settings.core
        self._bus = Bus(settings.bus.host, settings.bus.port, "gsm", settings.bus_password("gsm"))
        self._agent = SipAgent(
            SipSettings("gsm", gsm.host, gsm.port, gsm.rtp_first, gsm.rtp_last, core.host, core.port)
        )
        self._loop = HardwareLoop()
        self._hardware = threading.Thread(target=self._loop.run, name="hardware")
        self._lines: dict[str, Modem] = {}
        for spec in specs:
            try:
                self._lines[spec.name] = Modem(spec, self._loop, self._heard)
            except ValueError as error:
                raise SettingsError(f"store: line {spec.name}: {error}") from None
        self._statuses = Statuses("gsm", self._lines.values(), self._publish)
        self._trunk = Trunk(self._agent, self._lines, self._loop.call, settings.site.country)

    def start(self) -> None:
        """Begin to serve; RuntimeError when the SIP address cannot be used."""
        self._agent.start(self._trunk)
        self._bus.serve("line.reset", self._reset)
        self._bus.subscribe(topics.EVERY_LINE, LineStatus, self._other_line)
        self._bus.start()
        self._statuses.publish_all()
        self._hardware.start()

    @property
    def alive(self) -> bool:
        """False when a thread has died, which only a fault in the program can bring about: start anew."""
        return self._agent.alive and self._hardware.is_alive()

    def stop(self) -> None:
        """End all calls on both sides, let go of the modems and say goodbye."""
        self._agent.submit(self._trunk.end_all)
        self._loop.call(self._hang_up_all)
        ends = time.monotonic() + HANG_UP_WITHIN
        while time.monotonic() < ends and not all(modem.idle for modem in self._lines.values()):
            time.sleep(0.05)
        self._loop.call(self._close_all)
        self._loop.stop()
        self._hardware.join()
        self._agent.stop()
        self._bus.stop()

    def _hang_up_all(self) -> None:
        for modem in self._lines.values():
            modem.hang_up(41)

    def _close_all(self) -> None:
        for modem in self._lines.values():
            modem.close("the GSM gateway was stopped: start callfloor-gsm")

    def _heard(self, event: LineEvent) -> None:
        self._agent.submit(lambda: self._told(event))

    def _told(self, event: LineEvent) -> None:
        # The trunk first: who reads on the bus that a line is idle may call it at once.
        self._trunk.on_line_event(event)
        self._statuses.on_line_event(event)

    def _publish(self, status: LineStatus) -> None:
        self._bus.publish(topics.line(status.line), status, retain=True)

    def _other_line(self, _topic: str, status: LineStatus | None) -> None:
        # A line that was taken out of the store while we were down still stands on the bus.
        if status is not None and status.gateway == "gsm" and status.line not in self._lines:
            self._bus.publish(topics.line(status.line), None, retain=True)

    def _reset(self, arguments: dict[str, Any]) -> dict[str, Any]:
        modem = self._lines.get(str(arguments.get("line")))
        if modem is None:
            raise CommandRefused("unknown-line", f"no such line: {arguments.get('line')!r}; name one of this gateway's")
        self._loop.call(modem.reset)
        return {}
