"""Each rule refuses when it should, names itself and says until when; a call may last as long as all limits let it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.policy.limits import Policy, billed, longest_within
from gateways.gsm.policy.rules import HANG_UP_SECONDS, Allowed, allowed, check, check_sms, note_end, outcome_of
from gateways.gsm.policy.usage import Outcome, Usage
from gateways.line import Who

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)  # noon in Tokyo
MINUTE = timedelta(minutes=1)


def used(policy: Policy, *calls: tuple[datetime, int], tried: int = 0) -> Usage:
    use = Usage(TOKYO)
    use.set_windows(policy.windows)
    for answered, seconds in calls:
        use.call_ended(answered, answered + timedelta(seconds=seconds), seconds)
    for _ in range(tried):
        use.call_began(NOW)
    return use


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


HOUR_AGO, YESTERDAY = NOW - timedelta(hours=1), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("policy", "calls", "tried", "rule", "until"),
    [
        (Policy(), [(HOUR_AGO, 9999)], 999, None, None),
        (Policy(day_minutes=10), [(HOUR_AGO, 590)], 0, None, None),
        (Policy(day_minutes=10), [(HOUR_AGO, 600)], 0, "day_minutes", "2026-03-11 00:00"),
        (Policy(day_minutes=10), [(YESTERDAY, 600)], 0, None, None),
        (Policy(month_minutes=10), [(YESTERDAY, 600)], 0, "month_minutes", "2026-04-01 00:00"),
        (Policy(month_minutes=10, month_reset_day=10), [(YESTERDAY, 600)], 0, None, None),
        (Policy(month_minutes=10, month_reset_day=31), [(YESTERDAY, 600)], 0, "month_minutes", "2026-03-31 00:00"),
        (Policy(total_minutes=10), [(NOW - timedelta(days=300), 600)], 0, "total_minutes", None),
        (Policy(window_minutes="08:00-13:00,10"), [(HOUR_AGO, 600)], 0, "window_minutes", "2026-03-10 13:00"),
        (Policy(window_minutes="13:00-14:00,0"), [(HOUR_AGO, 600)], 0, None, None),
        (Policy(window_minutes="08:00-13:00,99|10:00-14:00,0"), [], 0, None, None),
        (Policy(window_minutes="08:00-09:00,99|10:00-14:00,0"), [], 0, "window_minutes", "2026-03-10 14:00"),
        (Policy(calls_per_hour=2), [], 1, None, None),
        (Policy(calls_per_hour=2), [], 2, "calls_per_hour", "2026-03-10 13:00"),
        (Policy(calls_per_day=2), [], 2, "calls_per_day", "2026-03-11 00:00"),
        (Policy(calls_per_hour=2, calls_per_day=2), [], 2, "calls_per_day", "2026-03-11 00:00"),
        (Policy(day_minutes=1, total_minutes=1), [(HOUR_AGO, 600)], 0, "total_minutes", None),
        (Policy(cool_down=90), [(NOW - MINUTE, 1)], 0, "cool_down", "2026-03-10 12:00:31"),
        (Policy(cool_down=59), [(NOW - MINUTE, 1)], 0, None, None),
        (Policy(cool_down=59), [(NOW + 5 * MINUTE, 1)], 0, None, None),
        (Policy(day_minutes=10, billing_unit=60), [(HOUR_AGO, 541)], 0, "day_minutes", "2026-03-11 00:00"),
        (Policy(day_minutes=0), [], 0, "day_minutes", "2026-03-11 00:00"),
    ],
)
def test_a_refusal_names_its_rule_and_until_when(
    policy: Policy, calls: list[tuple[datetime, int]], tried: int, rule: str | None, until: str | None
) -> None:
    refusal = check(policy, used(policy, *calls, tried=tried), NOW)
    assert (None if refusal is None else refusal.rule) == rule
    if refusal is not None:
        assert refusal.until == (None if until is None else tokyo(until))
        assert (until or "raise")[:16].replace("2026-03-10 12:00", "12:00:31") in refusal.text


def test_a_sim_that_is_off_locked_or_poor_is_refused() -> None:
    use = used(Policy())
    use.balance = 99.5
    refusal = check(Policy(min_balance=100), use, NOW)
    assert refusal is not None
    assert (refusal.rule, refusal.until) == ("min_balance", None)
    assert "99.5 is below 100: top the SIM up" in refusal.text
    assert check(Policy(min_balance=99.5), use, NOW) is None
    use.lock_reason, use.locked_until = "failed_stop: 3 calls in a row failed", NOW + MINUTE
    refusal = check(Policy(), use, NOW)
    assert refusal is not None
    assert (refusal.rule, refusal.until) == ("failed_stop", NOW + MINUTE)
    assert refusal.text == "the SIM is locked until 2026-03-10 12:01: 3 calls in a row failed"
    assert check(Policy(), use, NOW + MINUTE) is None
    use.locked_until = None
    refusal = check_sms(Policy(), use, NOW + MINUTE)
    assert refusal is not None
    assert "until somebody unlocks it" in refusal.text
    use.lock_reason, use.enabled = None, False
    refusal = check(Policy(), use, NOW)
    assert refusal is not None
    assert (refusal.rule, refusal.until) == ("enabled", None)


@pytest.mark.parametrize(
    ("policy", "sent", "parts", "rule", "until"),
    [
        (Policy(), 500, 9, None, None),
        (Policy(sms_per_hour=5), 3, 2, None, None),
        (Policy(sms_per_hour=5), 4, 2, "sms_per_hour", "2026-03-10 13:00"),
        (Policy(sms_per_day=5), 4, 2, "sms_per_day", "2026-03-11 00:00"),
        (Policy(sms_per_day=5), 0, 6, "sms_per_day", None),
    ],
)
def test_messages_are_counted_in_parts(
    policy: Policy, sent: int, parts: int, rule: str | None, until: str | None
) -> None:
    use = used(policy)
    for _ in range(sent):
        use.sms_sent(NOW, 1)
    refusal = check_sms(policy, use, NOW, parts)
    assert (None if refusal is None else refusal.rule) == rule
    assert (refusal.until if refusal else None) == (tokyo(until) if until else None)
    assert check(policy, use, NOW) is None


@pytest.mark.parametrize(
    ("unit", "minimum", "costs"),
    [
        (None, None, {0.0: 1, 0.2: 1, 1.0: 1, 60.1: 61}),
        (1, 1, {5.0: 5, 5.5: 6}),
        (60, None, {0.0: 60, 60.0: 60, 60.1: 120, 120.0: 120}),
        (60, 60, {59.0: 60, 61.0: 120}),
        (6, 30, {1.0: 30, 30.0: 30, 31.0: 36, 36.0: 36, 36.5: 42}),
        (1, 0, {1.0: 1, 7.0: 7}),
    ],
)
def test_billing(unit: int | None, minimum: int | None, costs: dict[float, int]) -> None:
    policy = Policy(billing_unit=unit, billing_minimum=minimum)
    assert {seconds: billed(seconds, policy) for seconds in costs} == costs
    assert billed(None, policy) == 0


@given(st.integers(0, 5000), st.integers(1, 120), st.none() | st.integers(0, 180))
def test_the_longest_call_within_is_the_longest(left: int, unit: int, minimum: int | None) -> None:
    policy = Policy(billing_unit=unit, billing_minimum=minimum)
    longest = longest_within(left, policy)
    assert longest == max((s for s in range(1, left + 1) if billed(s, policy) <= left), default=0)


@pytest.mark.parametrize(
    ("policy", "calls", "wanted"),
    [
        (Policy(), [], Allowed()),
        (Policy(longest_call=600, warn_before=30), [], Allowed(600, 570, "longest_call")),
        (Policy(longest_call=20, warn_before=30), [], Allowed(20, None, "longest_call")),
        (Policy(longest_call=600, day_minutes=5), [], Allowed(298, None, "day_minutes")),
        (Policy(day_minutes=5, month_minutes=2), [], Allowed(118, None, "month_minutes")),
        (Policy(day_minutes=5, window_minutes="11:00-13:00,1"), [], Allowed(58, None, "window_minutes")),
        (Policy(total_minutes=5, billing_unit=60), [(HOUR_AGO, 90)], Allowed(178, None, "total_minutes")),
        (Policy(day_minutes=1, warn_before=10), [(HOUR_AGO, 90)], Allowed(-2, None, "day_minutes")),
    ],
)
def test_a_call_may_last_as_long_as_the_smallest_limit(
    policy: Policy, calls: list[tuple[datetime, int]], wanted: Allowed
) -> None:
    assert allowed(policy, used(policy, *calls), NOW) == wanted


LIMITED = st.builds(
    Policy,
    day_minutes=st.none() | st.integers(0, 30),
    month_minutes=st.none() | st.integers(0, 60),
    month_reset_day=st.none() | st.integers(1, 31),
    total_minutes=st.none() | st.integers(0, 90),
    window_minutes=st.none() | st.sampled_from(["10:00-14:00,20", "22:00-13:00,5"]),
    billing_unit=st.sampled_from([None, 6, 60]),
    billing_minimum=st.sampled_from([None, 30, 60]),
)
PAST = st.lists(st.tuples(st.integers(0, 60 * 24 * 40), st.integers(1, 1200)), max_size=8)


@given(LIMITED, PAST)
def test_a_call_is_refused_where_it_could_not_last_and_else_stays_within_each_limit(
    policy: Policy, past: list[tuple[int, int]]
) -> None:
    use = used(policy, *((NOW - timedelta(minutes=m), billed(s, policy)) for m, s in sorted(past, reverse=True)))
    may = allowed(policy, use, NOW)
    refusal = check(policy, use, NOW)
    assert (refusal is None) == (may.max_seconds is None or may.max_seconds > 0)
    if refusal is None and may.max_seconds is not None:
        use.call_ended(NOW, NOW, billed(may.max_seconds + HANG_UP_SECONDS, policy))
        assert use.total_seconds <= 60 * (policy.total_minutes or 10**6) or policy.total_minutes is None
        assert policy.day_minutes is None or use.day_seconds(NOW) <= 60 * policy.day_minutes
        month = use.month_seconds(NOW, policy.month_reset_day or 1)
        assert policy.month_minutes is None or month <= 60 * policy.month_minutes
        window = use.window(NOW)
        assert window is None or window[2] <= 60 * window[0].minutes
    if refusal is not None and refusal.until is not None:
        assert refusal.until > NOW
        later = check(policy, use, refusal.until)
        assert later is None or later.until is None or later.until > refusal.until


@pytest.mark.parametrize(
    ("answered", "seconds", "cause", "by", "outcome"),
    [
        (True, 60.0, 16, "far", "good"),
        (True, 5.0, 16, "far", "short"),
        (True, 60.0, 41, "line", "good"),
        (False, 0.0, 17, "far", "unanswered"),
        (False, 0.0, 19, "near", "unanswered"),
        (False, 0.0, 16, "near", "cancelled"),
        (False, 0.0, 21, "far", "failed"),
        (False, 0.0, 38, "line", "failed"),
        (False, 0.0, 16, "far", "failed"),
    ],
)
def test_what_became_of_a_call(answered: bool, seconds: float, cause: int, by: Who, outcome: Outcome) -> None:
    assert outcome_of(answered, seconds, cause, by, Policy(short_seconds=5)) == outcome
    if outcome == "short":
        assert outcome_of(answered, seconds, cause, by, Policy()) == "good"


def test_so_many_in_a_row_lock_the_sim_and_others_begin_a_new_count() -> None:
    policy = Policy(failed_stop=3, unanswered_stop=2, short_stop=2, short_seconds=5, lock_minutes=60)
    use = used(policy)
    ends: list[tuple[Outcome, str | None]] = [
        ("failed", None), ("failed", None), ("cancelled", None), ("good", None),
        ("failed", None), ("failed", None), ("cancelled", None), ("failed", "failed_stop: 3 calls in a row failed"),
        ("failed", None), ("unanswered", None), ("short", None), ("unanswered", None),
        ("unanswered", "unanswered_stop: 2 calls in a row were not answered"),
        ("short", None), ("short", "short_stop: 2 calls in a row were very short"),
    ]  # fmt: skip
    for outcome, reason in ends:
        lock = note_end(policy, use, outcome, NOW)
        assert (lock is None) == (reason is None), outcome
        if lock is not None and reason is not None:
            assert lock.reason.startswith(reason)
            assert lock.until == NOW + timedelta(hours=1)
    lock = note_end(Policy(failed_stop=1), use, "failed", NOW)
    assert lock is not None
    assert lock.until is None
