"""What the bus shows of a gateway's lines: ``LineStatus``, retained, on every change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from appliance.bus_payloads import LineStateName, LineStatus
from gateways.line import Line, LineEvent, LineInfo, LineStateChanged


@dataclass(slots=True)
class _Shown:
    number: str | None
    since: datetime
    state: LineStateName = "absent"
    reason: str | None = None
    caller: str | None = None
    operator: str | None = None
    signal_dbm: int | None = None


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

    def on_line_event(self, event: LineEvent) -> None:
        """Take an event; those that change nothing to show are passed over."""
        if not isinstance(event, LineStateChanged | LineInfo):
            return
        with self._lock:
            shown = self._shown[event.line]
            if isinstance(event, LineInfo):
                shown.operator, shown.signal_dbm = event.operator, event.signal_dbm
            else:
                if event.state != shown.state:
                    shown.since = datetime.now(UTC)
                shown.state, shown.reason, shown.caller = event.state, event.reason, event.caller
            self._tell(event.line)

    def _tell(self, name: str) -> None:
        shown = self._shown[name]
        self._publish(
            LineStatus(
                line=name,
                gateway=self._gateway,
                state=shown.state,
                since=shown.since,
                number=shown.number,
                operator=shown.operator,
                signal_dbm=shown.signal_dbm,
                caller=shown.caller,
                reason=shown.reason,
            )
        )
