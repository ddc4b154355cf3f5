"""What the bus shows of a gateway's lines: ``LineStatus``, retained, on every change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from appliance.bus_payloads import LineStateName, LineStatus, SimStatus
from gateways.line import (
    Answered,
    AnswerHeard,
    Confidence,
    Line,
    LineEvent,
    LineIdentity,
    LineInfo,
    LineRecovery,
    LineStateChanged,
)

_TALKING = {"active"}


@dataclass(slots=True)
class _Shown:
    number: str | None
    since: datetime
    state: LineStateName = "absent"
    reason: str | None = None
    caller: str | None = None
    answer: Confidence | None = None
    operator: str | None = None
    signal_dbm: int | None = None
    imei: str | None = None
    imsi: str | None = None
    model: str | None = None
    sim: SimStatus | None = None
    recoveries: int = 0
    recovery: str | None = None

    def take(self, event: LineEvent) -> bool:
        """Note an event; False when it says nothing that is shown."""
        match event:
            case LineStateChanged():
                if event.state != self.state:
                    self.since = datetime.now(UTC)
                self.state, self.reason, self.caller = event.state, event.reason, event.caller
                if event.state not in _TALKING:
                    self.answer = None
            case LineInfo():
                self.operator, self.signal_dbm = event.operator, event.signal_dbm
            case LineIdentity():
                self.imei, self.imsi, self.model = event.imei, event.imsi, event.model
            case LineRecovery():
                self.recoveries, self.recovery = event.count, f"{event.rung}: {event.reason}"
            case Answered():
                self.answer = event.confidence
            case AnswerHeard():
                self.answer = "heard"
            case _:
                return False
        return True


class Statuses:
    """Feed it the line events; ``publish`` gets each new status. Any thread."""

    def __init__(self, gateway: str, lines: Iterable[Line], publish: Callable[[LineStatus], None]) -> None:
        self._gateway = gateway
        self._publish = publish
        self._lock = threading.Lock()
        self._shown = {line.name: _Shown(line.number, datetime.now(UTC)) for line in lines}

    def publish_all(self) -> None:
        """Publish every line as it is now."""
        with self._lock:
            for name in self._shown:
                self._tell(name)

    def all(self) -> list[LineStatus]:
        """Return every line as it is now."""
        with self._lock:
            return [self._status(name) for name in self._shown]

    def on_line_event(self, event: LineEvent) -> None:
        """Take an event; those that change nothing to show are passed over."""
        with self._lock:
            if self._shown[event.line].take(event):
                self._tell(event.line)

    def show_sim(self, line: str, sim: SimStatus | None) -> None:
        """Show what is known of the SIM in a line."""
        with self._lock:
            if self._shown[line].sim != sim:
                self._shown[line].sim = sim
                self._tell(line)

    def _tell(self, name: str) -> None:
        self._publish(self._status(name))

    def _status(self, name: str) -> LineStatus:
        shown = {field.name: getattr(self._shown[name], field.name) for field in fields(_Shown)}
        return LineStatus(line=name, gateway=self._gateway, **shown)
