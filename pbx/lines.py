"""Which line an outbound call takes: the free one that has rested longest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from appliance.bus_payloads import LineStatus

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class LineBook:
    """The lines' last known state, and which the core itself is using."""

    def __init__(self, last_used: Mapping[str, datetime]) -> None:
        self._last_used = dict(last_used)
        self._status: dict[str, LineStatus] = {}
        self._in_use: set[str] = set()

    def update(self, status: LineStatus) -> None:
        """A gateway has told a line's state."""
        self._status[status.line] = status

    def take(self, lines: Collection[str], tried: Collection[str], at: datetime) -> str | None:
        """Reserve the least recently used free line that is not in ``tried``; None where all are busy."""
        free = [line for line in lines if line not in tried and line not in self._in_use and self._is_idle(line)]
        if not free:
            return None
        line = min(free, key=lambda name: (self._last_used.get(name, _NEVER), name))
        self._in_use.add(line)
        self._last_used[line] = at
        return line

    def give_back(self, line: str) -> None:
        """The call over ``line`` has ended."""
        self._in_use.discard(line)

    def _is_idle(self, line: str) -> bool:
        status = self._status.get(line)
        return status is not None and status.state == "idle"
