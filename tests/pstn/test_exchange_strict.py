"""What a user's side does wrong is seen by the exchange, and answered as the standard says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pstn.exchange.bearer import Bearer, ChangeStatus, ChannelId, RestartIndicator
from tests.pstn.exchange.calltypes import End
from tests.pstn.exchange.elements import Element, Typed
from tests.pstn.exchange.party import (
    CalledNumber,
    CallingNumber,
    Display,
    OriginalCalledNumber,
    Presentation,
    Screening,
)
from tests.pstn.exchange.profiles import e1
from tests.pstn.exchange.progress import Cause, ProgressIndicator
from tests.pstn.exchange.q931 import MAINTENANCE
from tests.pstn.exchange_rig import AGENT, Rig

SPEECH = Bearer("speech", "alaw")


@pytest.fixture(name="rig")
def rig_fixture(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig = Rig(getattr(request, "param", e1("e1-1")))
    yield rig
    rig.close()


def test_a_call_reference_that_no_call_has(rig: Rig) -> None:
    rig.user.say("ALERTING", 77, answer=True)
    assert rig.user.expect("RELEASE COMPLETE").cause == 81
    rig.violated("no call has")


def test_a_message_in_the_wrong_state(rig: Rig) -> None:
    rig.exchange.call(to="1", channel=1)
    rig.answer()
    rig.user.say("ALERTING", 1, answer=True)
    assert rig.user.expect("STATUS").cause == 101
    rig.violated("ALERTING in state N10")


def test_setup_without_bearer_capability(rig: Rig) -> None:
    rig.user.say("SETUP", 1, ChannelId((1,)), CalledNumber("0312345678"))
    assert rig.user.expect("RELEASE COMPLETE").cause == 96
    rig.violated("mandatory element 0x04")


def test_clearing_without_a_cause(rig: Rig) -> None:
    rig.exchange.call(to="1", channel=1)
    rig.answer()
    rig.user.say("RELEASE", 1, answer=True)
    rig.user.expect("RELEASE COMPLETE")
    assert any("has no cause" in text for text in rig.exchange.violations)


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ((Display("TARO"),), "element 0x28"),
        ((Cause(16, location=0),), "element 0x08"),
        ((CallingNumber("1", presentation=Presentation.ALLOWED, screening=Screening.NETWORK),), "screened by the netw"),
        ((ProgressIndicator(8, location=2),), "location 2"),
        ((OriginalCalledNumber("1"), OriginalCalledNumber("2")), "element 0x73 twice"),
    ],
)
def test_what_a_user_does_not_say(rig: Rig, said: tuple[Typed, ...], part: str) -> None:
    rig.setup(1, *said)
    rig.user.expect("CALL PROCEEDING")
    rig.violated(part)


def test_another_law(rig: Rig) -> None:
    rig.user.say("SETUP", 1, Bearer("speech", "ulaw"), ChannelId((1,)), CalledNumber("0312345678"))
    rig.user.expect("CALL PROCEEDING")
    rig.violated("ulaw")


def test_no_such_channel(rig: Rig) -> None:
    rig.setup(1, channel=16)
    assert rig.user.expect("RELEASE COMPLETE").cause == 44
    rig.violated("no channel 16")


def test_elements_out_of_order(rig: Rig) -> None:
    rig.user.send_octets(bytes.fromhex("08020001 05 7003813131 0403808090".replace("808090", "8090a3")))
    rig.user.next()
    rig.violated("out of order")


def test_another_channel_than_the_exclusive_one(rig: Rig) -> None:
    rig.exchange.call(to="1", channel=1)
    rig.user.expect("SETUP")
    rig.user.say("CALL PROCEEDING", 1, ChannelId((2,)), answer=True)
    assert rig.user.expect("RELEASE").cause == 6
    rig.violated("said exclusively")


def test_no_channel_where_one_must_be_named(rig: Rig) -> None:
    rig.exchange.call(to="1", choice="preferred")
    rig.user.expect("SETUP")
    rig.user.say("CALL PROCEEDING", 1, answer=True)
    rig.user.next(0.05)
    rig.violated("names no channel")


def test_no_answer_to_setup(rig: Rig) -> None:
    call = rig.exchange.call(to="1")
    rig.user.expect("SETUP")
    rig.user.expect("SETUP")
    assert rig.user.expect("RELEASE COMPLETE").cause == 102
    assert call.wait_ended().who == "line"
    rig.violated("T303")


def test_no_answer_to_clearing(rig: Rig) -> None:
    call = rig.exchange.call(to="1", channel=1)
    rig.answer()
    call.hang_up()
    for kind in ("DISCONNECT", "RELEASE", "RELEASE"):
        rig.user.expect(kind)
    assert call.wait_ended().cause == 16
    assert [("T305" in text, "T308" in text) for text in rig.exchange.violations] == [(True, False), (False, True)]


def test_no_answer_to_restart(rig: Rig) -> None:
    rig.span.restart(1)
    rig.user.expect("RESTART")
    rig.user.expect("RESTART")
    rig.user.next(1.2)
    rig.violated("T316")


def test_no_answer_to_an_enquiry(rig: Rig) -> None:
    call = rig.exchange.call(to="1", channel=1)
    rig.answer()
    call.enquire()
    rig.user.expect("STATUS ENQUIRY")
    rig.user.next(0.8)
    rig.violated("T322")


def test_octets_that_are_no_message(rig: Rig) -> None:
    rig.user.send_octets(b"\x08\x02\x00")
    rig.user.next(0.1)
    rig.violated("octets")


def test_an_unknown_element_is_kept(rig: Rig) -> None:
    extra = Element(0x7D, b"\x91\x81")
    call = rig.exchange.call(to="1", extra=(extra,))
    assert extra in rig.user.expect("SETUP").elements
    assert call.seen[0].message.elements[-1] == extra


def test_a_reference_that_is_in_use(rig: Rig) -> None:
    rig.setup()
    rig.user.expect("CALL PROCEEDING")
    rig.setup()
    rig.user.expect("ALERTING")
    rig.violated("in use")


def test_a_setup_that_is_sent_again_is_no_fault(rig: Rig) -> None:
    rig.exchange.subscriber(AGENT).behaves(silent=True)
    rig.setup()
    rig.setup()
    rig.user.say("RELEASE COMPLETE", 1, Cause(102, location=0))
    assert rig.exchange.wait_call().wait_ended() == End(102, "gateway")
    assert not rig.exchange.violations


def test_a_number_with_presentation_where_none_is(rig: Rig) -> None:
    rig.user.say("SETUP", 1, SPEECH, ChannelId((1,)), CalledNumber("0312345678", presentation=Presentation.ALLOWED))
    rig.user.expect("CALL PROCEEDING")
    rig.violated("octet 3a")


def test_a_restart_acknowledged_for_another_channel(rig: Rig) -> None:
    rig.span.restart(5)
    rig.user.expect("RESTART")
    rig.user.say("RESTART ACKNOWLEDGE", 0, ChannelId((6,)), RestartIndicator(), answer=True)
    rig.span.wait_restarted(5)
    rig.violated("something else")


def test_an_acknowledgement_that_nobody_asked_for(rig: Rig) -> None:
    rig.user.say("RESTART ACKNOWLEDGE", 0, ChannelId((6,)), RestartIndicator(), answer=True)
    rig.user.next(0.1)
    rig.violated("nobody asked")


def test_service_messages_are_not_of_euroisdn(rig: Rig) -> None:
    rig.user.say("SERVICE", 0, ChangeStatus("out of service"), ChannelId((5,)), discriminator=MAINTENANCE)
    rig.user.expect("SERVICE ACKNOWLEDGE")
    rig.violated("does not know it")


def test_a_message_that_crosses_ours_is_no_fault(rig: Rig) -> None:
    call = rig.exchange.call(to="1", channel=1)
    rig.user.expect("SETUP")
    rig.user.say("CALL PROCEEDING", 1, answer=True)
    call.wait("proceeding")
    call.hang_up()
    rig.user.say("ALERTING", 1, answer=True)
    rig.user.expect("DISCONNECT")
    rig.user.say("RELEASE", 1, answer=True)
    assert call.wait_ended() == End(16, "exchange")
    assert not rig.exchange.violations
