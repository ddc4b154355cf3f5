"""The policy as the gateway drives it: limits, locks and counters by SIM, and all of it still there after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from appliance.store import Store
from appliance.store.message_models import SimBalance
from appliance.store.sim_models import Carrier, Sim, SimUse
from appliance.store.sim_models import SimPolicy as PolicyRow
from gateways.gsm.policy.rules import Allowed, Refusal
from gateways.gsm.policy.service import SimPolicy
from gateways.line import Who

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
BLUE, RED = "8981100000000000001", "8981200000000000002"
SECOND = timedelta(seconds=1)


@pytest.fixture
def configured(store: Store) -> Store:
    with store.session() as session:
        session.add(Carrier(name="blue", imsi_prefixes=["44010"], number_prefixes=["+8190"]))
        session.add(Carrier(name="blue-mvno", imsi_prefixes=["4401099"]))
        session.add(PolicyRow(subject="carrier:blue", day_minutes=10, longest_call=300, warn_before=30, failed_stop=2))
        session.add(PolicyRow(subject=f"sim:{BLUE}", longest_call=120, lock_minutes=60))
    return store


Make = Callable[[datetime], SimPolicy]


@pytest.fixture
def make(configured: Store, tmp_path: Path) -> Iterator[Make]:
    """Start the policy anew, as after a restart of the gateway."""
    started: list[SimPolicy] = []

    def start(now: datetime) -> SimPolicy:
        for policy in started:
            policy.stop()
        started[:] = [SimPolicy(configured, tmp_path / "spool.json", ZoneInfo("Asia/Tokyo"), "JP")]
        started[0].start(now)
        return started[0]

    yield start
    for policy in started:
        policy.stop()


def call(
    policy: SimPolicy, at: datetime, seconds: float | None, cause: int = 16, by: Who = "far", line: str = "gsm-1"
) -> datetime:
    """A call out; returns when it ended."""
    policy.call_began(line, "+818011112222", "outbound", at)
    at += 5 * SECOND
    if seconds is not None:
        policy.call_answered(line, at)
        at += seconds * SECOND
    policy.call_ended(line, cause, by, at)
    return at


def refused(policy: SimPolicy, at: datetime, line: str = "gsm-1") -> str | None:
    answer = policy.may_dial(line, "+818011112222", at)
    return answer.rule if isinstance(answer, Refusal) else None


def test_own_limits_stand_before_the_carrier_s(make: Make) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    policy.sim_seen("gsm-2", RED, "440101234567899", NOW)
    assert policy.may_dial("gsm-1", "+818011112222", NOW) == Allowed(120, 90, "longest_call")
    assert policy.may_dial("gsm-2", "+818011112222", NOW) == Allowed(300, 270, "longest_call")


def test_a_sim_that_nobody_knows_gets_a_row_and_the_carrier_of_the_longest_prefix(
    make: Make, configured: Store
) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", RED, "440109934567899", NOW)
    view = policy.view("gsm-1", NOW)
    assert view is not None
    assert (view.carrier, view.blocked) == ("blue-mvno", None)
    assert policy.may_dial("gsm-1", "+818011112222", NOW) == Allowed()
    assert policy.flush()
    with configured.session() as session:
        row = session.get_one(Sim, RED)
        assert (row.imsi, row.carrier, row.line, row.first_line, row.first_seen, row.enabled) == (
            "440109934567899", None, "gsm-1", "gsm-1", NOW, True,
        )  # fmt: skip


def test_limits_and_use_follow_a_sim_to_another_line_and_over_a_restart(make: Make, configured: Store) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    at = NOW
    for _ in range(5):
        at = call(policy, at, 120.0)
    assert refused(policy, at) == "day_minutes"
    policy.sim_seen("gsm-2", BLUE, "440101234567890", at)
    assert refused(policy, at) == "sim_unknown"
    assert policy.view("gsm-1", at) is None
    assert refused(policy, at, "gsm-2") == "day_minutes"
    policy = make(at)
    policy.sim_seen("gsm-3", BLUE, None, at)
    assert refused(policy, at, "gsm-3") == "day_minutes"
    assert refused(policy, at + timedelta(days=1), "gsm-3") is None
    view = policy.view("gsm-3", at)
    assert view is not None
    assert view.used_seconds == 600
    with configured.session() as session:
        assert session.get_one(Sim, BLUE).first_line == "gsm-1"
        rows = list(session.scalars(select(SimUse).order_by(SimUse.began)))
        assert [(row.state, row.seconds, row.billed_seconds, row.outcome) for row in rows] == [
            ("ended", 120.0, 120, "good")
        ] * 5
        assert (rows[0].answer_delay, rows[0].cause, rows[0].line) == (5.0, 16, "gsm-1")


def test_failures_in_a_row_lock_the_sim_for_its_time_also_over_a_restart(make: Make) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    at = call(policy, NOW, None, cause=38)
    assert refused(policy, at) is None
    policy = make(at)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", at)
    at = call(policy, at, None, cause=38)
    assert refused(policy, at) == "failed_stop"
    policy = make(at)
    policy.sim_seen("gsm-7", BLUE, "440101234567890", at)
    assert refused(policy, at, "gsm-7") == "failed_stop"
    assert refused(policy, at + timedelta(minutes=60), "gsm-7") is None
    assert policy.unlock(BLUE, at)
    assert not policy.unlock("8900", at)
    assert refused(policy, at, "gsm-7") is None
    call(policy, at, None, cause=38, line="gsm-7")
    assert refused(policy, at, "gsm-7") is None


def test_a_call_that_runs_into_another_period_may_last_what_is_left_there(make: Make) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", RED, "440101234567890", NOW)
    midnight = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
    at = call(policy, midnight - timedelta(minutes=30), 9 * 60.0)
    assert policy.may_dial("gsm-1", "+818011112222", at) == Allowed(58, 28, "day_minutes")
    policy.call_began("gsm-1", "+818011112222", "outbound", midnight - 2 * SECOND)
    assert policy.call_answered("gsm-1", midnight + SECOND) == Allowed(300, 270, "longest_call")


def test_incoming_and_emergency_calls_are_let_through_and_cost_nothing(make: Make, configured: Store) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    for _ in range(2):
        call(policy, NOW, None, cause=38)
    assert refused(policy, NOW) == "failed_stop"
    for number in ("112", "911", "110", "119"):
        assert policy.may_dial("gsm-1", number, NOW) == Allowed()
        assert policy.may_dial("gsm-9", number, NOW) == Allowed()
    policy.call_began("gsm-1", "110", "outbound", NOW)
    assert policy.call_answered("gsm-1", NOW) == Allowed()
    policy.call_ended("gsm-1", 16, "far", NOW + 999 * SECOND)
    policy.call_began("gsm-1", None, "inbound", NOW)
    assert policy.call_answered("gsm-1", NOW) == Allowed()
    policy.call_ended("gsm-1", 16, "far", NOW + 999 * SECOND, seconds=998.5)
    assert policy.flush()
    with configured.session() as session:
        rows = list(session.scalars(select(SimUse).where(SimUse.answered.is_not(None)).order_by(SimUse.id)))
        assert [(row.direction, row.seconds, row.billed_seconds, row.outcome) for row in rows] == [
            ("outbound", 999.0, 0, None),
            ("inbound", 998.5, 0, None),
        ]


def test_messages_count_by_hour_and_survive(make: Make, configured: Store) -> None:
    with configured.session() as session:
        session.get_one(PolicyRow, f"sim:{BLUE}").sms_per_hour = 5
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, None, NOW)
    policy.sms_sent("gsm-1", 2, NOW)
    policy.sms_sent("gsm-1", 2, NOW + SECOND)
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, None, NOW)
    assert policy.may_send("gsm-1", 1, NOW) is None
    refusal = policy.may_send("gsm-1", 2, NOW)
    assert refusal is not None
    assert (refusal.rule, refusal.until) == ("sms_per_hour", NOW + timedelta(hours=1))
    refusal = policy.may_send("gsm-2", 1, NOW)
    assert refusal is not None
    assert refusal.rule == "sim_unknown"


def test_a_low_balance_stops_until_it_is_told_anew(make: Make, configured: Store) -> None:
    with configured.session() as session:
        session.get_one(PolicyRow, f"sim:{BLUE}").min_balance = 100.0
        session.add(Sim(iccid=BLUE, imsi="440101234567890"))
        session.add(SimBalance(iccid=BLUE, line="gsm-1", amount=50.0, at=NOW, tried_at=NOW))
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, None, NOW)
    assert refused(policy, NOW) == "min_balance"
    policy.balance_told(BLUE, 1000.0, NOW)
    assert refused(policy, NOW) is None


def test_a_changed_configuration_holds_at_once_and_counts_what_was_used(make: Make, configured: Store) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    at = call(policy, NOW, 60.0)
    with configured.session() as session:
        session.get_one(PolicyRow, f"sim:{BLUE}").window_minutes = "11:00-13:00,1"
    policy.configure(policy.read(), at)
    assert refused(policy, at) == "window_minutes"
    assert policy.flush()
    with configured.session() as session:
        session.get_one(PolicyRow, f"sim:{BLUE}").window_minutes = None
        session.get_one(Sim, BLUE).enabled = False
    policy.configure(policy.read(), at)
    assert refused(policy, at) == "enabled"


def test_who_watches_a_line_is_told_when_it_may_be_used_or_not(configured: Store, tmp_path: Path) -> None:
    with configured.session() as session:
        session.get_one(PolicyRow, f"sim:{BLUE}").cool_down = 30
    told: list[str] = []
    policy = SimPolicy(configured, tmp_path / "spool.json", ZoneInfo("Asia/Tokyo"), "JP", told.append)
    policy.start(NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    policy.sim_seen("gsm-1", BLUE, "440101234567890", NOW)
    assert told == ["gsm-1"]
    at = call(policy, NOW, 10.0)
    view = policy.view("gsm-1", at)
    assert view is not None
    assert view.blocked == "cool_down: the SIM rests 30 s between calls, until 12:00:45"
    assert view.blocked_until == at + 30 * SECOND
    assert told == ["gsm-1"] * 2
    for n in range(29):
        policy.tick(at + n * SECOND)
    assert told == ["gsm-1"] * 2
    policy.tick(at + 30 * SECOND)
    assert told == ["gsm-1"] * 3
    policy.sim_gone("gsm-1", at)
    assert told == ["gsm-1"] * 4
    policy.stop()


def test_a_call_whose_end_nobody_told_is_ended_by_the_next(make: Make, configured: Store) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", BLUE, None, NOW)
    policy.call_began("gsm-1", "+81801111", "outbound", NOW)
    call(policy, NOW + 60 * SECOND, 10.0)
    policy.call_ended("gsm-1", 16, "far", NOW + 90 * SECOND)
    policy.call_ended("gsm-5", 16, "far", NOW)
    assert policy.call_answered("gsm-5", NOW) == Allowed()
    assert policy.flush()
    with configured.session() as session:
        rows = session.scalars(select(SimUse).order_by(SimUse.began))
        assert [(row.cause, row.seconds) for row in rows] == [(127, 0.0), (16, 10.0)]


def test_figures_and_alarms_are_there_after_a_restart(make: Make) -> None:
    policy = make(NOW)
    policy.sim_seen("gsm-1", RED, "440109934567899", NOW)
    at = NOW - timedelta(days=5)
    for n in range(400):
        at = call(policy, at, 60.0 + n % 7 if n % 3 else None, cause=17 if n % 3 == 0 else 16)
    for _ in range(60):
        at = call(policy, at, None, cause=17)
    assert policy.flush()
    policy = make(at)
    policy.sim_seen("gsm-1", RED, "440109934567899", at)
    quality = policy.quality("gsm-1", at)
    assert quality is not None
    assert (quality.calls, quality.answered) == (50, 0)
    at = call(policy, at, None, cause=17)
    view = policy.view("gsm-1", at)
    assert view is not None
    assert len(view.alarms) == 1
    assert view.alarms[0].startswith("asr_low: 0% of calls are answered, usual are 66%; the carrier may bar the SIM")
