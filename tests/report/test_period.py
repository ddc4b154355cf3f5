"""Periods as people write them, in the site's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.report.period import PeriodError, period

NOW = datetime(2026, 8, 3, 16, 30, tzinfo=UTC)  # already 01:30 of the 4th in Tokyo


def utc(first: str | None, last: str | None, timezone: str = "Asia/Tokyo") -> tuple[str, str]:
    during = period(first, last, timezone, NOW)
    return tuple(moment.astimezone(UTC).strftime("%m-%d %H:%M") for moment in (during.start, during.end))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (None, None, ("08-03 15:00", "08-04 15:00")),
        ("2026-08-01", None, ("07-31 15:00", "08-04 15:00")),
        (None, "2026-08-02", ("08-01 15:00", "08-02 15:00")),
        ("2026-08-01", "2026-08-02", ("07-31 15:00", "08-02 15:00")),
        ("2026-08-02", "2026-08-02", ("08-01 15:00", "08-02 15:00")),
        ("2026-08-01T09:00", "2026-08-01T18:00:30", ("08-01 00:00", "08-01 09:00")),
        ("2026-08-01T00:00Z", "2026-08-01T01:00+01:00", None),
        ("2026-08-01 09:00", "2026-08-01T02:00Z", ("08-01 00:00", "08-01 02:00")),
        (None, "2026-08-02T12:00", ("08-01 15:00", "08-02 03:00")),
    ],
)
def test_dates_are_whole_days_and_times_are_the_sites(
    first: str | None, last: str | None, wanted: tuple[str, str] | None
) -> None:
    if wanted is None:
        with pytest.raises(PeriodError, match="ends before it begins"):
            utc(first, last)
    else:
        assert utc(first, last) == wanted


def test_a_day_of_a_clock_change_has_its_own_length() -> None:
    during = period("2026-10-25", "2026-10-25", "Europe/Berlin", NOW)
    assert during.end.astimezone(UTC) - during.start.astimezone(UTC) == timedelta(hours=25)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026", "2026-02-30", "2026-08-01T25:00", "9999-12-31", "08/03/2026", " "]
)
def test_what_is_no_time_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PeriodError, match=r"^--to .*: must be a date such as 2026-08-31 or a time such as .*$"):
        period(None, text, "Asia/Tokyo", NOW)
