"""A call from a GSM line: the whole way, and its end in every state."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from gateways.gsm.simulator import Cause
from pbx.acd.desk import HOLD_OFF_SECONDS
from tests.call_path.calls import GAP, OWN, connected, dial, kinds, queued, ringing, row
from tests.call_path.stack import Stack
from tests.fakes.phone import Phone
from tests.measure import wav
from tests.measure.align import align, channel_match
from tests.measure.g711 import Samples
from tests.measure.latency import joined
from tests.measure.track import lost_frames


def test_the_whole_way(stack: Stack, one: Phone, caller_speech: bytes) -> None:
    call = connected(stack, one)
    said = call.subscriber.play(caller_speech[: 8000 * 2 * 5])
    assert said.wait(8)
    call.subscriber.hang_up()
    ended = one.wait("ended", 5)
    assert ended.data["reason"].startswith("Q.850;cause=16")
    ledger = row(stack, call.id)
    assert (ledger["result"], ledger["agent"], ledger["ended_by"], ledger["cause"]) == (
        "connected",
        "2001",
        "caller",
        16,
    )
    assert (ledger["caller"], ledger["did"], ledger["queue"]) == ("+819012345678", stack.number("gsm-1"), "sales")
    assert kinds(ledger)[0] == "ringing"
    assert {"answered", "ivr-step", "queued", "offered", "connected", "ended"} <= set(kinds(ledger))
    assert abs(ledger["talk_seconds"] - 5) < 1
    _check_recording(
        ledger["recording"], np.frombuffer(caller_speech[: 8000 * 2 * 5], "<i2"), joined(one.spoke(call.tap))
    )


def _check_recording(recording: dict[str, object], caller: Samples, agent: Samples) -> None:
    assert recording["state"] == "complete"
    (left, right), rate = wav.read(Path(str(recording["path"])))
    assert rate == 8000
    assert channel_match(caller, left) > OWN
    assert channel_match(agent, right) > OWN
    assert max(channel_match(caller, right), channel_match(agent, left)) < 0.2
    assert lost_frames(caller, left).lost < GAP


def test_the_longest_idle_agent_gets_the_call(stack: Stack, both: dict[str, Phone]) -> None:
    first, second = both
    for agent in (first, second, first):
        call = connected(stack, both[agent])
        call.subscriber.hang_up()
        both[agent].wait("ended", 5)
        assert row(stack, call.id)["agent"] == agent


def test_a_wrong_key_twice_ends_the_call(stack: Stack, one: Phone) -> None:
    call, call_id = ringing(stack)
    assert call.wait_answered(10)
    for _ in range(2):
        time.sleep(0.6)
        call.send_digits("7").wait(2)
        time.sleep(2.5)  # "that is not one of the choices"
    assert call.wait_ended(15)
    ledger = row(stack, call_id)
    assert (ledger["result"], ledger["ended_by"]) == ("ended-in-ivr", "core")


def test_hanging_up_while_it_rings(stack: Stack, one: Phone) -> None:
    call, call_id = ringing(stack)
    call.hang_up()
    ledger = row(stack, call_id)
    assert ledger["ended_by"] == "caller"
    assert ledger["connected_at"] is None


def test_hanging_up_in_the_menu(stack: Stack, one: Phone) -> None:
    call, call_id = ringing(stack)
    assert call.wait_answered(10)
    time.sleep(0.3)
    call.hang_up()
    assert row(stack, call_id)["result"] == "ended-in-ivr"


def test_hanging_up_in_the_queue(stack: Stack, one: Phone) -> None:
    one.feature(stack.settings.features.pause)
    call, call_id = queued(stack)
    time.sleep(1)
    call.hang_up()
    ledger = row(stack, call_id)
    assert (ledger["result"], ledger["ended_by"]) == ("abandoned", "caller")
    assert ledger["wait_seconds"] == pytest.approx(1, abs=0.7)


def test_hanging_up_while_the_agents_phone_rings(stack: Stack, one: Phone) -> None:
    one.tell("answer_after", seconds=None)
    call, call_id = queued(stack)
    one.wait("ringing", 5)
    call.hang_up()
    assert one.wait("ended", 5).data["code"] == 487
    assert row(stack, call_id)["result"] == "abandoned"
    stack.watch.wait_state("agent", "2001", "available")


def test_the_agent_hangs_up(stack: Stack, one: Phone) -> None:
    call = connected(stack, one)
    one.tell("hangup")
    assert call.subscriber.wait_ended(5)
    assert row(stack, call.id)["ended_by"] == "agent"


def test_an_agent_who_refuses_and_the_next_one(stack: Stack, both: dict[str, Phone]) -> None:
    (first, refuses), (second, answers) = both.items()
    refuses.tell("answer_after", seconds=None)
    call, call_id = queued(stack)
    refuses.wait("ringing", 5)
    refuses.tell("reject", code=486)
    answers.wait("connected", 5)
    call.hang_up()
    ledger = row(stack, call_id)
    assert ledger["agent"] == second
    assert [e["data"].get("agent") for e in ledger["events"] if e["kind"] == "offered"] == [first, second]
    time.sleep(HOLD_OFF_SECONDS)  # the next test wants them both


def test_an_agent_who_does_not_answer_and_the_next_one(stack: Stack, both: dict[str, Phone]) -> None:
    away, answers = both.values()
    away.tell("answer_after", seconds=None)
    call, call_id = queued(stack)
    away.wait("ringing", 5)
    assert away.wait("ended", 8).data["code"] == 487
    answers.wait("connected", 5)
    call.hang_up()
    assert row(stack, call_id)["agent"] == list(both)[1]
    time.sleep(HOLD_OFF_SECONDS)


def test_two_calls_answered_in_the_same_instant(stack: Stack, both: dict[str, Phone]) -> None:
    for phone in both.values():
        phone.tell("answer_after", seconds=0.5)
    first, second = dial(stack, "gsm-1"), dial(stack, "gsm-2", "+819011111111")
    assert first.wait_answered(10)
    assert second.wait_answered(10)
    time.sleep(0.5)
    began = time.monotonic_ns()
    first.send_digits("1")
    second.send_digits("1")
    taps = {agent: phone.wait("connected", 10).data["tap"] for agent, phone in both.items()}
    events = [stack.watch.wait_event("connected", 5, after_ns=began, agent=agent).event for agent in both]
    assert len({event.call for event in events}) == 2
    assert len(set(taps.values())) == 2
    first.hang_up()
    second.hang_up()
    for event in events:
        assert row(stack, event.call)["result"] == "connected"


def test_an_answer_in_the_instant_of_the_ring_time_out(stack: Stack, both: dict[str, Phone]) -> None:
    next(iter(both.values())).tell("answer_after", seconds=5.0)  # the queue's ring_timeout
    call, call_id = queued(stack)
    stack.watch.wait_event("connected", 15, call=call_id)
    time.sleep(0.5)
    talking = [agent for agent in both if stack.watch.state("agent", agent) == "on-call"]
    assert len(talking) == 1
    call.hang_up()
    assert row(stack, call_id)["agent"] == talking[0]


def test_nobody_logged_in(stack: Stack, both: dict[str, Phone]) -> None:
    codes = stack.settings.features
    for agent, phone in both.items():
        phone.feature(codes.logout)
        stack.watch.wait_state("agent", agent, "logged-out")
    call, call_id = queued(stack)
    assert call.wait_ended(15)
    ledger = row(stack, call_id)
    assert ledger["result"] == "overflow"
    heard = np.frombuffer(call.heard_pcm(), "<i2")
    assert align(wav.read(stack.settings.prompt("no-agent"))[0][0], heard)[1] > OWN
    for agent, phone in both.items():
        phone.feature(f"{codes.login}{agent}")
        stack.watch.wait_state("agent", agent, "available")


def test_a_withheld_number(stack: Stack, one: Phone) -> None:
    from gateways.gsm.simulator import Present

    subscriber = stack.bank.subscriber("+819022222222")
    subscriber.present = Present.WITHHELD
    call, call_id = ringing(stack, caller="+819022222222")
    call.hang_up(Cause.NORMAL)
    assert row(stack, call_id)["caller"] is None
