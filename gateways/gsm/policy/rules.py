"""May this SIM call or send now, and for how long? Pure: policy, use and time in; a refusal or a limit out.

A refusal names its rule by the policy's column, so that who reads it knows what to change, and says until when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from appliance.q850 import Cause
from gateways.gsm.policy.limits import Policy, longest_within
from gateways.gsm.policy.periods import hour_of, instant, midnight_after, month_after, month_of
from gateways.gsm.policy.usage import Outcome, Usage
from gateways.line import Who

HANG_UP_SECONDS = 2
"""A call that is to stay within its minutes is hung up so much earlier: that is how long a hang-up may take."""
NOT_ANSWERED = frozenset({Cause.USER_BUSY, Cause.NO_USER_RESPONDING, Cause.NO_ANSWER, Cause.SUBSCRIBER_ABSENT})
"""ITU-T Q.850 causes that say something of the called person; every other end before an answer is a failure."""
STOPS: dict[Outcome, str] = {"failed": "failed_stop", "unanswered": "unanswered_stop", "short": "short_stop"}
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """``rule`` is the policy's column (or ``enabled``, ``sim_unknown``); ``until`` None: until somebody acts."""

    rule: str
    text: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Allowed:
    """A call may last ``max_seconds`` from its answer and a tone is due at ``warn_at`` of them; None: no such thing.

    ``rule`` is the limit that cuts it.
    """

    max_seconds: int | None = None
    warn_at: int | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A SIM is not to be used; ``until`` None: until somebody unlocks it."""

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit of minutes: billed seconds, until ``until``."""

    rule: str
    seconds: int
    limit: int
    until: datetime | None
    of: str


def check(policy: Policy, use: Usage, now: datetime) -> Refusal | None:
    """Return why no call may go out now: of several reasons the one that lasts longest. None: it may."""
    return _longest([*_of_sim(policy, use, now), *_of_calls(policy, use, now), *_of_minutes(policy, use, now)])


def check_sms(policy: Policy, use: Usage, now: datetime, parts: int = 1) -> Refusal | None:
    """Return why no message of so many parts may go out now; None: it may."""
    return _longest([*_of_sim(policy, use, now), *_of_sms(policy, use, now, parts)])


def allowed(policy: Policy, use: Usage, now: datetime) -> Allowed:
    """Return how long a call that is answered now may last: the smallest of the limits."""
    limits = [(_cut(left, policy), left.rule) for left in minutes_left(policy, use, now)]
    if policy.longest_call is not None:
        limits.append((policy.longest_call, "longest_call"))
    if not limits:
        return Allowed()
    seconds, rule = min(limits)
    warn_at = None if policy.warn_before is None else seconds - policy.warn_before
    return Allowed(seconds, warn_at if warn_at is not None and warn_at > 0 else None, rule)


def minutes_left(policy: Policy, use: Usage, now: datetime) -> Iterator[Left]:
    """What is left of each limit of minutes that the policy sets."""

    def left(rule: str, minutes: int, used: int, until: datetime | None, of: str) -> Left:
        return Left(rule, max(0, minutes * 60 - used), minutes, until, of)

    if policy.total_minutes is not None:
        yield left("total_minutes", policy.total_minutes, use.total_seconds, None, "this SIM")
    if policy.month_minutes is not None:
        reset_day = policy.month_reset_day or 1
        following = month_after(month_of(now.astimezone(use.zone).date(), reset_day), reset_day)
        until = instant(following, 0, use.zone, now)
        yield left("month_minutes", policy.month_minutes, use.month_seconds(now, reset_day), until, "this month")
    if policy.day_minutes is not None:
        until = midnight_after(now, use.zone)
        yield left("day_minutes", policy.day_minutes, use.day_seconds(now), until, "today")
    if (found := use.window(now)) is not None:
        window, begun_on, used = found
        until = instant(window.ends_on(begun_on), window.end, use.zone, now)
        yield left("window_minutes", window.minutes, used, until, f"the window {window}")


def outcome_of(answered: bool, seconds: float, cause: int, by: Who, policy: Policy) -> Outcome:
    """Return what became of an outgoing call. Our own giving up says nothing of the SIM."""
    if answered:
        return "short" if policy.short_seconds is not None and seconds <= policy.short_seconds else "good"
    if cause in NOT_ANSWERED:
        return "unanswered"
    return "cancelled" if by == "near" else "failed"


