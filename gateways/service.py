"""What the services of all gateways share: the SIP agent, the trunk, the bus, and in which order they start and end.

Events travel hardware → trunk → bus; commands the other way. Threads: the gateway's hardware loops, the SIP thread (all
pjsua2 objects), the bus, and the main thread, which only waits.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from systemd import daemon

from appliance.bus import Bus, topics
from appliance.bus_payloads import LineStatus
from appliance.priority import call_path_first, stay_in_memory
from appliance.settings import Settings
from appliance.settings_sections import GatewaySettings
from appliance.store import Store, open_store
from gateways.line import Line, LineEvent
from gateways.linetests import LineTests
from gateways.loop import HardwareLoop
from gateways.sip import Law, SipAgent, SipSettings
from gateways.status import Statuses
from gateways.trunk import Trunk

log = logging.getLogger(__name__)
HANG_UP_WITHIN = 8.0
"""Seconds that a stop waits for the lines to hang up."""


class Bank(Protocol):
    """A gateway's lines. ``start`` comes before the loops run, ``stop`` after they have ended."""

    @property
    def lines(self) -> Mapping[str, Line]: ...
    @property
    def idle(self) -> bool:
        """True when nothing is left on any line that must be seen to its end."""

    def start(self) -> None: ...
    def wind_down(self) -> None:
        """Hang up, and begin nothing more; any thread."""

    def close_all(self, reason: str) -> None:
        """Let go of the hardware; any thread, before the loops are told to end."""

    def stop(self) -> None: ...


class GatewayService:
    """A gateway that runs. Its own ``__init__`` makes the bank, whose events go to ``_heard``, then ``_take_lines``."""

    def __init__(
        self,
        name: Literal["gsm", "pstn"],
        settings: Settings,
        store: Store,
        loops: Mapping[str, HardwareLoop],
        law: Law = "alaw",
    ) -> None:
        """``loops``: each runs in a thread of that name. ``store`` is closed with the service. ``law``: the lines'."""
        own: GatewaySettings = settings.gsm if name == "gsm" else settings.pstn
        core = settings.core
        self.name = name
        self._settings, self._store = settings, store
        self._loops = loops
        self._threads = [threading.Thread(target=loop.run, name=thread) for thread, loop in loops.items()]
        self._bus = Bus(settings.bus.host, settings.bus.port, name, settings.bus_password(name))
        self._agent = SipAgent(
            SipSettings(name, own.host, own.port, own.rtp_first, own.rtp_last, core.host, core.port, law)
        )

    def _take_lines(self, bank: Bank, post: Callable[[str, Callable[[], None]], None]) -> LineTests:
        """Join the bank's lines to trunk and bus; ``post`` has something done by the loop that drives a line."""
        self.lines = bank.lines
        self._all = bank
        self._statuses = Statuses(self.name, bank.lines.values(), self._publish)
        country = self._settings.site.country
        self._trunk = Trunk(self._agent, bank.lines, post, country, self._statuses.on_line_event)
        return LineTests(self._agent, self._trunk, post, bank.lines)

    def start(self) -> None:
        """Begin to serve; RuntimeError when the SIP address cannot be used, StoreError when the store cannot."""
        self._all.start()
        try:
            self._agent.start(self._trunk)
        except RuntimeError:
            self._all.stop()
            raise
        self._bus.subscribe(topics.EVERY_LINE, LineStatus, self._other_line)
        self._bus.start()
        self._statuses.publish_all()
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """False when a thread has died, which only a fault in the program can bring about: start anew."""
        return self._agent.alive and all(thread.is_alive() for thread in self._threads)

    def look_after(self) -> None:
        """What is to be done once a second, in the main thread."""

    def stop(self) -> None:
        """End all calls on both sides, let go of the hardware, write what waits, and say goodbye."""
        self._agent.submit(self._trunk.end_all)
        self._all.wind_down()
        ends = time.monotonic() + HANG_UP_WITHIN
        while time.monotonic() < ends and not self._all.idle:
            time.sleep(0.05)
        self._all.close_all(f"the {self.name.upper()} gateway was stopped: start callfloor-{self.name}")
        for loop in self._loops.values():
            loop.stop()
        for thread in self._threads:
            thread.join()
        self._agent.stop()
        self._all.stop()
        self._bus.stop()
        self._store.close()

    # From the hardware loops

    def _heard(self, event: LineEvent) -> None:
        self._agent.submit(lambda: self._told(event))

    def _told(self, event: LineEvent) -> None:
        # The trunk first: who reads on the bus that a line is idle may call it at once.
        self._trunk.on_line_event(event)
        self._statuses.on_line_event(event)

    # To the bus

    def _publish(self, status: LineStatus) -> None:
        self._bus.publish(topics.line(status.line), status, retain=True)

    def _other_line(self, _topic: str, status: LineStatus | None) -> None:
        # A line that was taken out of the store while we were down still stands on the bus.
        if status is not None and status.gateway == self.name and status.line not in self.lines:
            self._bus.publish(topics.line(status.line), None, retain=True)


def run(settings: Settings, make: Callable[[Store], GatewayService]) -> int:
    """Run a gateway until SIGTERM; return the exit status."""
    call_path_first()
    store = open_store(settings.database_url())
    store.require_current()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    gateway = make(store)
    try:
        gateway.start()
    except RuntimeError as error:
        log.critical("%s", error)
        return 1
    stay_in_memory()
    daemon.notify("READY=1")
    log.info("%d lines in service of the core at %s:%d", len(gateway.lines), settings.core.host, settings.core.port)
    while gateway.alive and not stopping.wait(1.0):
        gateway.look_after()
        daemon.notify("WATCHDOG=1")
    status = 0 if gateway.alive else 1
    daemon.notify("STOPPING=1")
    gateway.stop()
    return status
