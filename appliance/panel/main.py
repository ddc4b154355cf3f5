"""``callfloor panel``: gunicorn with one worker of many threads, each able to carry one open stream.

The worker makes the bus, the watchers and the application after the fork: threads don't survive one.
Measured: 1 × 320 threads with 300 streams answer pages under 3 ms in 38 MiB; hence streams are refused beyond
``THREADS - SPARE_THREADS``, so that pages always find a free thread.
"""

from __future__ import annotations

import errno
import json
import logging
import signal
import threading
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from appliance.bus import Bus
from appliance.panel import create_app
from appliance.panel.live import Live
from appliance.panel.subscriptions import subscribe
from appliance.panel.watch import LedgerWatch, Watcher, bus_watcher
from appliance.settings import Settings
from appliance.store import Store, open_store

log = logging.getLogger(__name__)
THREADS = 320
SPARE_THREADS = 16
GRACE_SECONDS = 2  # a stopping panel's answers that are under way; streams end at once
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@dataclass(frozen=True)
class Parts:
    """All that runs in the worker."""

    app: Flask
    bus: Bus
    live: Live
    store: Store
    bus_watch: Watcher
    ledger_watch: LedgerWatch

    def start(self) -> None:
        """Hear the bus and read the ledger from now on."""
        subscribe(self.bus, self.live)
        self.bus.start()
        self.bus_watch.start()
        self.ledger_watch.start()

    def stop(self) -> None:
        """End the streams, then the threads, and say goodbye on the bus."""
        self.live.close()
        self.bus_watch.stop()
        self.ledger_watch.stop()
        self.bus.stop()
        self.store.close()


def build(settings: Settings) -> Parts:
    """Make the parts and tie them together; starts nothing."""
    site = settings.site
    bus = Bus(settings.bus.host, settings.bus.port, "panel", password(settings.bus.passwords))
    live = Live(site.country, version("callfloor"), limit=THREADS - SPARE_THREADS)
    store = open_store(settings.database_url())
    ledger_watch = LedgerWatch(store, live, ZoneInfo(site.timezone), site.country)
    live.when_call_ends = ledger_watch.call_ended
    app = create_app(settings, store, live)
    return Parts(app, bus, live, store, bus_watcher(bus, live), ledger_watch)


def password(file: Path) -> str:
    """The panel's password on the bus; none if the file can't be read: the page then shows that the bus is away."""
    try:
        secret = json.loads(file.read_text(encoding="utf-8"))["panel"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: no password of the panel for the bus: %s", file, error)
        return ""
    return str(secret)


class PanelServer(BaseApplication):
    """gunicorn, set up in code."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parts: Parts | None = None
        super().__init__()

    def load_config(self) -> None:
        """Fixed by the product; only the address is a setting."""
        panel = self._settings.panel
        host = f"[{panel.host}]" if ":" in panel.host else panel.host
        options: dict[str, Any] = {
            "bind": f"{host}:{panel.port}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "worker_connections": THREADS * 2,
            "keepalive": 2,
            "graceful_timeout": GRACE_SECONDS,
            "proc_name": "callfloor-panel",
            "logconfig_dict": LOGGING,
            "forwarded_allow_ips": "",
            "post_worker_init": self._started,
            "worker_exit": self._ended,
        }
        for name, value in options.items():
            self.cfg.set(name, value)
        if "control_socket_disable" in self.cfg.settings:  # gunicorn >= 25.1: a socket in $HOME nobody asked for
            self.cfg.set("control_socket_disable", True)

    def load(self) -> Any:  # a Flask; gunicorn's and Flask's words for WSGI differ
        """Called in the worker."""
        self._parts = build(self._settings)
        self._parts.start()
        return self._parts.app

    def _started(self, worker: ThreadWorker) -> None:
        """Have SIGTERM end the streams too: gunicorn would wait for them."""

        def end(number: int, stack: FrameType | None) -> None:
            if self._parts is not None:  # not here: the interrupted code may hold the lock
                threading.Thread(target=self._parts.live.close, daemon=True).start()
            worker.handle_exit(number, stack)

        signal.signal(signal.SIGTERM, end)

    def _ended(self, _server: Any, _worker: ThreadWorker) -> None:
        if self._parts is not None:
            self._parts.stop()


class _VanishedPages(logging.Filter):
    """gunicorn logs a page whose machine vanished (ETIMEDOUT) as an error with its traceback; it is everyday."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not (isinstance(error, OSError) and error.errno == errno.ETIMEDOUT)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": LOG_FORMAT}},
    "filters": {"vanished": {"()": _VanishedPages}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["vanished"]}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
    },
}


def main(settings: Settings) -> int:
    """Serve the panel until SIGTERM. Returns the exit status. The bus and the database may be away."""
    try:
        PanelServer(settings).run()
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 1
    return 0
