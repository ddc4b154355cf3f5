"""What waits to be sent, and what must be said again after the broker was away. Pure but for a lock; no I/O.

State (retained) is kept as the latest body a topic and is all sent again on each new connection, for a restarted broker
knows nothing. Events are kept in order up to a limit; when it is reached the oldest goes and is counted.
State and events are separate streams: their order against each other is not kept.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


@dataclass(frozen=True)
class Message:
    """One publication. A retained one with an empty body clears the topic (MQTT 5 §3.3.1.3)."""

    topic: str
    body: bytes
    retain: bool = False
    properties: Properties | None = None


def publish_properties(**values: str | bytes | int) -> Properties:
    """Return MQTT 5 properties of a PUBLISH, by their names without blanks (MQTT 5 §3.3.2.3)."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


class Outbox:
    """Thread-safe; ``put`` never waits."""

    def __init__(self, limit: int = 1000) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._state: dict[str, bytes] = {}
        self._unsent: dict[str, None] = {}  # topics of _state to send, in order
        self._events: deque[Message] = deque()
        self._in_flight: dict[int, Message] = {}
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Events lost because the broker was away for too long."""
        return self._dropped

    @property
    def empty(self) -> bool:
        """True when all was sent and acknowledged."""
        with self._lock:
            return not (self._unsent or self._events or self._in_flight)

    def put(self, message: Message) -> None:
        """Queue a message; a newer state takes the place of an unsent one."""
        with self._lock:
            if message.retain:
                self._state[message.topic] = message.body
                self._unsent[message.topic] = None
            else:
                self._events.append(message)
                self._trim()

    def take(self, window: int) -> Message | None:
        """Return the next message to send, None when there is none or ``window`` are unacknowledged."""
        with self._lock:
            if len(self._in_flight) >= window:
                return None
            if self._unsent:
                topic = next(iter(self._unsent))
                del self._unsent[topic]
                return Message(topic, self._state[topic], retain=True)
            return self._events.popleft() if self._events else None

    def sent(self, mid: int, message: Message) -> None:
        """Note that ``message`` went out under packet id ``mid``."""
        with self._lock:
            self._in_flight[mid] = message

    def acknowledged(self, mid: int) -> Message | None:
        """The broker has dealt with it: return what it was. A topic that was cleared is forgotten."""
        with self._lock:
            message = self._in_flight.pop(mid, None)
            retained = message is not None and message.retain
            if message and retained and message.topic not in self._unsent and self._state.get(message.topic) == b"":
                del self._state[message.topic]
            return message

    def lost(self) -> None:
        """The connection is gone: all state is to be said again, unacknowledged events go to the front."""
        with self._lock:
            again = [m for m in self._in_flight.values() if not m.retain]
            self._in_flight.clear()
            self._events.extendleft(reversed(again))
            self._trim()
            self._unsent = dict.fromkeys(self._state)

    def holds(self, topic: str) -> bool:
        """True when this service has a state of its own for ``topic``."""
        with self._lock:
            return bool(self._state.get(topic))

    def _trim(self) -> None:
        while len(self._events) > self._limit:
            self._events.popleft()
            self._dropped += 1
