"""What the bus shows of spans: ``SpanStatus``, retained, on every change; and events when one comes up or goes down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from appliance.bus import Bus, topics
from appliance.bus_payloads import PstnEventMessage, SpanStatus
from gateways.pstn import spanstatus


class SpanBoard:
    """Any thread. ``event`` gets what is to be told at once."""

    def __init__(self, bus: Bus, event: Callable[[PstnEventMessage], None]) -> None:
        self._bus, self._event = bus, event
        self._lock = threading.Lock()
        self._shown: dict[str, SpanStatus] = {}

    def start(self, absent: Iterable[SpanStatus]) -> None:
        """Show the spans that are described and not there; spans of a former life are cleared."""
        self._bus.own(topics.EVERY_SPAN)
        for status in absent:
            self._show(status)

    def told(self, status: spanstatus.SpanStatus) -> None:
        """A span is in another state."""
        self._show(
            SpanStatus(
                span=status.name,
                kind=status.kind,
                state=status.state,
                since=status.since,
                alarms=sorted(status.alarms),
                layer2=status.layer2,
                channels=status.channels,
                calls=status.calls,
                errors=status.errors,
                drops=status.drops,
                reason=status.reason,
            )
        )

    def all(self) -> list[SpanStatus]:
        """Return every span as it is now."""
        with self._lock:
            return list(self._shown.values())

    def _show(self, status: SpanStatus) -> None:
        with self._lock:
            before = self._shown.get(status.span)
            self._shown[status.span] = status
            self._bus.publish(topics.span(status.span), status, retain=True)
        if before is None or (before.state, before.alarms) != (status.state, status.alarms):
            self._event(_change(status))


def _change(status: SpanStatus) -> PstnEventMessage:
    data = {"alarms": status.alarms, "reason": status.reason}
    return PstnEventMessage(at=datetime.now(UTC), kind=f"span-{status.state}", span=status.span, data=data)
