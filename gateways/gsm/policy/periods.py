"""Days, hours and months of the site's clock, as UTC times. Days have 23 to 25 hours where clocks are changed."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_OF_DAY = 1440


def instant(day: date, minute: int, zone: ZoneInfo, after: datetime) -> datetime:
    """Return when the clock shows ``minute`` (0 to 1440) of ``day``.

    A time that the clock shows twice (autumn) is the one that comes after ``after``; one that it skips (spring) is as
    much after the skip as it would be after its begin.
    """
    if minute == MINUTES_OF_DAY:
        day, minute = day + timedelta(days=1), 0
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    first = local.astimezone(UTC)
    return first if first > after else local.replace(fold=1).astimezone(UTC)


def midnight_after(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the next day begins."""
    return instant(now.astimezone(zone).date(), MINUTES_OF_DAY, zone, now)


def hour_of(now: datetime, zone: ZoneInfo) -> datetime:
    """Return when the hour of the clock began: at full hours of the site's time, whose offset may have minutes."""
    local = now.astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now.astimezone(UTC) - past


def month_of(day: date, reset_day: int) -> date:
    """Return the first day of the month of billing that holds ``day``.

    It begins on ``reset_day`` (1 to 31), or on the last day of a calendar month that has no such day.
    """
    this = _reset(day.year, day.month, reset_day)
    if day >= this:
        return this
    before = day.replace(day=1) - timedelta(days=1)
    return _reset(before.year, before.month, reset_day)


def month_after(first: date, reset_day: int) -> date:
    """Return the first day of the month of billing that follows the one beginning on ``first``."""
    following = first.replace(day=28) + timedelta(days=4)
    return _reset(following.year, following.month, reset_day)


def _reset(year: int, month: int, reset_day: int) -> date:
    return date(year, month, min(reset_day, monthrange(year, month)[1]))
