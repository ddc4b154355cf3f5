"""Limits of a SIM, and what a call is billed. Names are those of the table ``sim_policy``."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import ceil

from appliance.talk_windows import Window, parse_windows


@dataclass(frozen=True)
class Policy:
    """See ``appliance.store.sim_models.SimPolicy``; None: no limit."""

    day_minutes: int | None = None
    month_minutes: int | None = None
    month_reset_day: int | None = None
    total_minutes: int | None = None
    window_minutes: str | None = None
    calls_per_hour: int | None = None
    calls_per_day: int | None = None
    sms_per_hour: int | None = None
    sms_per_day: int | None = None
    longest_call: int | None = None
    warn_before: int | None = None
    billing_minimum: int | None = None
    billing_unit: int | None = None
    cool_down: int | None = None
    failed_stop: int | None = None
    unanswered_stop: int | None = None
    short_stop: int | None = None
    short_seconds: int | None = None
    lock_minutes: int | None = None
    min_balance: float | None = None

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """``window_minutes``, read."""
        return parse_windows(self.window_minutes) if self.window_minutes else ()

    @property
    def unit(self) -> int:
        """Seconds of a billing unit."""
        return self.billing_unit or 1

    @property
    def minimum(self) -> int:
        """Seconds that the shortest call is billed."""
        return self.unit if self.billing_minimum is None else self.billing_minimum

    def over(self, default: Policy) -> Policy:
        """Return these limits, with those of ``default`` where there are none."""
        gaps = {f.name: getattr(default, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **gaps)


def billed(seconds: float | None, policy: Policy) -> int:
    """Return the seconds that a call of this length is billed: the minimum, then whole units. None: not answered.

    With 60+60 a call of 61 s is billed 120 s; with 30+6 one of 31 s is billed 36 s.
    """
    if seconds is None:
        return 0
    whole = max(1, ceil(seconds))
    beyond = max(0, whole - policy.minimum)
    return policy.minimum + -(-beyond // policy.unit) * policy.unit


def longest_within(left: int, policy: Policy) -> int:
    """Return how many seconds a call may last that is billed ``left`` seconds at most; 0: not even the minimum."""
    if left < max(1, policy.minimum):
        return 0
    return policy.minimum + (left - policy.minimum) // policy.unit * policy.unit
