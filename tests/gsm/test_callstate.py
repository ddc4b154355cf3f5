"""One call out of the many words that a modem makes of it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.gsm.callstate import GRACE, SETTLE, LineCall
from gateways.gsm.dialects import CallInfo, CallState
from gateways.gsm.linestate import IllegalInputError, Input
from gateways.line import Alerting, Answered, Ended, IncomingCall, LineEvent

NUMBER = "+819012345678"


def idle() -> LineCall:
    call = LineCall("gsm-1")
    call.opened()
    call.service(Input.REGISTERED)
    return call


def incoming(state: CallState = "incoming", number: str | None = None) -> CallInfo:
    return CallInfo(1, False, state, number)


def outgoing(state: CallState, index: int = 1) -> CallInfo:
    return CallInfo(index, True, state, NUMBER)


def of(kind: type, events: list[LineEvent]) -> list[LineEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_number_within_the_grace() -> None:
    call = idle()
    assert not of(IncomingCall, call.ring(0.0))
    assert call.deadline() == GRACE
    assert of(IncomingCall, call.caller_id(NUMBER, False, 0.2)) == [IncomingCall("gsm-1", NUMBER)]
    assert call.deadline() is None
    assert not call.ring(3.0), "the second RING is no second call"
    assert not call.caller_id(NUMBER, False, 3.0)


def test_no_number_within_the_grace() -> None:
    call = idle()
    call.ring(0.0)
    assert not call.tick(GRACE - 0.01)
    assert of(IncomingCall, call.tick(GRACE)) == [IncomingCall("gsm-1", None)]
    assert not of(IncomingCall, call.caller_id(NUMBER, False, 0.5)), "told once"


def test_withheld_does_not_wait() -> None:
    call = idle()
    call.ring(0.0)
    assert of(IncomingCall, call.caller_id(None, True, 0.05)) == [IncomingCall("gsm-1", None)]


def test_empty_clip_waits_for_another_source() -> None:
    call = idle()
    call.ring(0.0)
    assert not call.caller_id(None, False, 0.05)
    assert of(IncomingCall, call.info(incoming(number=NUMBER), 0.1)) == [IncomingCall("gsm-1", NUMBER)]


@given(st.permutations(["ring", "clip", "info", "clcc"]))
def test_signs_in_any_order_are_one_call(order: list[str]) -> None:
    call = idle()
    events: list[LineEvent] = []
    for step, sign in enumerate(order):
        now = step * 0.01
        match sign:
            case "ring":
                events += call.ring(now)
            case "clip":
                events += call.caller_id(NUMBER, False, now)
            case "info":
                events += call.info(incoming(), now)
            case _:
                events += call.listed([incoming(number=NUMBER)], now)
    assert of(IncomingCall, events) == [IncomingCall("gsm-1", NUMBER)]
    assert call.state == "incoming"


@pytest.mark.parametrize("ends", list(itertools.permutations(["result", "info", "empty", "empty"])))
def test_one_end_whatever_the_signs(ends: tuple[str, ...]) -> None:
    call = idle()
    call.ring(0.0)
    call.caller_id(NUMBER, False, 0.0)
    events: list[LineEvent] = []
    for step, sign in enumerate(ends):
        now = 1.0 + step * 0.01
        if sign == "result" or (sign == "info" and call.ends(incoming("ended"))):
            events += call.ended(16, "far", now)
        elif sign == "empty":
            events += call.listed([], now)
    assert len(of(Ended, events)) == 1
    assert call.state == "cooling-down"


def test_a_caller_who_gives_up_at_once_is_told_of() -> None:
    call = idle()
    call.ring(0.0)
    events = call.ended(16, "far", 0.1)
    assert [type(event) for event in events if not hasattr(event, "state")] == [IncomingCall, Ended]
    assert not of(IncomingCall, call.tick(GRACE)), "the grace is over with the call"


def test_outgoing() -> None:
    call = idle()
    call.dial()
    assert of(Alerting, call.info(outgoing("alerting"), 1.0))
    assert not call.info(outgoing("alerting"), 1.1)
    assert of(Answered, call.info(outgoing("active"), 2.0)) == [Answered("gsm-1", "reported")]
    assert not call.info(outgoing("active"), 2.1)
    assert not of(Answered, call.connected())


def test_an_answer_without_alerting_is_only_claimed() -> None:
    call = idle()
    call.dial()
    assert of(Answered, call.info(outgoing("active"), 0.5)) == [Answered("gsm-1", "claimed")]


def test_clcc_never_resurrects() -> None:
    call = idle()
    call.dial()
    call.info(outgoing("active"), 1.0)
    call.ended(16, "far", 2.0)
    assert not call.listed([outgoing("active"), incoming(number=NUMBER)], 2.1)
    assert call.state == "cooling-down"
    assert call.strays([outgoing("active")])
    assert not call.strays([incoming()]), "a caller who rings is no stray"


def test_clcc_alone_moves_a_call() -> None:
    call = idle()
    call.dial()
    assert of(Alerting, call.listed([outgoing("alerting")], 1.0))
    assert of(Answered, call.listed([outgoing("active")], 2.0))
    assert not of(Ended, call.listed([], 3.0)), "once may be a glitch"
    assert of(Ended, call.listed([], 4.0))


def test_the_data_bearer_is_no_call() -> None:
    call = idle()
    bearer = CallInfo(1, True, "active", None, voice=False)
    assert not call.listed([bearer], 0.0)
    assert not call.strays([bearer])
    call.dial()
    assert not of(Answered, call.listed([bearer, outgoing("dialing", 2)], 0.5))
    assert not call.info(CallInfo(1, True, "ended", None, voice=False), 1.0)


def test_end_of_an_earlier_call_does_not_end_this_one() -> None:
    call = idle()
    call.dial()
    call.info(outgoing("dialing", index=2), 0.1)
    assert not call.ends(outgoing("ended", index=1))
    assert not call.ends(incoming("ended"))
    assert call.ends(outgoing("ended", index=2))


def test_ring_is_not_heard_while_cooling_down() -> None:
    call = idle()
    call.ring(0.0)
    call.ended(16, "far", 1.0)
    assert not call.ring(1.1)
    assert call.deadline() == 1.0 + SETTLE
    call.tick(1.0 + SETTLE)
    assert call.state == "idle"
    assert call.ring(3.0)


def test_network_lost_during_a_call_shows_after_it() -> None:
    call = idle()
    call.dial()
    assert not call.service(Input.SEARCHING, "no network")
    assert call.state == "dialling"
    call.ended(38, "far", 1.0)
    call.tick(1.0 + SETTLE)
    assert (call.state, call.reason) == ("searching", "no network")


def test_who_ended() -> None:
    call = idle()
    call.dial()
    call.hang_up(17)
    assert not call.hang_up(16)
    assert of(Ended, call.listed([], 1.0)) == [Ended("gsm-1", 17, "near")]
    assert not call.ended(16, "far", 1.1)


def test_an_end_that_we_asked_for_is_ours() -> None:
    call = idle()
    call.dial()
    call.hang_up(16)
    assert of(Ended, call.ended(16, "far", 1.0)) == [Ended("gsm-1", 16, "near")]


@pytest.mark.parametrize("happened", [Input.VANISHED, Input.FAILED, Input.RESTARTED])
def test_a_broken_device_ends_the_call_with_27(happened: Input) -> None:
    call = idle()
    call.dial()
    events = call.broken(happened, "why", "gone")
    assert of(Ended, events) == [Ended("gsm-1", 27, "line", "gone")]
    assert call.deadline() is None


def test_dialling_twice_raises_and_changes_nothing() -> None:
    call = idle()
    call.dial()
    with pytest.raises(IllegalInputError):
        call.dial()
    assert call.state == "dialling"


def test_active_is_not_believed_before_we_answer() -> None:
    call = idle()
    call.ring(0.0)
    assert not of(Answered, call.info(incoming("active"), 0.1))
    call.answering = True
    assert of(Answered, call.info(incoming("active"), 0.2))
