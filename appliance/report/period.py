"""The period a report is about: from a moment to before another, as a person writes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class PeriodError(ValueError):
    """A period can't be read: one line with what is allowed."""


@dataclass(frozen=True)
class Period:
    """``start`` <= t < ``end``, timezone-aware, in the site's time zone."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} ({self.start.tzname()})"


def period(first: str | None, last: str | None, timezone: str, now: datetime) -> Period:
    """The period from ``first`` to ``last``: dates (a last date is included whole) or ISO 8601 times.

    Without ``first`` it begins with the day of ``last``, without ``last`` it ends with the day of ``now``; a time
    without an offset is the site's. Raises PeriodError.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    end = _moment("--to", last, zone, whole_day=True) if last else _midnight(today + timedelta(days=1), zone)
    if first:
        start = _moment("--from", first, zone, whole_day=False)
    else:  # the last day before ``end``
        start = _midnight((end - timedelta(microseconds=1)).date(), zone)
    if start.astimezone(UTC) >= end.astimezone(UTC):
        raise PeriodError(f"--from {first or start.date()} --to {last or end.date()}: ends before it begins")
    return Period(start, end)


def _moment(option: str, text: str, zone: ZoneInfo, *, whole_day: bool) -> datetime:
    try:
        if len(text) <= 10:  # a date; datetime.fromisoformat would take it too, as its midnight
            return _midnight(date.fromisoformat(text) + timedelta(days=1 if whole_day else 0), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(zone)
    except (ValueError, OverflowError):
        allowed = "a date such as 2026-08-31 or a time such as 2026-08-31T09:00"
        raise PeriodError(f"{option} {text}: must be {allowed}") from None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
