"""The counters say the same as a sum over all calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.talk_windows import Window, parse_windows
from gateways.gsm.policy.periods import month_of
from gateways.gsm.policy.usage import KEPT, Tally, Usage

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Tokyo", "Europe/Berlin", "Asia/Kolkata", "America/Santiago")]
)
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
GAPS = st.lists(
    st.tuples(st.integers(1, 60 * 30), st.integers(0, 400), st.booleans(), st.integers(0, 3)), min_size=1, max_size=60
)
WINDOWS = parse_windows("08:00-12:00,100|22:00-06:00,50|12:00-20:00,200")


class Naive:
    """All calls and messages, counted anew for each question."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.calls: list[tuple[datetime, datetime | None, int]] = []
        self.sms: list[tuple[datetime, int]] = []

    def clock(self, at: datetime) -> tuple[datetime, str]:
        """The hour on the clock and its offset, which tells apart the hours that come twice."""
        local = at.astimezone(self.zone)
        return local.replace(minute=0, second=0, microsecond=0, tzinfo=None), f"{local:%z}"

    def seconds(self, since_day: datetime) -> int:
        first = since_day.date()
        return sum(s for _, a, s in self.calls if a is not None and a.astimezone(self.zone).date() >= first)

    def window(self, now: datetime) -> tuple[Window, int] | None:
        for window in WINDOWS:
            begun = window.begun_on(now.astimezone(self.zone))
            if begun is not None:
                first = next(w for w in WINDOWS if w.begun_on(now.astimezone(self.zone)) is not None)
                same = [
                    s
                    for _, a, s in self.calls
                    if a is not None
                    and window.begun_on(a.astimezone(self.zone)) == begun
                    and all(w.begun_on(a.astimezone(self.zone)) is None for w in WINDOWS[: WINDOWS.index(window)])
                ]
                return first, sum(same)
        return None


@settings(max_examples=150, deadline=None)
@given(STARTS, ZONES, GAPS, st.integers(1, 31), st.integers(0, 3000), st.booleans())
def test_counters_equal_a_naive_sum(
    start: datetime, zone: ZoneInfo, gaps: list[tuple[int, int, bool, int]], reset_day: int, rest: int, late: bool
) -> None:
    use, naive, now = Usage(zone), Naive(zone), start
    if not late:
        use.set_windows(WINDOWS)
    for minutes, seconds, answers, parts in gaps:
        now += timedelta(minutes=minutes)
        use.call_began(now)
        answered = now + timedelta(seconds=7) if answers else None
        use.call_ended(answered, now + timedelta(seconds=7 + seconds), seconds)
        naive.calls.append((now, answered, seconds))
        if parts:
            use.sms_sent(now, parts)
            naive.sms.append((now, parts))
    if late:
        use.set_windows(WINDOWS)  # the policy was changed just now: what was used before counts all the same
    now += timedelta(seconds=30, minutes=rest)
    local = now.astimezone(zone)
    assert use.total_seconds == sum(s for _, a, s in naive.calls if a is not None)
    assert use.day_seconds(now) == naive.seconds(local)
    first = month_of(local.date(), reset_day)
    assert use.month_seconds(now, reset_day) == naive.seconds(datetime(first.year, first.month, first.day, tzinfo=zone))
    assert use.hour_calls(now) == sum(naive.clock(b) == naive.clock(now) for b, _, _ in naive.calls)
    assert use.day_calls(now) == sum(b.astimezone(zone).date() == local.date() for b, _, _ in naive.calls)
    assert use.hour_sms(now) == sum(p for at, p in naive.sms if naive.clock(at) == naive.clock(now))
    assert use.day_sms(now) == sum(p for at, p in naive.sms if at.astimezone(zone).date() == local.date())
    found = use.window(now)
    assert (None if found is None else (found[0], found[2])) == naive.window(now)


def test_a_clock_that_was_wrong_for_a_while_loses_nothing() -> None:
    use, now = Usage(ZoneInfo("Asia/Tokyo")), datetime(2026, 3, 10, tzinfo=UTC)
    use.call_ended(now, now, 100)
    wrong = now + timedelta(days=30000)
    use.call_ended(wrong, wrong, 7)
    use.call_ended(now, now, 11)
    assert (use.day_seconds(now), use.total_seconds) == (111, 118)


def test_a_tally_stays_small() -> None:
    tally: Tally[int] = Tally()
    for period in range(1000):
        tally.add(period, period)
    assert len(tally.items()) == KEPT
    assert (tally.get(999), tally.get(0)) == (999, 0)
