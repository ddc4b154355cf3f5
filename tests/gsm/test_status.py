"""What the bus shows of a line, from its events."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.bus_payloads import LineStatus, SimStatus
from gateways.line import (
    Answered,
    AnswerHeard,
    AudioFlow,
    CallWarning,
    Digit,
    Ended,
    IncomingCall,
    LineEvent,
    LineIdentity,
    LineInfo,
    LineLost,
    LineReady,
    LineRecovery,
    LineStateChanged,
    ShownCaller,
)
from gateways.status import Statuses


class FakeLine:
    """A line by name and number: all that a status takes of it."""

    name = "gsm-1"
    number = "+818000000001"

    def dial(self, number: str, caller: ShownCaller | None = None) -> None: ...
    def answer(self) -> None: ...
    def hang_up(self, cause: int = 16) -> None: ...
    def send_dtmf(self, digits: str) -> None: ...
    def mend_audio(self) -> None: ...


def watched() -> tuple[Statuses, list[LineStatus]]:
    told: list[LineStatus] = []
    return Statuses("gsm", [FakeLine()], told.append), told


ACTIVE = LineStateChanged("gsm-1", "active")


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([], {"state": "absent", "number": "+818000000001", "recoveries": 0, "sim": None}),
        ([LineStateChanged("gsm-1", "fault", "power it off and on")], {"reason": "power it off and on"}),
        ([LineStateChanged("gsm-1", "incoming", None, "+81901")], {"state": "incoming", "caller": "+81901"}),
        ([LineInfo("gsm-1", "NET", -71)], {"operator": "NET", "signal_dbm": -71}),
        (
            [LineIdentity("gsm-1", "8676980", "8981", "44010", "EC25")],
            {"imei": "8676980", "imsi": "44010", "model": "EC25"},
        ),
        (
            [LineRecovery("gsm-1", "reopen", "no answer", 1), LineRecovery("gsm-1", "restart", "no answer", 2)],
            {"recoveries": 2, "recovery": "restart: no answer"},
        ),
        ([ACTIVE, Answered("gsm-1", "claimed")], {"answer": "claimed"}),
        ([ACTIVE, Answered("gsm-1", "claimed"), AnswerHeard("gsm-1")], {"answer": "heard"}),
        ([ACTIVE, Answered("gsm-1", "reported"), LineStateChanged("gsm-1", "cooling-down")], {"answer": None}),
    ],
)
def test_events_show(events: list[LineEvent], shown: dict[str, Any]) -> None:
    statuses, told = watched()
    for event in events:
        statuses.on_line_event(event)
    assert len(told) == len(events)
    [status] = statuses.all()
    assert {key: getattr(status, key) for key in shown} == shown
    assert not told or told[-1] == status


@pytest.mark.parametrize(
    "event",
    [
        IncomingCall("gsm-1", None), Ended("gsm-1", 16, "far"), AudioFlow("gsm-1", True), Digit("gsm-1", "5"),
        CallWarning("gsm-1"), LineLost("gsm-1", "gone"), LineReady("gsm-1"),
    ],
)  # fmt: skip
def test_events_that_change_nothing_are_not_published(event: LineEvent) -> None:
    statuses, told = watched()
    statuses.on_line_event(event)
    assert told == []


def test_since_is_when_the_state_began() -> None:
    statuses, told = watched()
    statuses.on_line_event(LineStateChanged("gsm-1", "searching", "no network"))
    statuses.on_line_event(LineStateChanged("gsm-1", "searching", "no network: check the antenna"))
    statuses.on_line_event(LineInfo("gsm-1", None, -100))
    assert len({status.since for status in told}) == 1
    statuses.on_line_event(LineStateChanged("gsm-1", "idle"))
    assert told[-1].since > told[0].since


def test_the_sim_is_shown_when_it_changes() -> None:
    statuses, told = watched()
    sim = SimStatus(iccid="8981", carrier="net", blocked="day_minutes: all 10 minutes of today are used")
    statuses.show_sim("gsm-1", sim)
    statuses.show_sim("gsm-1", sim)
    statuses.show_sim("gsm-1", None)
    assert [status.sim for status in told] == [sim, None]


def test_all_is_published_at_the_start() -> None:
    statuses, told = watched()
    statuses.publish_all()
    assert [(status.line, status.gateway, status.state) for status in told] == [("gsm-1", "gsm", "absent")]
