"""Calls, queues and agents of a period, the same on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.report import calls as calls_module
from appliance.report.agents import agent_figures
from appliance.report.calls import calls_between, last_calls
from appliance.report.period import Period
from appliance.report.queues import queue_figures
from appliance.store import Store
from appliance.store.models import Agent, Call
from tests.report import ledger

HOUR = Period(ledger.at(0), ledger.at(60))
FOLDER = Path("/srv/recordings")


def read(store: Store, during: Period = HOUR) -> list[dict[str, Any]]:
    with store.session() as session:
        return list(calls_between(session, during, FOLDER))


def test_a_call_comes_with_all_its_fields_steps_and_recording(store: Store) -> None:
    with store.session() as session:
        row = ledger.queued(session, 1, wait=4.5, talk=20.0, cause=16, cause_text="normal call clearing")
        ledger.steps(session, row, "ringing", "answered", "queued", "connected", "ended")
        file = ledger.recording(session, row, "2026/08/03/x.wav")
    (call,) = read(store)
    assert set(call) == {c.key for c in Call.__table__.columns} | {"events", "recording", "recordings"}
    assert call["id"] == row.id
    assert call["connected_at"] == row.connected_at
    assert [step["kind"] for step in call["events"]] == ["ringing", "answered", "queued", "connected", "ended"]
    assert call["events"][1] == {"seq": 2, "at": row.ringing_at.replace(second=2), "kind": "answered", "data": {"n": 2}}
    assert call["recording"] == {
        "id": file.id,
        "path": "/srv/recordings/2026/08/03/x.wav",
        "seconds": 12.5,
        "state": "complete",
        "channels": 2,
        "lost_frames": 0,
    }
    assert call["recordings"] == [call["recording"]]


def test_a_call_without_recording_has_none(store: Store) -> None:
    with store.session() as session:
        ledger.queued(session, 1, wait=4.5, talk=None)
    (call,) = read(store)
    assert call["recording"] is None
    assert call["recordings"] == []


def test_a_period_has_its_first_moment_and_not_its_last(store: Store) -> None:
    with store.session() as session:
        for minute in (-0.01, 0, 59.99, 60):
            ledger.call(session, minute)
    assert [call["ringing_at"] for call in read(store)] == [ledger.at(0), ledger.at(59.99)]


def test_pages_lose_and_repeat_nothing_even_at_the_same_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "PAGE", 3)
    with store.session() as session:
        wanted = [ledger.call(session, minute).id for minute in (1, 2, 2, 2, 2, 2, 3, 4, 5)]
    assert [call["id"] for call in read(store)] == wanted


def test_the_last_calls_come_newest_first(store: Store) -> None:
    with store.session() as session:
        ids = [ledger.call(session, minute).id for minute in (1, 2, 3)]
        assert [call["id"] for call in last_calls(session, 2, FOLDER)] == [ids[2], ids[1]]


def test_figures_of_queues(store: Store) -> None:
    with store.session() as session:
        ledger.queued(session, 1, wait=10, talk=60)
        ledger.queued(session, 2, wait=20, talk=120)
        ledger.queued(session, 3, wait=30, talk=30)
        ledger.queued(session, 4, wait=50, talk=None)
        ledger.queued(session, 5, wait=600, talk=None, result="overflow", ended_by="core")
        ledger.queued(session, 6, wait=1, talk=None, result="failed", ended_by="line")
        ledger.queued(session, 7, wait=0, talk=None, result=None, state="open", wait_seconds=None, ended_at=None)
        ledger.queued(session, 8, wait=5, talk=8, queue="support")
        ledger.queued(session, 61, wait=5, talk=8)
        ledger.call(session, 9, result="abandoned")  # gave up in the IVR: no queue's call
        ledger.call(session, 10, direction="internal", extension="102")
    with store.session() as session:
        sales, support = queue_figures(session, HOUR)
    assert sales.queue == "sales"
    counts = (sales.offered, sales.answered, sales.abandoned, sales.overflowed, sales.failed, sales.waiting)
    assert counts == (7, 3, 1, 1, 1, 1)
    assert sales.answer_rate_percent == 42.9
    assert sales.average_wait_seconds == 118.5
    assert sales.longest_wait_seconds == 600.0
    assert sales.average_talk_seconds == 70.0
    assert sales.service_level_percent == 28.6  # 10 s and 20 s of seven
    assert (support.queue, support.offered, support.service_level_percent) == ("support", 1, 100.0)


def test_a_queue_nobody_answered_has_no_averages(store: Store) -> None:
    with store.session() as session:
        ledger.queued(session, 1, wait=0, talk=None, state="open", result=None, wait_seconds=None)
        (sales,) = queue_figures(session, HOUR)
    assert (sales.answer_rate_percent, sales.service_level_percent) == (0.0, 0.0)
    assert (sales.average_wait_seconds, sales.longest_wait_seconds, sales.average_talk_seconds) == (None, None, None)


def test_figures_of_agents(store: Store) -> None:
    with store.session() as session:
        session.add_all([Agent(number="2001", name="花子"), Agent(number="2002", name="Taro")])
        ledger.queued(session, 11, wait=5, talk=60)
        ledger.queued(session, 20, wait=5, talk=30)
        ledger.agent_state(session, 10, "available")
        ledger.agent_state(session, 11, "on-call")
        ledger.agent_state(session, 12, "wrap-up")
        ledger.agent_state(session, 12.5, "available")
        ledger.agent_state(session, 30, "paused")
        ledger.agent_state(session, 40, "available")
        ledger.agent_state(session, 50, "logged-out")
        ledger.agent_state(session, 70, "available")
        (hanako,) = agent_figures(session, HOUR, now=ledger.at(600))
    assert (hanako.agent, hanako.name, hanako.calls) == ("2001", "花子", 2)
    assert (hanako.talk_seconds, hanako.average_talk_seconds) == (90.0, 45.0)
    assert (hanako.wrap_up_seconds, hanako.logged_in_seconds, hanako.paused_seconds) == (30.0, 2400.0, 600.0)


def test_a_state_from_before_the_period_counts_within_it(store: Store) -> None:
    with store.session() as session:
        session.add(Agent(number="2001", name="A"))
        ledger.agent_state(session, -300, "available")
        ledger.agent_state(session, -30, "paused")
        (figures,) = agent_figures(session, HOUR, now=ledger.at(600))
    assert (figures.logged_in_seconds, figures.paused_seconds) == (3600.0, 3600.0)


def test_the_present_state_counts_until_now_and_no_further(store: Store) -> None:
    with store.session() as session:
        session.add(Agent(number="2001", name="A"))
        ledger.agent_state(session, 10, "available")
        (figures,) = agent_figures(session, HOUR, now=ledger.at(25))
    assert figures.logged_in_seconds == 900.0


def test_an_agent_who_is_logged_out_or_in_the_future_has_no_line(store: Store) -> None:
    with store.session() as session:
        session.add_all([Agent(number="2001", name="A"), Agent(number="2002", name="B")])
        ledger.agent_state(session, -10, "available")
        ledger.agent_state(session, -5, "logged-out")
        ledger.agent_state(session, 30, "available", agent="2002")
        assert agent_figures(session, HOUR, now=ledger.at(20)) == []


def test_a_removed_agent_keeps_their_calls(store: Store) -> None:
    with store.session() as session:
        ledger.queued(session, 1, wait=5, talk=60, agent="2009")
        (figures,) = agent_figures(session, HOUR, now=ledger.at(600))
    assert (figures.agent, figures.name, figures.calls, figures.logged_in_seconds) == ("2009", None, 1, 0.0)
