"""A gateway refuses by the rules of a SIM's policy: the next line is tried, and the ledger says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.bus_payloads import SimStatus
from tests.pbx.running import Core, request

DAY_RULE = "calls_per_day: all 9 calls of today are used, until 2026-03-02 00:00"
REST_RULE = "cool_down: the SIM rests 30 s between calls, until 12:00:30"


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    running = Core(tmp_path)
    try:
        yield running
    finally:
        running.close()


def test_a_line_that_its_gateway_refuses_is_followed_by_the_next_and_the_ledger_says_why(core: Core) -> None:
    core.tell("gsm-1")
    core.tell("gsm-2")
    core.start()
    core.dial("09033334444")
    assert [core.refuse(DAY_RULE), core.refuse(REST_RULE)] == ["gsm-1", "gsm-2"]
    row, steps = core.ended()
    assert (row.cause, row.ended_by, row.result) == (34, "core", "busy")
    assert row.cause_text == f"no free line may call: {DAY_RULE} (gsm-1); {REST_RULE} (gsm-2)"
    failed = [step.data for step in steps if step.kind == "line-failed"]
    assert failed == [
        {"line": "gsm-1", "cause": 34, "reason": DAY_RULE},
        {"line": "gsm-2", "cause": 34, "reason": REST_RULE},
    ]


def test_a_blocked_sim_is_not_even_tried_but_for_an_emergency(core: Core) -> None:
    blocked = SimStatus(iccid="8981100000000000001", blocked=DAY_RULE)
    core.tell("gsm-1", sim=blocked)
    core.tell("gsm-2", sim=blocked)
    core.start()
    core.dial("09033334444")
    row, steps = core.ended()
    assert row.cause_text == f"no free line may call: {DAY_RULE} (gsm-1, gsm-2)"
    assert [step.data for step in steps if step.kind == "no-line"] == [{"reason": row.cause_text}]
    core.dial("110")
    emergency = request(core.gateway, "INVITE")
    assert (emergency.get("X-Callfloor-Line"), emergency.uri.split("@")[0]) == ("gsm-1", "sip:110")