def note_end(policy: Policy, use: Usage, outcome: Outcome, now: datetime) -> Lock | None:
    """Count an outcome; return the lock that so many of its kind in a row bring, which begins a new count."""
    if outcome == "cancelled":
        return None
    times = use.note(outcome)
    rule = STOPS.get(outcome)
    limit: int | None = getattr(policy, rule) if rule else None
    if limit is None or times < limit:
        return None
    use.streak = ("good", 0)
    until = None if policy.lock_minutes is None else now + timedelta(minutes=policy.lock_minutes)
    kind = {"failed": "failed", "unanswered": "were not answered", "short": "were very short"}[outcome]
    return Lock(f"{rule}: {times} calls in a row {kind}; see whether the SIM still calls, by hand", until)


def locked(use: Usage, now: datetime) -> bool:
    """Say whether a lock holds."""
    return use.lock_reason is not None and (use.locked_until is None or now < use.locked_until)


def _longest(refusals: list[Refusal]) -> Refusal | None:
    return max(refusals, key=lambda refusal: refusal.until or _FOR_EVER, default=None)


def _of_sim(policy: Policy, use: Usage, now: datetime) -> Iterator[Refusal]:
    if not use.enabled:
        yield Refusal("enabled", "the SIM is switched off in the site description: set enabled = true", None)
    if locked(use, now):
        rule, _, reason = (use.lock_reason or "").partition(": ")
        until = use.locked_until
        end = "somebody unlocks it" if until is None else _clock(until, use)
        yield Refusal(rule, f"the SIM is locked until {end}: {reason}", until)
    if policy.min_balance is not None and use.balance is not None and use.balance < policy.min_balance:
        text = f"the balance of {use.balance:g} is below {policy.min_balance:g}: top the SIM up and ask for it again"
        yield Refusal("min_balance", text, None)


def _of_calls(policy: Policy, use: Usage, now: datetime) -> Iterator[Refusal]:
    if policy.cool_down and use.last_end is not None:
        until = use.last_end + timedelta(seconds=policy.cool_down)
        if use.last_end <= now < until:  # a call that ended in the future was timed by a clock that was wrong
            text = f"the SIM rests {policy.cool_down} s between calls, until {until.astimezone(use.zone):%H:%M:%S}"
            yield Refusal("cool_down", text, until)
    if policy.calls_per_hour is not None and use.hour_calls(now) >= policy.calls_per_hour:
        yield _counted("calls_per_hour", policy.calls_per_hour, "calls of this hour", _next_hour(use, now), use)
    if policy.calls_per_day is not None and use.day_calls(now) >= policy.calls_per_day:
        yield _counted("calls_per_day", policy.calls_per_day, "calls of today", midnight_after(now, use.zone), use)


def _of_minutes(policy: Policy, use: Usage, now: datetime) -> Iterator[Refusal]:
    for left in minutes_left(policy, use, now):
        if _cut(left, policy) <= 0:
            end = f": raise {left.rule}" if left.until is None else f", until {_clock(left.until, use)}"
            yield Refusal(left.rule, f"all {left.limit} minutes of {left.of} are used{end}", left.until)


def _of_sms(policy: Policy, use: Usage, now: datetime, parts: int) -> Iterator[Refusal]:
    periods = (
        ("sms_per_hour", policy.sms_per_hour, use.hour_sms(now), "this hour", _next_hour(use, now)),
        ("sms_per_day", policy.sms_per_day, use.day_sms(now), "today", midnight_after(now, use.zone)),
    )
    for rule, limit, used, period, until in periods:
        if limit is not None and parts > limit:
            yield Refusal(rule, f"a message of {parts} parts is more than {limit}: shorten it or raise {rule}", None)
        elif limit is not None and used + parts > limit:
            yield _counted(rule, limit, f"message parts of {period}", until, use)


def _cut(left: Left, policy: Policy) -> int:
    return longest_within(left.seconds, policy) - HANG_UP_SECONDS


def _counted(rule: str, limit: int, what: str, until: datetime, use: Usage) -> Refusal:
    return Refusal(rule, f"all {limit} {what} are used, until {_clock(until, use)}", until)


def _next_hour(use: Usage, now: datetime) -> datetime:
    return hour_of(now, use.zone) + timedelta(hours=1)


def _clock(at: datetime, use: Usage) -> str:
    return f"{at.astimezone(use.zone):%Y-%m-%d %H:%M}"
