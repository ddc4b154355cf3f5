"""Calls in over a span: who calls whom, on which channel, digit by digit or at once. The exchange judges."""

from __future__ import annotations

from typing import Any

import pytest

from gateways.line import Answered, AudioStarted, DialRefused, Ended, IncomingCall
from gateways.pstn.config.spec import Switch
from tests.pstn.exchange.behaviour import ANSWERS
from tests.pstn.exchange.elements import Element
from tests.pstn.exchange.party import CalledNumber, NumberType, Reason, SendingComplete
from tests.pstn.pririg import TOKYO, Rig, rig
from tests.pstn.test_span_out import SWITCHES

DID = "0398765432"


def incoming(made: Rig, **offer: Any) -> IncomingCall:
    """Have the network call, and return what is told of it."""
    made.exchange.call(to=DID, **offer)
    return made.wait(IncomingCall)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_call_comes_and_is_ended_by_the_caller(switch: Switch) -> None:
    with rig(switch) as made:
        made.up()
        call = made.exchange.call(to=DID, number="+819012345678", name="TARO", channel=7)
        line = made.line(7)
        told = made.wait(IncomingCall)
        assert told == IncomingCall(line.name, "9012345678", DID, "TARO")
        made.turn(0.05)
        call.wait_alerting()
        assert line.state == "incoming"
        line.answer()
        assert [event.line for event in (made.wait(AudioStarted), made.wait(Answered))] == [line.name] * 2
        made.answered(call)
        call.hang_up(16)
        assert made.wait(Ended) == Ended(line.name, 16, "far")
        made.until(lambda: line.state == "idle")
        made.sound()


@pytest.mark.parametrize(
    ("offer", "number"),
    [
        ({"number": "+12025550123"}, "+12025550123"),
        ({"number": "+81312345678"}, "312345678"),
        ({"number": "5551234", "number_kind": NumberType.SUBSCRIBER}, "5551234"),
        ({"number": "+12025550123", "restricted": True}, None),
        ({}, None),
    ],
)
def test_the_callers_number_is_told_as_it_was_shown(offer: dict[str, Any], number: str | None) -> None:
    with rig() as made:
        made.up()
        assert incoming(made, name="TARO", **offer).number == number
        made.line().hang_up(21)
        made.sound()


def test_a_restricted_caller_keeps_number_and_name_for_themselves() -> None:
    with rig("ni2") as made:
        made.up()
        told = incoming(made, number="+819012345678", name="TARO", restricted=True, channel=1)
        assert (told.number, told.name) == (None, None)
        made.line().hang_up(21)
        made.sound()


def test_who_sent_the_call_on_is_told() -> None:
    with rig() as made:
        made.up()
        told = incoming(made, number="+819012345678", redirecting="+12025550100", reason=Reason.BUSY, channel=1)
        assert told.redirected_from == "+12025550100"
        made.line().hang_up(21)
        made.sound()


def test_a_name_that_follows_is_waited_for() -> None:
    with rig("ni2") as made:
        made.up()
        call = made.exchange.call(to=DID, number="+819012345678", name="TARO", name_later=0.1, channel=4)
        made.until(lambda: made.line(4).state == "incoming")
        assert made.of(IncomingCall) == []
        assert made.wait(IncomingCall).name == "TARO"
        made.line(4).answer()
        made.answered(call)
        made.line(4).hang_up()
        made.sound()


def test_a_name_that_does_not_come_in_time_is_not_waited_for_longer() -> None:
    with rig("ni2") as made:
        made.up()
        call = made.exchange.call(to=DID, number="+819012345678", name="TARO", name_later=0.8, channel=4)
        began = made.loop.now()
        assert made.wait(IncomingCall).name is None
        assert made.loop.now() - began < 0.7
        made.turn(0.8)
        made.line(4).hang_up(17)
        made.quiet()
        assert call.wait_ended().cause == 17
        made.sound()


@pytest.mark.parametrize("cause", [1, 16, 17, 18, 19, 21, 27, 28, 31, 34, 41, 44, 58, 88, 102, 127])
def test_our_refusal_reaches_the_caller_with_its_cause(cause: int) -> None:
    with rig() as made:
        made.up()
        call = made.exchange.call(to=DID, channel=2)
        made.wait(IncomingCall)
        made.line(2).hang_up(cause)
        made.quiet()
        assert call.wait_ended().cause == cause
        assert made.of(Ended) == [Ended("e1-1.02", cause, "near")]
        made.sound()


@pytest.mark.parametrize("cause", [16, 17, 19, 21, 31, 41, 102])
def test_a_caller_who_gives_up_is_told_with_the_cause(cause: int) -> None:
    with rig() as made:
        made.up()
        call = made.exchange.call(to=DID, channel=2)
        made.wait(IncomingCall)
        call.hang_up(cause)
        assert made.wait(Ended) == Ended("e1-1.02", cause, "far")
        made.sound()


