"""The present state of the floor, kept from the bus and told to every open page.

Theory of operation. The bus keeps the newest message of each state topic, so subscribing brings the whole present state
and then its changes. ``Live`` holds it as JSON per kind and key and gives each change to each open stream. A stream
opens with a full snapshot taken under the same lock as changes are sent, so nothing falls between the two.

While the bus or the database is away the last state stays, and ``sources`` says so: a page shows it as old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from appliance.bus_payloads import CallEventMessage, Payload
from appliance.panel.fanout import QUEUE_LENGTH, Client, frame
from appliance.panel.shapes import shape

Kind = Literal["service", "line", "span", "agent", "queue", "call"]
KINDS: tuple[Kind, ...] = ("service", "line", "span", "agent", "queue", "call")


class StreamsFullError(Exception):
    """As many streams are open as the panel may carry; ask again later."""


def _nothing() -> None:
    return


class Live:
    """Safe from any thread. ``limit`` bounds the open streams; ``country`` (ISO 3166-1) is how numbers are written."""

    def __init__(self, country: str, version: str, limit: int, queue_length: int = QUEUE_LENGTH) -> None:
        self._country = country
        self._version = version
        self._limit = limit
        self._queue_length = queue_length
        self._lock = threading.Lock()
        self._number = 0
        self._state: dict[Kind, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self._sources = {"bus": False, "database": False}
        self._ledger: dict[str, Any] | None = None
        self._clients: set[Client] = set()
        self._closed = False
        self.when_call_ends: Callable[[], None] = _nothing

    # What the bus tells.

    def heard(self, kind: Kind, topic: str, payload: Payload | None) -> None:
        """A state topic changed; None: it was cleared."""
        key = topic.rsplit("/", 1)[-1]
        with self._lock:
            if payload is None:
                self._forget(kind, key)
            else:
                value = shape(payload, self._country)
                if self._state[kind].get(key) == value:
                    return
                self._state[kind][key] = value
                self._tell("change", {"kind": kind, "key": key, "value": value})
        if kind == "call" and payload is None:
            self.when_call_ends()

    def heard_event(self, message: CallEventMessage | None) -> None:
        """A step of a call; the end of one changes the ledger's figures."""
        if message is not None and message.kind in ("ended", "interrupted"):
            self.when_call_ends()

    def bus_is(self, present: bool) -> None:
        """The connection to the bus is there or not."""
        with self._lock:
            self._source("bus", present)

    # What the store tells.

    def ledger_is(self, ledger: dict[str, Any] | None) -> None:
        """Today's figures and last calls; None: the store can't be read, and the last ones stay on show."""
        with self._lock:
            self._source("database", ledger is not None)
            if ledger is not None and ledger != self._ledger:
                self._ledger = ledger
                self._tell("ledger", ledger)

    # What pages ask.

    def join(self, cut: Callable[[], None] = _nothing) -> Client:
        """Open a stream; its first frame is the snapshot. Raises StreamsFullError. Give it back to :meth:`leave`."""
        with self._lock:
            if self._closed or len(self._clients) >= self._limit:
                raise StreamsFullError
            client = Client(cut, self._queue_length)
            client.put(frame("snapshot", self._snapshot(), self._number))
            self._clients.add(client)
            return client

    def leave(self, client: Client) -> None:
        """The stream has ended."""
        client.close()
        with self._lock:
            self._clients.discard(client)

    def beat(self) -> bytes:
        """The frame that says: the feed is alive, and this is the time."""
        return frame("beat", {"now": now()})

    def snapshot(self) -> dict[str, Any]:
        """All that is known now, as a page gets it when it connects."""
        with self._lock:
            return self._snapshot()

    def sources(self) -> dict[str, bool]:
        """Whether the bus and the database are there."""
        with self._lock:
            return dict(self._sources)

    def streams(self) -> int:
        """How many streams are open."""
        with self._lock:
            return len(self._clients)

    def close(self) -> None:
        """End all streams and open no more: the panel stops. Safe in a signal handler's thread."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        for client in clients:
            client.end()

    def _snapshot(self) -> dict[str, Any]:
        return {
            "now": now(),
            "version": self._version,
            "sources": self._sources,
            "ledger": self._ledger,
            **{kind: self._state[kind] for kind in KINDS},
        }

    def _forget(self, kind: Kind, key: str) -> None:
        if self._state[kind].pop(key, None) is not None:
            self._tell("change", {"kind": kind, "key": key, "value": None})

    def _source(self, name: str, present: bool) -> None:
        if self._sources[name] != present:
            self._sources[name] = present
            self._tell("sources", self._sources)

    def _tell(self, event: str, data: Any) -> None:
        self._number += 1
        message = frame(event, data, self._number)
        for client in self._clients:
            if not client.dropped and not client.put(message):
                client.drop()


def now() -> str:
    """The time, ISO 8601 UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
