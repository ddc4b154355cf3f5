"""What the trunk does when things go wrong on either side, over real SIP."""

from __future__ import annotations

import time

import pytest

from gateways.gsm.simulator import Cause
from gateways.gsm.simulator.subscriber import SubscriberCall
from gateways.line import Ended, LineReady
from gateways.sipmessage import SipMessage
from gateways.trunk import e164
from tests.gsm.conftest import Floor, Json, until

CALLER = "+819012345678"
LINE = "+818000000001"


def ends(floor: Floor, line: str = "gsm-1") -> list[tuple[int, str]]:
    return [(event.cause, event.who) for event in floor.told if isinstance(event, Ended) and event.line == line]


def answered(floor: Floor) -> tuple[SubscriberCall, Json]:
    """A call from a subscriber that the core has answered."""
    call = floor.bank.subscriber(CALLER).dial(LINE)
    invite = floor.core.wait_invite()
    floor.core.do(op="answer", call=invite["call"], status=200)
    assert call.wait_answered(5)
    return call, invite


def no_leg_left(floor: Floor) -> bool:
    return until(lambda: floor.gateway._agent.legs == 0)


def test_caller_gives_up_before_the_core_answers(floor: Floor) -> None:
    call = floor.bank.subscriber(CALLER).dial(LINE)
    floor.core.wait_invite()
    time.sleep(0.3)
    call.hang_up()
    assert floor.core.wait_reason() == 'Q.850;cause=16;text="Normal call clearing"'
    assert floor.core.wait_state("DISCONNECTED")["status"] == 487
    assert no_leg_left(floor)
    assert ends(floor) == [(16, "far")]


def test_core_refuses(floor: Floor) -> None:
    call = floor.bank.subscriber(CALLER).dial(LINE)
    invite = floor.core.wait_invite()
    floor.core.do(op="answer", call=invite["call"], status=486)
    assert call.wait_ended(5)
    assert call.cause == Cause.BUSY, "the caller hears busy"
    floor.wait_state("gsm-1", "cooling-down")
    assert ends(floor) == [(17, "near")]


def test_core_hangs_up(floor: Floor) -> None:
    call, invite = answered(floor)
    mark = len(floor.told)
    floor.core.do(op="hangup", call=invite["call"], headers={"Reason": 'Q.850;cause=31;text="x"'})
    assert call.wait_ended(5)
    floor.wait_state("gsm-1", "idle", since=mark)
    assert ends(floor) == [(31, "near")]
    assert no_leg_left(floor)


def test_withheld_number(floor: Floor) -> None:
    caller = floor.bank.subscriber(CALLER)
    caller.present = "withheld"
    caller.dial(LINE)
    message = SipMessage(floor.core.wait_invite()["message"])
    assert "<sip:anonymous@gsm>" in (message.header("From") or "")


def test_national_number_becomes_e164(floor: Floor) -> None:
    caller = floor.bank.subscriber(CALLER)
    caller.present = "national"
    caller.dial(LINE)
    message = SipMessage(floor.core.wait_invite()["message"])
    assert f"<sip:{CALLER}@gsm>" in (message.header("From") or "")


@pytest.mark.parametrize(
    ("manner", "status", "cause"),
    [("busy", 486, 17), ("rejects", 480, 21), ("absent", 480, 20), (None, 404, 1)],
)
def test_outgoing_call_fails(floor: Floor, manner: str | None, status: int, cause: int) -> None:
    if manner is not None:
        floor.bank.subscriber(CALLER).behaves(manner)
    floor.dial(CALLER)
    assert floor.core.wait_state("DISCONNECTED")["status"] == status
    assert floor.core.wait_reason().startswith(f"Q.850;cause={cause};")
    floor.wait_state("gsm-1", "cooling-down")
    assert no_leg_left(floor)


def test_outgoing_call_is_cancelled_while_it_rings(floor: Floor) -> None:
    callee = floor.bank.subscriber(CALLER).behaves("rings")
    floor.dial(CALLER)
    floor.core.wait_state("EARLY")
    floor.core.do(op="hangup", call=0)
    assert callee.wait_call(5).wait_ended(5)
    floor.wait_state("gsm-1", "cooling-down")
    assert ends(floor) == [(16, "near")]
    assert no_leg_left(floor)


