"""The panel's two watchers: is the bus there, and what does the ledger say now."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from appliance.bus import Bus
from appliance.panel.floor import service
from appliance.panel.live import Live
from appliance.store import Store, StoreError

log = logging.getLogger(__name__)
BUS_EVERY = 0.5  # seconds
LEDGER_EVERY = 15.0  # also without a call's end: the day turns over, lines and agents are added
RETRY_EVERY = 3.0  # while the database is away
AFTER_CALL = (0.3, 2.5)  # seconds after a call's end: its row is written, then its recording's


class Watcher:
    """A thread that calls ``step()`` until stopped; ``step`` returns the seconds until it wants to be called again."""

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._step = step
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Have ``step`` called at once."""
        self._wake.set()

    def stop(self, timeout: float = 1.0) -> None:
        """End the thread; wait at most ``timeout`` seconds for it."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping:
            pause = self._step()
            self._wake.wait(pause)
            self._wake.clear()


def bus_watcher(bus: Bus, live: Live) -> Watcher:
    """Tells ``live`` whether the bus is there."""

    def step() -> float:
        live.bus_is(bus.connected)
        return BUS_EVERY

    return Watcher("panel-bus-watch", step)


class LedgerWatch:
    """Reads the ledger for all pages at once: when a call has ended, and every so often."""

    def __init__(self, store: Store, live: Live, zone: ZoneInfo, country: str) -> None:
        self._store = store
        self._live = live
        self._zone = zone
        self._country = country
        self._due: list[float] = []
        self._away = False
        self._lock = threading.Lock()
        self._watcher = Watcher("panel-ledger-watch", self._step)

    def start(self) -> None:
        """Begin to read."""
        self._watcher.start()

    def stop(self) -> None:
        """End; a query that hangs is left behind."""
        self._watcher.stop()

    def call_ended(self) -> None:
        """Read soon. Never waits; any thread."""
        start = time.monotonic()
        with self._lock:
            pending = [at for at in self._due if at > start]
            self._due = pending if len(pending) >= len(AFTER_CALL) else [start + after for after in AFTER_CALL]
        self._watcher.wake()

    def refresh(self) -> bool:
        """Read the ledger now and tell it; False: the database is away."""
        try:
            with self._store.session() as session:
                ledger = service.ledger(session, datetime.now(UTC), self._zone, self._country)
        except (StoreError, SQLAlchemyError) as error:
            if not self._away:
                log.warning("the ledger can't be read: %s", error)
            self._away = True
            self._live.ledger_is(None)
            return False
        if self._away:
            log.info("the ledger can be read again")
        self._away = False
        self._live.ledger_is(ledger)
        return True

    def _step(self) -> float:
        soonest = self._soonest()
        if soonest is not None and soonest > 0 and not self._away:
            return min(soonest, LEDGER_EVERY)
        with self._lock:
            at = time.monotonic()
            self._due = [due for due in self._due if due > at]
        regular = LEDGER_EVERY if self.refresh() else RETRY_EVERY
        soonest = self._soonest()
        return regular if soonest is None else max(0.0, min(soonest, regular))

    def _soonest(self) -> float | None:
        with self._lock:
            return min(self._due) - time.monotonic() if self._due else None
