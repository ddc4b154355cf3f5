"""What a SIM has been used for: counters that each call and message adds to, in the periods of the site's clock.

A call belongs, whole, to the day, month and window in which it was answered (as carriers bill it), and to the hour and
day in which it began where calls are counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from datetime import date, datetime, timedelta
from typing import Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from appliance.talk_windows import Window
from gateways.gsm.policy.periods import hour_of, month_of

Outcome = Literal["good", "short", "unanswered", "failed", "cancelled"]
K = TypeVar("K", bound=Hashable)
KEPT = 62
"""Periods that a tally keeps: two months of days, so that a clock that was wrong for a while loses nothing."""
RECENT = timedelta(hours=50)
"""How far back a window that has only now been set may have begun: two days, and an hour where clocks change."""


class Tally(Generic[K]):
    """Sums by period; the periods that were first added to are forgotten first."""

    def __init__(self) -> None:
        self._sums: dict[K, int] = {}

    def add(self, period: K, amount: int) -> None:
        """Add to a period."""
        self._sums[period] = self._sums.get(period, 0) + amount
        if len(self._sums) > KEPT:
            del self._sums[next(iter(self._sums))]

    def get(self, period: K) -> int:
        """Return the sum of a period."""
        return self._sums.get(period, 0)

    def items(self) -> list[tuple[K, int]]:
        """Return periods and their sums."""
        return list(self._sums.items())


class Usage:
    """The counters of one SIM, with what stops it for a while; each change and each question takes a bounded time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.enabled = True
        self.lock_reason: str | None = None
        self.locked_until: datetime | None = None
        self.balance: float | None = None
        self.total_seconds = 0
        self.last_end: datetime | None = None
        self.streak: tuple[Outcome, int] = ("good", 0)
        self._windows: tuple[Window, ...] = ()
        self._days: Tally[date] = Tally()
        self._in_window: Tally[tuple[Window, date]] = Tally()
        self._calls_of_day: Tally[date] = Tally()
        self._calls_of_hour: Tally[datetime] = Tally()
        self._sms_of_hour: Tally[datetime] = Tally()
        self._recent: deque[tuple[datetime, int]] = deque()

    def set_windows(self, windows: tuple[Window, ...]) -> None:
        """Count by these windows from now on, and what was used of them already."""
        if windows == self._windows:
            return
        self._windows = windows
        self._in_window = Tally()
        for answered, billed_seconds in self._recent:
            self._add_to_window(answered, billed_seconds)

    def call_began(self, at: datetime) -> None:
        """An outgoing call was tried."""
        self._calls_of_day.add(self._day(at), 1)
        self._calls_of_hour.add(hour_of(at, self.zone), 1)

    def call_ended(self, answered: datetime | None, ended: datetime, billed_seconds: int) -> None:
        """An outgoing call has ended."""
        self.last_end = ended
        if answered is None or not billed_seconds:
            return
        self.total_seconds += billed_seconds
        self._days.add(self._day(answered), billed_seconds)
        self._recent.append((answered, billed_seconds))
        while self._recent[0][0] < answered - RECENT:
            self._recent.popleft()
        self._add_to_window(answered, billed_seconds)

    def sms_sent(self, at: datetime, parts: int) -> tuple[datetime, int]:
        """Count parts that were sent; return when this hour began and how many it has."""
        hour = hour_of(at, self.zone)
        self._sms_of_hour.add(hour, parts)
        return hour, self._sms_of_hour.get(hour)

    def note(self, outcome: Outcome) -> int:
        """Return how many outgoing calls in a row, this one included, ended like this."""
        kind, times = self.streak
        self.streak = (outcome, times + 1 if outcome == kind else 1)
        return self.streak[1]

    def day_seconds(self, now: datetime) -> int:
        """Billed seconds of today."""
        return self._days.get(self._day(now))

    def month_seconds(self, now: datetime, reset_day: int) -> int:
        """Billed seconds of the month of billing."""
        today = self._day(now)
        first = month_of(today, reset_day)
        return sum(self._days.get(first + timedelta(days=n)) for n in range((today - first).days + 1))

    def window(self, now: datetime) -> tuple[Window, date, int] | None:
        """The window that holds ``now``, the day on which it began, and its billed seconds."""
        found = self._window(now)
        return None if found is None else (*found, self._in_window.get(found))

    def hour_calls(self, now: datetime) -> int:
        """Outgoing calls of this hour."""
        return self._calls_of_hour.get(hour_of(now, self.zone))

    def day_calls(self, now: datetime) -> int:
        """Outgoing calls of today."""
        return self._calls_of_day.get(self._day(now))

    def hour_sms(self, now: datetime) -> int:
        """Message parts of this hour."""
        return self._sms_of_hour.get(hour_of(now, self.zone))

    def day_sms(self, now: datetime) -> int:
        """Message parts of today."""
        today = self._day(now)
        return sum(parts for hour, parts in self._sms_of_hour.items() if self._day(hour) == today)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _window(self, at: datetime) -> tuple[Window, date] | None:
        local = at.astimezone(self.zone)
        for window in self._windows:
            if (begun_on := window.begun_on(local)) is not None:
                return window, begun_on
        return None

    def _add_to_window(self, answered: datetime, billed_seconds: int) -> None:
        if (found := self._window(answered)) is not None:
            self._in_window.add(found, billed_seconds)
