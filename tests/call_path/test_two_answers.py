"""Two phones of one extension answer in the same instant: one of them talks, the other is let go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx.acd.desk import HOLD_OFF_SECONDS
from tests.call_path.calls import kinds, queued, row
from tests.call_path.stack import Stack
from tests.edge.sip import Endpoint, Message
from tests.fakes.phone import Phone

INSTANT = 0.3  # seconds after which the phones answer
APART = (0.0, 0.01, -0.01)  # how much later the second phone is


@pytest.fixture
def twin(stack: Stack, one: Phone, tmp_path: Path) -> Iterator[Phone]:
    """A second phone at the extension of agent 2001."""
    edge = (stack.settings.edge.host, stack.settings.edge.port)
    with Phone(tmp_path / "twin", one.number, stack.site.passwords[one.number], edge) as phone:
        phone.wait("registered")
        yield phone
    time.sleep(0.2)


def test_both_answer(stack: Stack, one: Phone, twin: Phone) -> None:
    for apart in APART:
        one.forget()
        twin.forget()
        one.tell("answer_after", seconds=INSTANT - min(0.0, apart))
        twin.tell("answer_after", seconds=INSTANT + max(0.0, apart))
        call, call_id = queued(stack)
        stack.watch.wait_event("connected", 10, call=call_id)
        time.sleep(0.7)
        states = [_last(phone) for phone in (one, twin)]
        assert sorted(states) == ["connected", "ended"], (apart, states)
        talking, other = (one, twin) if states[0] == "connected" else (twin, one)
        stack.watch.wait_state("agent", "2001", "on-call", 2)
        assert call.cause is None
        talking.tell("hangup")
        assert call.wait_ended(5)
        ledger = row(stack, call_id)
        assert (ledger["agent"], ledger["ended_by"], ledger["result"]) == ("2001", "agent", "connected")
        assert kinds(ledger).count("connected") == 1
        assert _last(other) == "ended"
        stack.watch.wait_state("agent", "2001", "available")
    _one_row_a_call(stack)


def _last(phone: Phone) -> str:
    return phone.events[-1].kind


def _one_row_a_call(stack: Stack) -> None:
    ids = [ledger["id"] for ledger in stack.ledger()]
    assert len(ids) == len(set(ids))


def test_an_answer_that_crosses_the_other_phones_answer(stack: Stack, one: Phone) -> None:
    """The second phone has answered when the CANCEL comes: RFC 3261 §13.2.2.4, it gets its ACK and a BYE."""
    one.tell("answer_after", seconds=0.4)
    late = Endpoint((stack.settings.edge.host, stack.settings.edge.port), timeout=5.0)
    try:
        assert late.register(one.number, stack.site.passwords[one.number]).code == 200
        call, call_id = queued(stack)
        _answers_a_cancelled_invite(late)
        stack.watch.wait_event("connected", 5, call=call_id)
        stack.watch.wait_state("agent", "2001", "on-call", 2)
        time.sleep(0.3)
        assert call.cause is None
        one.tell("hangup")
        assert call.wait_ended(5)
        assert row(stack, call_id)["ended_by"] == "agent"
    finally:
        late.register(one.number, stack.site.passwords[one.number], expires=0)
        late.close()


def _answers_a_cancelled_invite(phone: Endpoint) -> None:
    """Ring, answer in the instant the CANCEL comes, and be acknowledged and ended."""
    invite = _next(phone, "INVITE")
    phone.reply(invite, 180, "Ringing", to_tag="late")
    cancel = _next(phone, "CANCEL")
    phone.reply(invite, 200, "OK", to_tag="late")
    phone.reply(cancel, 200, "OK", to_tag="late")
    heard = {"ACK": _next(phone, "ACK")}
    heard["BYE"] = _next(phone, "BYE")
    phone.reply(heard["BYE"], 200, "OK")
    assert all("tag=late" in message.get("To") for message in heard.values())


def _next(phone: Endpoint, method: str) -> Message:
    while (message := phone.receive()).method != method:
        pass
    return message


def test_an_answer_that_crosses_the_ring_time_out(stack: Stack, both: dict[str, Phone]) -> None:
    """The first agent's phone has answered when the CANCEL comes; the call is with the second agent by then."""
    (first, phone), (second, answers) = both.items()
    phone.tell("unregister")
    phone.wait("unregistered", 5)
    late = Endpoint((stack.settings.edge.host, stack.settings.edge.port), timeout=8.0)
    try:
        assert late.register(phone.number, stack.site.passwords[phone.number]).code == 200
        call, call_id = queued(stack)
        _answers_a_cancelled_invite(late)
        answers.wait("connected", 5)
        stack.watch.wait_state("agent", first, "available", 2)
        stack.watch.wait_state("agent", second, "on-call", 2)
        answers.tell("hangup")
        assert call.wait_ended(5)
        ledger = row(stack, call_id)
        assert (ledger["agent"], ledger["ended_by"], kinds(ledger).count("connected")) == (second, "agent", 1)
    finally:
        late.register(phone.number, stack.site.passwords[phone.number], expires=0)
        late.close()
        phone.tell("register")
        phone.wait("registered", 5)
    time.sleep(HOLD_OFF_SECONDS)


@pytest.mark.parametrize("early", [0.02, 0.005])
def test_real_phones_around_the_ring_time_out(stack: Stack, both: dict[str, Phone], early: float) -> None:
    """Whoever is first, exactly one agent talks, and both are sane afterwards."""
    (first, crossing), (second, next_one) = both.items()
    crossing.tell("answer_after", seconds=5.0 - early)  # the queue's ring_timeout is 5 s
    call, call_id = queued(stack)
    stack.watch.wait_event("connected", 15, call=call_id)
    time.sleep(0.6)
    talking = [phone for phone in (crossing, next_one) if _last(phone) == "connected"]
    assert len(talking) == 1
    winner, loser = (first, second) if talking == [crossing] else (second, first)
    stack.watch.wait_state("agent", winner, "on-call", 2)
    stack.watch.wait_state("agent", loser, "available", 2)
    call.hang_up()
    talking[0].wait("ended", 5)
    ledger = row(stack, call_id)
    assert (ledger["agent"], ledger["result"], kinds(ledger).count("connected")) == (winner, "connected", 1)
    if winner == second:
        time.sleep(HOLD_OFF_SECONDS)  # the next one wants them both
