"""Days, hours, months and windows of the site's clock, where clocks change and months are short."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.talk_windows import Window, parse_windows
from gateways.gsm.policy.periods import hour_of, instant, midnight_after, month_after, month_of

TOKYO, BERLIN, KOLKATA = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
BEIRUT = ZoneInfo("Asia/Beirut")  # its clock goes on at midnight: that day begins at 01:00
ZONES = st.sampled_from([TOKYO, BERLIN, KOLKATA, BEIRUT, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "midnight", "hours"),
    [
        (TOKYO, "2026-03-01 14:59", "2026-03-01 15:00", 24),
        (TOKYO, "2026-03-01 15:00", "2026-03-02 15:00", 24),
        (BERLIN, "2026-03-29 12:00", "2026-03-29 22:00", 23),
        (BERLIN, "2026-10-25 12:00", "2026-10-25 23:00", 25),
        (BEIRUT, "2026-03-28 12:00", "2026-03-28 22:00", 24),
    ],
)
def test_midnight_comes_when_the_clock_shows_it(zone: ZoneInfo, now: str, midnight: str, hours: int) -> None:
    assert midnight_after(utc(now), zone) == utc(midnight)
    day = utc(now).astimezone(zone).date()
    began = instant(day, 0, zone, utc(now) - timedelta(days=2))
    assert utc(midnight) - began == timedelta(hours=hours)


@given(TIMES, ZONES)
def test_midnight_is_the_first_moment_of_the_next_day(now: datetime, zone: ZoneInfo) -> None:
    midnight = midnight_after(now, zone)
    assert now < midnight <= now + timedelta(hours=25)
    today = now.astimezone(zone).date()
    assert midnight.astimezone(zone).date() == today + timedelta(days=1)
    assert (midnight - timedelta(seconds=1)).astimezone(zone).date() == today


@given(TIMES, ZONES)
def test_an_hour_begins_at_the_full_hour_and_has_all_of_its_minutes(now: datetime, zone: ZoneInfo) -> None:
    hour = hour_of(now, zone)
    assert hour <= now < hour + timedelta(hours=1)
    assert (
        hour_of(hour + (now - hour) / 2, zone) == hour or zone.key == "Australia/Lord_Howe"
    )  # goes back by 30 minutes


def test_an_hour_that_comes_twice_is_two_hours() -> None:
    assert hour_of(utc("2026-10-25 00:30"), BERLIN) != hour_of(utc("2026-10-25 01:30"), BERLIN)
    assert hour_of(utc("2026-03-01 00:29"), KOLKATA) == utc("2026-02-28 23:30")


@pytest.mark.parametrize(
    ("day", "reset_day", "first", "following"),
    [
        ("2026-03-01", 1, "2026-03-01", "2026-04-01"),
        ("2026-03-14", 15, "2026-02-15", "2026-03-15"),
        ("2026-03-15", 15, "2026-03-15", "2026-04-15"),
        ("2026-02-27", 31, "2026-01-31", "2026-02-28"),
        ("2026-02-28", 31, "2026-02-28", "2026-03-31"),
        ("2026-03-30", 31, "2026-02-28", "2026-03-31"),
        ("2028-02-28", 30, "2028-01-30", "2028-02-29"),
        ("2028-02-29", 29, "2028-02-29", "2028-03-29"),
        ("2026-04-30", 31, "2026-04-30", "2026-05-31"),
        ("2027-01-01", 31, "2026-12-31", "2027-01-31"),
    ],
)
def test_a_month_begins_on_its_reset_day_or_the_last_it_has(
    day: str, reset_day: int, first: str, following: str
) -> None:
    begun = month_of(date.fromisoformat(day), reset_day)
    assert (begun, month_after(begun, reset_day)) == (date.fromisoformat(first), date.fromisoformat(following))


@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)), st.integers(1, 31))
def test_months_follow_each_other_without_gap(day: date, reset_day: int) -> None:
    first = month_of(day, reset_day)
    following = month_after(first, reset_day)
    assert first <= day < following
    assert month_of(following - timedelta(days=1), reset_day) == first
    assert month_of(following, reset_day) == following
    assert 28 <= (following - first).days <= 31


@pytest.mark.parametrize(
    ("text", "clock", "begun_on", "ends"),
    [
        ("08:00-12:00,5", "08:00", "2026-03-02", "2026-03-02 03:00"),
        ("08:00-12:00,5", "12:00", None, None),
        ("22:00-06:00,5", "23:00", "2026-03-02", "2026-03-02 21:00"),
        ("22:00-06:00,5", "05:59", "2026-03-01", "2026-03-01 21:00"),
        ("22:00-06:00,5", "06:00", None, None),
        ("20:00-24:00,5", "23:59", "2026-03-02", "2026-03-02 15:00"),
        ("20:00-00:00,5", "23:59", "2026-03-02", "2026-03-02 15:00"),
        ("00:00-24:00,5", "00:00", "2026-03-02", "2026-03-02 15:00"),
    ],
)
def test_windows_hold_times_and_end(text: str, clock: str, begun_on: str | None, ends: str | None) -> None:
    (window,) = parse_windows(text)
    local = datetime.fromisoformat(f"2026-03-02 {clock}").replace(tzinfo=TOKYO)
    begun = window.begun_on(local)
    assert begun == (date.fromisoformat(begun_on) if begun_on else None)
    if begun is not None and ends is not None:
        assert instant(window.ends_on(begun), window.end, TOKYO, local) == utc(ends)


def test_windows_are_read_in_order_and_say_their_times() -> None:
    windows = parse_windows("08:00-12:00,100 | 22:00-06:00,0")
    assert windows == (Window(480, 720, 100), Window(1320, 360, 0))
    assert [str(window) for window in windows] == ["08:00-12:00", "22:00-06:00"]


@pytest.mark.parametrize(
    "text", ["", "8:00-12:00,1", "08:00-12:00", "08:00-24:30,1", "08:00-08:00,1", "08:00-09:00,1|"]
)
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must end|is no window"):
        parse_windows(text)
