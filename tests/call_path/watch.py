"""What the bus shows, remembered: states of services, lines, spans, agents, queues and calls, and every call event."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from appliance.bus import Bus, topics
from appliance.bus_payloads import (
    AgentStatus,
    CallEventMessage,
    CallStatus,
    LineStatus,
    Payload,
    QueueStatus,
    ServiceStatus,
    SpanStatus,
)

STATES: tuple[tuple[str, type[Payload]], ...] = (
    (topics.EVERY_SERVICE, ServiceStatus),
    (topics.EVERY_LINE, LineStatus),
    (topics.EVERY_SPAN, SpanStatus),
    (topics.EVERY_AGENT, AgentStatus),
    (topics.EVERY_QUEUE, QueueStatus),
    (topics.EVERY_CALL, CallStatus),
)


@dataclass(frozen=True)
class Happened:
    """A call event with the CLOCK_MONOTONIC time at which the bus told of it."""

    at_ns: int
    event: CallEventMessage


class Watch:
    """A reader of the bus under the account ``watch``. Waits raise TimeoutError that says what was seen instead."""

    def __init__(self, host: str, port: int, password: str) -> None:
        self._bus = Bus(host, port, "watch", password)
        self._news = threading.Condition()
        self._states: dict[str, Payload] = {}
        self._events: list[Happened] = []
        self.on_event: Callable[[Happened], None] = lambda _: None
        for pattern, model in STATES:
            self._bus.subscribe(pattern, model, self._state_heard)
        self._bus.subscribe(topics.CALL_EVENTS, CallEventMessage, self._event_heard)

    def start(self) -> None:
        """Connect; what is retained comes at once."""
        self._bus.start()

    def stop(self) -> None:
        """Disconnect."""
        self._bus.stop()

    @property
    def events(self) -> list[Happened]:
        """All call events so far, oldest first."""
        with self._news:
            return list(self._events)

    def forget(self, call: str) -> None:
        """Drop a call's events: a run of hours would search an ever longer list."""
        with self._news:
            self._events = [one for one in self._events if one.event.call != call]

    def state(self, kind: str, name: str) -> str | None:
        """The state of a ``service``, ``line``, ``agent`` or ``call``; None while unknown or gone."""
        with self._news:
            return getattr(self._states.get(f"{topics.ROOT}/{kind}/{name}"), "state", None)

    def payload(self, kind: str, name: str) -> Payload | None:
        """The whole last payload of a topic."""
        with self._news:
            return self._states.get(f"{topics.ROOT}/{kind}/{name}")

    def calls(self) -> list[str]:
        """Ids of the calls that live now."""
        with self._news:
            return [topic.rpartition("/")[2] for topic in self._states if topic.startswith(f"{topics.ROOT}/call/")]

    def wait_state(self, kind: str, name: str, wanted: str | tuple[str, ...], timeout: float = 10.0) -> None:
        """Wait until a thing is in (one of) these states."""
        states = (wanted,) if isinstance(wanted, str) else wanted
        with self._news:
            topic = f"{topics.ROOT}/{kind}/{name}"
            if not self._news.wait_for(lambda: getattr(self._states.get(topic), "state", None) in states, timeout):
                raise TimeoutError(f"{kind} {name}: not {wanted} in {timeout:g} s but {self._states.get(topic)}")

    def wait_quiet(self, timeout: float = 10.0) -> None:
        """Wait until no call lives."""
        prefix = f"{topics.ROOT}/call/"
        with self._news:
            if not self._news.wait_for(lambda: not any(t.startswith(prefix) for t in self._states), timeout):
                raise TimeoutError(f"calls still live after {timeout:g} s: {self.calls()}")

    def wait_event(
        self, kind: str, timeout: float = 10.0, *, after_ns: int = 0, call: str | None = None, **data: Any
    ) -> Happened:
        """Return the first event of a kind told after ``after_ns`` whose data has these values."""
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for one in self._events:
                    right = one.event.kind == kind and one.at_ns >= after_ns and call in (None, one.event.call)
                    if right and data.items() <= one.event.data.items():
                        return one
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    seen = [(one.event.kind, one.event.data) for one in self._events if one.at_ns >= after_ns]
                    raise TimeoutError(f"no event {kind} {data or ''} in {timeout:g} s; seen: {seen}")

    def _state_heard(self, topic: str, payload: Payload | None) -> None:
        with self._news:
            if payload is None:
                self._states.pop(topic, None)
            else:
                self._states[topic] = payload
            self._news.notify_all()

    def _event_heard(self, _topic: str, payload: CallEventMessage | None) -> None:
        if payload is None:
            return
        happened = Happened(time.monotonic_ns(), payload)
        with self._news:
            self._events.append(happened)
            self._news.notify_all()
        self.on_event(happened)
