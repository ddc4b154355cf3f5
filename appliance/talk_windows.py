"""Windows of the day with so many minutes of talk: ``08:00-12:00,100|12:00-20:00,200``, as GoIP gateways write them.

Times are of the site's clock. A window may run over midnight (``22:00-06:00``); 24:00 is the end of the day. Where two
overlap, the first counts; outside all of them there is no limit (DBL GoIP user manual, "Talk Time Limit").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d),(\d{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """``start`` and ``end`` in minutes after midnight, end after start or, over midnight, before it."""

    start: int
    end: int
    minutes: int

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"

    def begun_on(self, local: datetime) -> date | None:
        """Return the day on which the window that holds this local time began; None where it does not hold it."""
        now = local.hour * 60 + local.minute
        if self.start < self.end:
            return local.date() if self.start <= now < self.end else None
        if now >= self.start:
            return local.date()
        return local.date() - timedelta(days=1) if now < self.end else None

    def ends_on(self, begun_on: date) -> date:
        """Return the day of the end of the window that began on this day; its time is ``end``."""
        over_midnight = self.end <= self.start
        return begun_on + timedelta(days=1) if over_midnight else begun_on


def parse_windows(text: str) -> tuple[Window, ...]:
    """Read windows; ValueError says what is wrong."""
    return tuple(_parse(part.strip()) for part in text.split("|"))


def _parse(part: str) -> Window:
    match = _WINDOW.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is no window, such as 08:00-12:00,100")
    hour, minute, to_hour, to_minute, minutes = (int(group) for group in match.groups())
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if end > 1440 or start == end:
        raise ValueError(f"{part!r} must end at another time, 24:00 at the latest")
    return Window(start, end, minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
