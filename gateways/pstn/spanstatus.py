"""What a span tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

ERRORS_EVERY = 10.0
"""Seconds between two statuses that differ in the count of damaged frames only: a bad line makes thousands."""
SpanState = Literal["up", "down", "alarm", "absent"]


@dataclass(frozen=True, slots=True)
class SpanStatus:
    """``state``: carries calls; layer 2 is down; layer 1 has alarms; its channels cannot be opened. Since ``since``.

    ``alarms`` are DAHDI's words (red, yellow, blue …), ``layer2``: the D channel is established. ``calls`` on its B
    ``channels``. Since the start: ``errors`` damaged frames, ``drops`` losses of layer 2. ``reason`` says why it is not
    up and what to do.
    """

    name: str
    kind: Literal["e1", "t1"]
    state: SpanState
    channels: int
    alarms: frozenset[str] = frozenset()
    layer2: bool = False
    calls: int = 0
    errors: int = 0
    drops: int = 0
    reason: str | None = None
    since: datetime = datetime.min


class StatusTeller:
    """Tells a status when it has changed, and keeps since when the state has been what it is."""

    def __init__(self, told: Callable[[SpanStatus], None]) -> None:
        self._told = told
        self._last: SpanStatus | None = None
        self._at = 0.0

    def tell(self, status: SpanStatus, now: float) -> None:
        """``status.since`` is not looked at."""
        last = self._last
        since = datetime.now(UTC) if last is None or last.state != status.state else last.since
        status = replace(status, since=since)
        if last is not None and status == last:
            return
        if last is not None and now < self._at + ERRORS_EVERY and status == replace(last, errors=status.errors):
            return
        self._last, self._at = status, now
        self._told(status)
