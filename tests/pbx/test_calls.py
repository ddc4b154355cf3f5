"""The call's state table, causes, and the loop."""

from __future__ import annotations

import typing
from datetime import UTC, datetime
from itertools import product

import pytest

from appliance import q850
from pbx import calls
from pbx.calls import Call, IllegalStep
from pbx.loop import Loop

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(("state", "step"), list(product(typing.get_args(calls.State), typing.get_args(calls.Step))))
def test_every_step_follows_the_table_or_changes_nothing(state: calls.State, step: calls.Step) -> None:
    call = Call("inbound", 1, AT, state=state)
    if (state, step) in calls.TABLE:
        call.step(step, AT)
        assert call.state == calls.TABLE[state, step]
    else:
        with pytest.raises(IllegalStep, match=state):
            call.step(step, AT)
        assert call.state == state


def test_every_state_but_ended_can_end_and_ended_is_final() -> None:
    for state in typing.get_args(calls.State):
        assert ((state, "end") in calls.TABLE) == (state != "ended")
    assert not [key for key in calls.TABLE if key[0] == "ended"]


@pytest.mark.parametrize(
    ("fields", "cause", "result"),
    [
        ({"connected_at": AT, "queued_at": AT}, 16, "connected"),
        ({"queued_at": AT}, 16, "abandoned"),
        ({"queued_at": AT, "overflowed": True}, 16, "overflow"),
        ({"answered_at": AT}, 16, "ended-in-ivr"),
        ({}, 17, "busy"),
        ({}, 19, "no-answer"),
        ({}, 16, "cancelled"),
        ({}, 27, "failed"),
    ],
)
def test_result_in_one_word(fields: dict[str, typing.Any], cause: int, result: str) -> None:
    assert Call("inbound", 1, AT, **fields).result(cause) == result


def test_reason_header_is_read_back() -> None:
    for cause in q850.Cause:
        message = f"BYE sip:x SIP/2.0\r\nreason: SIP;cause=200, {q850.reason_header(cause)}\r\n\r\n"
        assert q850.from_reason(message) == cause
    assert q850.from_reason("BYE sip:x SIP/2.0\r\nReason: SIP;cause=200\r\n\r\n") is None


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (q850.reason_header(34, 'cool_down: a "rest", 30 s; until 12:00'), "cool_down: a 'rest', 30 s; until 12:00"),
        ('SIP;cause=503;text="no", Q.850;cause=34 ; TEXT = "a \\"b\\" \\\\c"', 'a "b" \\c'),
        ('Q.850;cause=34, SIP;text="another"', ""),
        ("Q.850;cause=16", ""),
        ("SIP;cause=200", ""),
    ],
)
def test_the_words_of_a_reason_are_read(reason: str, text: str) -> None:
    assert q850.reason_text(f"SIP/2.0 503 No\r\nReason: {reason}\r\n\r\n") == text


def test_sip_answers_have_causes_and_back() -> None:
    assert q850.from_sip(486) == q850.Cause.USER_BUSY
    assert q850.to_sip(q850.Cause.USER_BUSY) == 486
    assert q850.from_sip(499) == q850.Cause.NORMAL_UNSPECIFIED
    assert all(400 <= q850.to_sip(cause) < 700 for cause in range(1, 128))
    assert q850.text(99) == "Q.850 cause 99"


def test_an_error_in_one_action_does_not_stop_the_others() -> None:
    loop, ran = Loop(), []

    def fail() -> None:
        raise RuntimeError("one call's trouble")

    loop.post(fail)
    loop.later(0, lambda: ran.append("timer"))
    loop.post(lambda: ran.append("posted"))
    cancelled = loop.later(0, lambda: ran.append("cancelled"))
    cancelled.cancel()
    loop.turn()
    assert ran == ["posted", "timer"]
