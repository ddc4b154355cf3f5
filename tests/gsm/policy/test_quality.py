"""ASR, ACD and answer delay, and alarms when a SIM's calls go otherwise than its own did."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.policy.quality import LEAST_BLOCKS, WINDOW_CALLS, Ended, Watch, alarms, measure, wilson

NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)


def call(at: datetime, seconds: float | None, delay: float = 8.0) -> Ended:
    answered = None if seconds is None else at + timedelta(seconds=delay)
    ended = at + timedelta(seconds=delay + (seconds or 0))
    return Ended(at, answered, ended, seconds or 0.0, 0, "unanswered" if seconds is None else "good")


def day(seed: int, calls: int, asr: float, acd: float, delay: float, until: datetime = NOW) -> list[Ended]:
    """Calls one a minute up to ``until``: lengths exponential, delays around theirs."""
    chance = random.Random(seed)
    return [
        call(
            until - timedelta(minutes=calls - n),
            chance.expovariate(1 / acd) if chance.random() < asr else None,
            chance.uniform(0.7, 1.3) * delay,
        )
        for n in range(calls)
    ]


def watched(*parts: list[Ended]) -> Watch:
    watch = Watch()
    for part in parts:
        for one in part:
            watch.ended(one)
    return watch


def test_figures_of_some_calls() -> None:
    quality = measure([call(NOW, 30.0, 4.0), call(NOW, 90.0, 8.0), call(NOW, 60.0, 9.0), call(NOW, None)])
    assert (quality.calls, quality.answered, quality.asr) == (4, 3, 0.75)
    assert (quality.acd, quality.answer_delay) == (60.0, 8.0)
    nothing = measure([])
    assert (nothing.calls, nothing.asr, nothing.low, nothing.high, nothing.acd) == (0, 0.0, 0.0, 1.0, None)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_s_interval(hits: int, of: int, low: float, high: float) -> None:
    """The last is an example of Newcombe 1998 (Statistics in Medicine 17, table I)."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilson_s_interval_holds_the_ratio(hits: int, of: int) -> None:
    hits = min(hits, of)
    low, high = wilson(hits, of)
    assert 0.0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1.0


@pytest.mark.parametrize(
    ("asr", "acd", "delay", "measures", "words"),
    [
        (0.10, 90.0, 8.0, {"asr"}, "may bar the SIM"),
        (1.00, 90.0, 8.0, {"asr"}, "answered by a machine"),
        (0.60, 9.0, 8.0, {"acd"}, "break or be silent"),
        (0.60, 2000.0, 8.0, {"acd"}, "not be ended"),
        (0.60, 90.0, 1.0, {"answer_delay"}, "ring-back"),
        (0.60, 90.0, 60.0, {"answer_delay"}, "signal and cell"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_sim_that_changes_raises_an_alarm_that_says_what_to_check(
    seed: int, asr: float, acd: float, delay: float, measures: set[str], words: str
) -> None:
    usual = day(seed, 600, 0.6, 90.0, 8.0, NOW - timedelta(hours=2))
    watch = watched(usual, day(seed + 100, WINDOW_CALLS, asr, acd, delay))
    found = watch.alarms(NOW)
    assert {alarm.measure for alarm in found} == measures
    assert words in found[0].text


def test_a_sim_that_goes_on_as_ever_seldom_raises_an_alarm() -> None:
    raised = 0
    for seed in range(40):
        watch = watched(day(seed, 500, 0.55, 90.0, 8.0))
        raised += bool(watch.alarms(NOW))
    assert raised <= 2


def test_few_calls_or_a_short_history_say_nothing() -> None:
    usual = day(1, 600, 0.6, 90.0, 8.0, NOW - timedelta(days=2))
    assert watched(usual, day(2, 15, 0.0, 1.0, 1.0)).alarms(NOW) == ()
    short = day(1, WINDOW_CALLS * (LEAST_BLOCKS - 1), 0.6, 90.0, 8.0, NOW - timedelta(hours=2))
    assert watched(short, day(2, WINDOW_CALLS, 0.0, 1.0, 1.0)).alarms(NOW) == ()
    assert alarms(measure([]), []) == ()


def test_an_alarm_ends_when_calls_go_as_before() -> None:
    usual = day(1, 600, 0.6, 90.0, 8.0, NOW - timedelta(hours=4))
    watch = watched(usual, day(2, WINDOW_CALLS, 0.0, 90.0, 8.0, NOW - timedelta(hours=2)))
    assert watch.alarms(NOW - timedelta(hours=2))
    for one in day(3, WINDOW_CALLS, 0.6, 90.0, 8.0):
        watch.ended(one)
    assert watch.alarms(NOW) == ()


def test_calls_of_days_ago_are_not_of_the_present_window() -> None:
    watch = watched(day(1, 30, 0.6, 90.0, 8.0, NOW - timedelta(days=3)), day(2, 5, 1.0, 90.0, 8.0))
    assert watch.quality(NOW).calls == 5
