"""The routing list and the meaning of what a phone dials."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from appliance.numbers import to_e164
from pbx.routing import Dialled, FeatureCodes, Rule, Target, meaning, parse_target, route

MONDAY_10 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MONDAY_23 = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
SUNDAY_3 = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SALES, NIGHT, VIP = Target("queue", "sales"), Target("ivr", "night"), Target("extension", "101")
CODES = FeatureCodes("*11", "*12", "*13", "*14")


@pytest.mark.parametrize(
    ("rule", "local", "holds"),
    [
        (Rule(SALES), MONDAY_10, True),
        (Rule(SALES, line="gsm-1"), MONDAY_10, True),
        (Rule(SALES, line="gsm-2"), MONDAY_10, False),
        (Rule(SALES, did="+818000000001"), MONDAY_10, True),
        (Rule(SALES, did="+818000000009"), MONDAY_10, False),
        (Rule(SALES, caller_prefix="+8190"), MONDAY_10, True),
        (Rule(SALES, caller_prefix="+8180"), MONDAY_10, False),
        (Rule(SALES, weekdays="12345"), MONDAY_10, True),
        (Rule(SALES, weekdays="12345"), SUNDAY_3, False),
        (Rule(SALES, from_time=time(9), to_time=time(18)), MONDAY_10, True),
        (Rule(SALES, from_time=time(9), to_time=time(10)), MONDAY_10, False),
        (Rule(SALES, from_time=time(22), to_time=time(6)), MONDAY_23, True),
        (Rule(SALES, from_time=time(22), to_time=time(6)), SUNDAY_3, True),
        (Rule(SALES, from_time=time(22), to_time=time(6)), MONDAY_10, False),
    ],
)
def test_rule_conditions(rule: Rule, local: datetime, holds: bool) -> None:
    assert rule.holds("gsm-1", "+818000000001", "+819012345678", local) is holds


def test_first_rule_that_holds_decides() -> None:
    rules = [Rule(VIP, caller_prefix="+8190"), Rule(NIGHT, from_time=time(18), to_time=time(9)), Rule(SALES)]
    assert route(rules, "gsm-1", None, "+819012345678", MONDAY_10) == VIP
    assert route(rules, "gsm-1", None, None, MONDAY_23) == NIGHT
    assert route(rules, "gsm-1", None, None, MONDAY_10) == SALES


def test_no_rule_ends_the_call() -> None:
    assert route([Rule(SALES, line="gsm-2")], "gsm-1", None, None, MONDAY_10) == Target("hangup")


@pytest.mark.parametrize("text", ["queue:", "queue", "mailbox:1", "", "hangup:now", "ivr"])
def test_wrong_target_says_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: ivr:NAME, queue:NAME, extension:NUMBER, hangup"):
        parse_target(text)


@pytest.mark.parametrize(
    ("dialled", "means"),
    [
        ("*112001", Dialled("login", "2001")),
        ("*12", Dialled("logout")),
        ("*13", Dialled("pause")),
        ("*133", Dialled("pause", "3")),
        ("*14", Dialled("unpause")),
        ("102", Dialled("extension", "102")),
        ("09012345678", Dialled("outside", "+819012345678")),
        ("+14155550100", Dialled("outside", "+14155550100")),
        ("110", Dialled("outside", "110")),
        ("119", Dialled("outside", "119")),
        ("99", Dialled("wrong", "99")),
        ("*99", Dialled("wrong", "*99")),
        ("", Dialled("wrong", "")),
    ],
)
def test_meaning_of_dialled_number(dialled: str, means: Dialled) -> None:
    assert meaning(dialled, CODES, {"101", "102"}, "JP") == means


def test_numbers_become_e164() -> None:
    assert to_e164("03-1234-5678", "JP") == "+81312345678"
    assert to_e164("sales", "JP") is None