@pytest.mark.parametrize("choice", ["exclusive", "preferred", "any"])
def test_a_busy_channel_is_refused_or_another_taken(choice: str) -> None:
    """§5.2.3: the network is asked to take another channel when it has asked for exactly the busy one."""
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        made.line(7).dial(TOKYO)
        made.wait(Answered)
        made.far._owner.act(made.far.control.channels.users.clear)
        call = made.exchange.call(to=DID, channel=7, choice=choice)
        if choice == "exclusive":
            made.until(lambda: call.end is not None)
            assert call.wait_ended().cause == 44
            assert made.of(IncomingCall) == []
        else:
            told = made.wait(IncomingCall)
            assert told.line != "e1-1.07"
            made.span.lines[told.line].hang_up(17)
        made.until(lambda: call.end is not None)
        made.line(7).hang_up()
        made.quiet()


def test_a_call_without_a_channel_gets_any_free_one() -> None:
    with rig(role="net") as made:
        made.up()
        made.exchange.call(to=DID, choice="unnamed")
        told = made.wait(IncomingCall)
        assert told.line == "e1-1.31"
        made.span.lines[told.line].hang_up(17)
        made.sound()


def test_data_calls_are_refused() -> None:
    with rig() as made:
        made.up()
        call = made.exchange.call(to=DID, channel=7, capability="unrestricted digital")
        made.until(lambda: call.end is not None)
        assert call.wait_ended().cause == 88
        assert made.of(IncomingCall) == []
        made.sound()


def test_digits_one_by_one_make_a_call_after_a_pause() -> None:
    with rig(overlap=True) as made:
        made.up()
        call = made.exchange.call(to=DID, channel=1, overlap=0.03, digits_at_once=2)
        made.until(lambda: made.line().machine.collected == len(DID))
        assert made.line().state == "incoming"
        assert made.of(IncomingCall) == []
        began = made.loop.now()
        assert made.wait(IncomingCall).called == DID
        assert 2.5 < made.loop.now() - began < 3.5
        made.line().answer()
        made.answered(call)
        made.line().hang_up()
        made.sound()


def test_digits_one_by_one_make_a_call_at_sending_complete() -> None:
    with rig(overlap=True) as made:
        made.up()
        call = made.exchange.call(to="03", channel=1, overlap=60, digits_at_once=2)
        made.until(lambda: made.line().state == "incoming")
        call.wait("setup acknowledge")
        call.say("INFORMATION", CalledNumber("98"))
        call.say("INFORMATION", CalledNumber("7"), SendingComplete())
        began = made.loop.now()
        assert made.wait(IncomingCall).called == "03987"
        assert made.loop.now() - began < 0.5
        made.line().hang_up(1)
        made.sound()


def test_digits_are_enough_when_there_are_as_many_as_a_did_has() -> None:
    with rig(overlap=True, did_digits=len(DID)) as made:
        made.up()
        call = made.exchange.call(to=DID, channel=1, overlap=0.02, digits_at_once=0)
        began = made.loop.now()
        assert made.wait(IncomingCall).called == DID
        assert made.loop.now() - began < 1.5
        made.line().hang_up(17)
        made.quiet()
        assert call.wait_ended().cause == 17
        made.sound()


def test_a_caller_who_gives_up_while_dialling_is_nobodys_call() -> None:
    with rig(overlap=True) as made:
        made.up()
        call = made.exchange.call(to=DID, channel=1, overlap=0.5, digits_at_once=2)
        made.until(lambda: made.line().state == "incoming")
        call.hang_up(16)
        made.until(lambda: made.line().state == "idle")
        assert made.of(IncomingCall) + made.of(Ended) == []
        made.sound()


def test_the_networks_call_goes_first_when_both_call_on_a_channel() -> None:
    """Q.931 §5.7."""
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        call = made.exchange.glare_next(to=DID, number="+819012345678")
        line = made.line(11)
        line.dial(TOKYO)
        told = made.wait(IncomingCall)
        assert told.line == line.name
        ended = made.of(Ended)
        assert [(event.cause, event.who) for event in ended] == [(44, "line")]
        assert made.events.index(ended[0]) < made.events.index(told)
        line.answer()
        made.answered(call)
        line.dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 44
        line.hang_up()
        made.sound()


def test_as_the_network_our_call_goes_first() -> None:
    with rig(role="net") as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(ANSWERS)
        line = made.line(11)
        line.dial(TOKYO)
        made.wait(Answered)
        line.hang_up()
        made.sound()


def test_unknown_elements_in_a_setup_do_no_harm() -> None:
    with rig() as made:
        made.up()
        extra = (Element(0x7D, b"\x91\x81", codeset=0), Element(0x33, b"\1\2\3", codeset=6))
        told = incoming(made, number="+12025550123", channel=1, extra=extra)
        assert told.number == "+12025550123"
        made.line().hang_up(17)
        made.sound()


def test_names_are_not_taken_for_more_than_they_are() -> None:
    with rig("dms100") as made:
        made.up()
        assert incoming(made, name="TARO", channel=3).name == "TARO"
        made.line(3).hang_up(17)
        made.sound()