def test_outgoing_call_to_a_line_that_is_not_free(floor: Floor) -> None:
    floor.bank.subscriber("+819099999999")
    answered(floor)
    mark = len(floor.core.events)
    floor.dial(CALLER, line="gsm-1")
    assert floor.core.wait_state("DISCONNECTED", since=mark)["status"] == 503
    mark = len(floor.core.events)
    floor.dial(CALLER, line="gsm-9")
    assert floor.core.wait_state("DISCONNECTED", since=mark)["status"] == 503
    mark = len(floor.core.events)
    floor.dial("+819099999999", line="gsm-2")
    floor.core.wait_state("CONFIRMED", since=mark)


def test_number_that_is_none(floor: Floor) -> None:
    floor.dial("abc")
    assert floor.core.wait_state("DISCONNECTED")["status"] == 404


def test_modem_vanishes_in_a_call_and_comes_back(floor: Floor) -> None:
    answered(floor)
    began = time.monotonic()
    floor.bank.fault("gsm-1", "vanish", seconds=1.5)
    assert floor.core.wait_reason().startswith("Q.850;cause=27;")
    floor.core.wait_state("DISCONNECTED")
    assert time.monotonic() - began < 1.0
    floor.wait_state("gsm-1", "absent")
    mark = len(floor.told)
    floor.wait(lambda event: isinstance(event, LineReady) and event.line == "gsm-1", 20, since=mark)
    call = floor.bank.subscriber("+819011111111").dial(LINE)
    mark = len(floor.core.events)
    floor.core.wait_invite(since=mark - 1)
    call.hang_up()


def test_core_dies_in_a_call(floor: Floor) -> None:
    call, _ = answered(floor)
    mark = len(floor.told)
    floor.core.kill()
    assert call.wait_ended(8)
    floor.wait_state("gsm-1", "idle", since=mark)
    assert ends(floor) == [(41, "near")]
    floor.core.restart()
    again = floor.bank.subscriber(CALLER).dial(LINE)
    invite = floor.core.wait_invite()
    floor.core.do(op="answer", call=invite["call"], status=200)
    assert again.wait_answered(5)


def test_core_is_not_there(floor: Floor) -> None:
    floor.core.kill()
    call = floor.bank.subscriber(CALLER).dial(LINE)
    assert call.wait_ended(10)
    floor.wait_state("gsm-1", "cooling-down")
    mark = len(floor.told)
    floor.wait_state("gsm-1", "idle", since=mark - 1)
    assert ends(floor) == [(41, "near")]


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("urc_inside", {}),
        ("split", {"size": 1}),
        ("glue", {"seconds": 0.05}),
        ("echo", {}),
        ("late_clip", {"seconds": 0.25}),
        ("phantom_data_call", {}),
        ("qpcmv_pause", {"seconds": 0.3}),
    ],
)
def test_calls_under_a_fault(floor: Floor, fault: str, options: dict[str, float]) -> None:
    floor.bank.fault("gsm-1", fault, **options)
    call, invite = answered(floor)
    assert f"<sip:{CALLER}@gsm>" in (SipMessage(invite["message"]).header("From") or "")
    mark = len(floor.told)
    call.hang_up()
    floor.core.wait_state("DISCONNECTED")
    floor.wait_state("gsm-1", "idle", since=mark)
    assert ends(floor) == [(16, "far")]


def test_lost_answers_do_not_lose_the_line(floor: Floor) -> None:
    call, _ = answered(floor)
    floor.bank.fault("gsm-1", "missing_ok", count=1)
    time.sleep(0.2)
    mark = len(floor.told)
    call.hang_up()
    floor.core.wait_state("DISCONNECTED")
    floor.wait_state("gsm-1", "idle", 20, since=mark)


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("09012345678", "JP", "+819012345678"),
        ("+819012345678", "IN", "+819012345678"),
        ("9876543210", "IN", "+919876543210"),
        ("110", "JP", "110"),
        ("*99#", "JP", "*99#"),
        (None, "JP", None),
    ],
)
def test_e164(number: str | None, country: str, expected: str | None) -> None:
    assert e164(number, country) == expected


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("INVITE sip:+8190@127.0.0.1:5080 SIP/2.0", "+8190"),
        ("INVITE sip:%2B8190;x=y@host SIP/2.0", "+8190"),
        ("INVITE sip:host SIP/2.0", ""),
        ("", ""),
    ],
)
def test_called(line: str, called: str) -> None:
    message = SipMessage(f"{line}\r\nx-callfloor-line:  gsm-1 \r\n\r\nX-Other: body")
    assert message.called == called
    assert message.header("X-Callfloor-Line") == "gsm-1"
    assert message.header("X-Other") is None
