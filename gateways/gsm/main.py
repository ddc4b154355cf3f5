"""The GSM gateway's service: wires modems, trunk and bus, and serves until SIGTERM.

Events travel hardware → trunk → bus; commands the other way. Threads: the hardware loop (all modems), the SIP thread
(all pjsua2 objects), the bus, the writers of messages and SIM use, and the main thread, which only waits.
"""

from __future__ import annotations

import logging
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select
from systemd import daemon

from appliance.bus import Bus, topics
from appliance.bus_payloads import GsmEventMessage, LineStatus, SimStatus
from appliance.priority import call_path_first
from appliance.settings import Settings
from appliance.store import Store, models, open_store
from appliance.store.message_models import SimBalance
from gateways.gsm.bank import GsmBank
from gateways.gsm.buscommands import BusCommands
from gateways.gsm.device import LineSpec
from gateways.gsm.messages import Balance, MessageEvent
from gateways.line import LineEvent
from gateways.linetests import LineTests
from gateways.loop import HardwareLoop
from gateways.sip import SipAgent, SipSettings
from gateways.status import Statuses
from gateways.trunk import Trunk

log = logging.getLogger(__name__)
HANG_UP_WITHIN = 8.0
"""Seconds that a stop waits for the modems to hang up, and to answer for the message that they send."""


def main(settings: Settings) -> int:
    """Run the gateway; return the exit status."""
    call_path_first()
    store = open_store(settings.database_url())
    store.require_current()
    specs = _lines(store)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    gateway = Gateway(settings, store, specs)
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
    return [
        LineSpec(row.name, row.number, row.family, row.at_port or "", row.pcm_port, row.pin, row.imei, row.usb_path)
        for row in rows
    ]


class Gateway:
    """All parts of the running service. ``store`` is closed with it."""

    def __init__(self, settings: Settings, store: Store, specs: list[LineSpec]) -> None:
        gsm, core = settings.gsm, settings.core
        self._store = store
        self._bus = Bus(settings.bus.host, settings.bus.port, "gsm", settings.bus_password("gsm"))
        self._agent = SipAgent(
            SipSettings("gsm", gsm.host, gsm.port, gsm.rtp_first, gsm.rtp_last, core.host, core.port)
        )
        self._loop = HardwareLoop()
        self._hardware = threading.Thread(target=self._loop.run, name="hardware")
        self._balances: dict[str, Balance] = {}  # by ICCID
        self._bank = GsmBank(settings, store, specs, self._loop, self._heard, self._message, self._sim_changed)
        guards = self._bank.guards
        self._statuses = Statuses("gsm", guards.values(), self._publish)
        self._trunk = Trunk(self._agent, guards, self._post, settings.site.country, self._statuses.on_line_event)
        tests = LineTests(self._agent, self._trunk, self._post, guards)
        BusCommands(self._bus, self._bank, self._loop, self._statuses, tests, settings.site.country)

    def start(self) -> None:
        """Begin to serve; RuntimeError when the SIP address cannot be used, StoreError when the store cannot."""
        self._bank.start()
        self._balances = self._known_balances()
        try:
            self._agent.start(self._trunk)
        except RuntimeError:
            self._bank.stop()
            raise
        self._bus.subscribe(topics.EVERY_LINE, LineStatus, self._other_line)
        self._bus.start()
        self._statuses.publish_all()
        self._hardware.start()

    @property
    def alive(self) -> bool:
        """False when a thread has died, which only a fault in the program can bring about: start anew."""
        return self._agent.alive and self._hardware.is_alive()

    def stop(self) -> None:
        """End all calls on both sides, let go of the modems, write what waits, and say goodbye."""
        self._agent.submit(self._trunk.end_all)
        self._loop.call(self._bank.wind_down)
        ends = time.monotonic() + HANG_UP_WITHIN
        while time.monotonic() < ends and not self._bank.idle:
            time.sleep(0.05)
        self._loop.call(lambda: self._bank.close_all("the GSM gateway was stopped: start callfloor-gsm"))
        self._loop.stop()
        self._hardware.join()
        self._agent.stop()
        self._bank.stop()
        self._bus.stop()
        self._store.close()

    def _known_balances(self) -> dict[str, Balance]:
        """Return what earlier runs were told."""
        query = select(SimBalance).where(SimBalance.amount.is_not(None), SimBalance.at.is_not(None))
        with self._store.session() as session:
            rows = session.scalars(query).all()
        return {
            row.iccid: Balance(row.line, row.iccid, row.at or row.tried_at, row.amount, row.currency) for row in rows
        }

    def _post(self, _line: str, what: Callable[[], None]) -> None:
        self._loop.call(what)

    # From the hardware loop

    def _heard(self, event: LineEvent) -> None:
        self._agent.submit(lambda: self._told(event))

    def _told(self, event: LineEvent) -> None:
        # The trunk first: who reads on the bus that a line is idle may call it at once.
        self._trunk.on_line_event(event)
        self._statuses.on_line_event(event)

    def _message(self, event: MessageEvent) -> None:
        if isinstance(event, Balance) and event.amount is not None:  # else the last one stays, with its time
            self._balances[event.iccid] = event
            self._sim_changed(event.line)
        self._bus.publish(topics.GSM_EVENTS, _on_the_bus(event))

    def _sim_changed(self, line: str) -> None:
        self._statuses.show_sim(line, self._sim(line))

    def _sim(self, line: str) -> SimStatus | None:
        view = self._bank.policy.view(line, datetime.now(UTC))
        if view is None:
            return None
        balance = self._balances.get(view.iccid)
        return SimStatus(
            iccid=view.iccid,
            carrier=view.carrier,
            label=view.label,
            used_seconds=view.used_seconds,
            blocked=view.blocked,
            blocked_until=view.blocked_until,
            alarm="\n".join(view.alarms) or None,
            balance=f"{balance.amount:g} {balance.currency or ''}".strip() if balance is not None else None,
            balance_at=balance.at if balance is not None else None,
        )

    # To the bus

    def _publish(self, status: LineStatus) -> None:
        self._bus.publish(topics.line(status.line), status, retain=True)

    def _other_line(self, _topic: str, status: LineStatus | None) -> None:
        # A line that was taken out of the store while we were down still stands on the bus.
        if status is not None and status.gateway == "gsm" and status.line not in self._bank.guards:
            self._bus.publish(topics.line(status.line), None, retain=True)


def _on_the_bus(event: MessageEvent) -> GsmEventMessage:
    """``MessageReceived`` is told as ``message-received``, with what it says as plain data."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(event).__name__).lower()
    data = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(event).items()
        if key != "line"
    }
    return GsmEventMessage(line=event.line, at=datetime.now(UTC), kind=kind, data=data)
