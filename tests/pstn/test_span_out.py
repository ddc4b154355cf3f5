"""Calls out over a span: what the network gets to see, and what each of its answers means. The exchange judges."""

from __future__ import annotations

import os

import pytest

from gateways.line import Alerting, Answered, AudioStarted, DialRefused, Ended, LineStateChanged, ShownCaller
from gateways.pstn.config.spec import Numbers, Switch
from tests.pstn.exchange.behaviour import ANSWERS, AT_ONCE, BUSY, NO_ANSWER, Behaviour
from tests.pstn.exchange.calltypes import CallTimers
from tests.pstn.exchange.party import CalledNumber, CallingNumber
from tests.pstn.pririg import TOKYO, rig

SWITCHES: tuple[Switch, ...] = ("euroisdn", "ni2", "ni1", "dms100", "4ess", "5ess", "qsig")


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_call_is_made_and_ended_by_us(switch: Switch) -> None:
    with rig(switch) as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        line = made.line(5)
        line.dial(TOKYO, ShownCaller("+81355550001", "SATO"))
        made.wait(Answered)
        call = made.exchange.wait_call()
        assert (call.number, call.to, call.channel) == ("+81355550001", TOKYO, 5)
        assert line.state == "active"
        assert line.in_call
        assert [type(event) for event in made.of(Alerting) + made.of(AudioStarted)] == [Alerting, AudioStarted]
        line.hang_up(16)
        assert made.of(Ended) == [Ended(line.name, 16, "near")]
        made.until(lambda: line.state == "idle")
        assert call.wait_ended().cause == 16
        made.sound()


@pytest.mark.parametrize("switch", ["ni2", "dms100", "4ess", "5ess", "qsig"])
def test_the_name_is_sent_where_the_switch_takes_one(switch: Switch) -> None:
    with rig(switch) as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        made.line().dial(TOKYO, ShownCaller("+81355550001", "SATO"))
        made.wait(Answered)
        assert made.exchange.wait_call().name == "SATO"
        made.line().hang_up()
        made.sound()


@pytest.mark.parametrize(
    ("numbers", "number", "kind", "digits"),
    [
        ("national", TOKYO, 2, "312345678"),
        ("national", "+12025550123", 1, "12025550123"),
        ("international", TOKYO, 1, "81312345678"),
        ("unknown", TOKYO, 0, "0312345678"),
        ("unknown", "+12025550123", 0, "01012025550123"),
        ("national", "110", 0, "110"),
    ],
)
def test_numbers_are_written_as_the_span_is_told(numbers: Numbers, number: str, kind: int, digits: str) -> None:
    with rig(numbers=numbers) as made:
        made.up()
        made.exchange.subscriber("*").behaves(BUSY)
        made.line().dial(number)
        made.wait(Ended)
        setup = made.exchange.wait_call().setup
        assert setup is not None
        called, calling = setup.get(CalledNumber), setup.get(CallingNumber)
        assert called is not None
        assert calling is not None
        assert (called.kind, called.digits) == (kind, digits)
        assert calling.digits == {0: "0355550000", 1: "81355550000", 2: "355550000"}[calling.kind]
        made.sound()


def test_a_withheld_number_goes_out_restricted_and_without_name() -> None:
    with rig("ni2") as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        made.line().dial(TOKYO, ShownCaller("+81355550001", "SATO", withheld=True))
        made.wait(Answered)
        call = made.exchange.wait_call()
        assert call.setup is not None
        number = call.setup.get(CallingNumber)
        assert number is not None
        assert number.presentation == 1
        assert call.name is None
        made.line().hang_up()
        made.sound()


@pytest.mark.parametrize("by", ["DISCONNECT", "RELEASE", "RELEASE COMPLETE"])
@pytest.mark.parametrize("cause", [1, 17, 18, 21, 27, 28, 34, 41, 44, 88])
def test_the_networks_refusal_is_told_with_its_cause(cause: int, by: str) -> None:
    with rig() as made:
        made.up()
        refusal = Behaviour(proceeds_after=None, alerts_after=None, answers_after=0.0, refuses=cause, refuses_by=by)  # type: ignore[arg-type]
        made.exchange.subscriber(TOKYO).behaves(refusal)
        made.line().dial(TOKYO)
        assert made.wait(Ended) == Ended("e1-1.01", cause, "far")
        made.until(lambda: made.line().state == "idle")
        made.sound()


@pytest.mark.parametrize("cause", [16, 17, 18, 19, 21, 27, 31, 34, 41, 44, 88, 102, 127])
@pytest.mark.parametrize("when", ["dialling", "alerting", "active"])
def test_our_hang_up_reaches_the_network_with_its_cause(cause: int, when: str) -> None:
    with rig() as made:
        made.up()
        behaviours = {
            "dialling": Behaviour(alerts_after=None, answers_after=None),
            "alerting": NO_ANSWER,
            "active": ANSWERS,
        }
        made.exchange.subscriber(TOKYO).behaves(behaviours[when])
        line = made.line(3)
        line.dial(TOKYO)
        call = made.exchange.wait_call()
        made.until(lambda: line.state == when)
        if when == "dialling":
            made.turn(0.05)
        line.hang_up(cause)
        assert made.of(Ended) == [Ended(line.name, cause, "near")]
        made.quiet()
        assert call.got("DISCONNECT").cause == cause
        made.sound()


@pytest.mark.parametrize("cause", [0, 6, 7, 26, 81, 128, 300])
def test_a_cause_that_makes_no_sense_becomes_another(cause: int) -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        made.line().dial(TOKYO)
        made.wait(Answered)
        made.line().hang_up(cause)
        made.quiet()
        assert made.exchange.wait_call().got("DISCONNECT").cause in (31, 44)
        made.sound()


def test_tones_before_the_answer_start_the_audio_early() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(Behaviour(progress=8, alerts_after=0.2, answers_after=0.2))
        made.line().dial(TOKYO)
        started = made.wait(AudioStarted)
        assert made.line().state == "dialling"
        made.wait(Answered)
        assert len(made.of(AudioStarted)) == 1
        port = made.hardware.b[1000]
        port.far.send(b"\1\0" * 160)
        assert os.read(started.fd, 320) == b"\1\0" * 160
        assert port.taps == made.span.spec.echo_taps
        made.line().hang_up()
        made.sound()
        assert port.taps == 0


def test_connect_may_be_the_only_answer() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(AT_ONCE)
        made.line().dial(TOKYO)
        made.wait(Answered)
        assert made.of(Alerting) == []
        made.line().hang_up()
        made.sound()


def test_the_network_may_acknowledge_the_setup_as_if_digits_were_to_come() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(Behaviour(acknowledges=True, proceeds_after=0.1))
        made.line().dial(TOKYO)
        made.wait(Answered)
        made.line().hang_up()
        made.sound()


def test_a_network_that_never_answers_a_setup_is_given_up() -> None:
    with rig() as made:
        made.up()
        made.pri.set_timer("T303", 200)
        made.exchange.subscriber(TOKYO).behaves(Behaviour(silent=True))
        made.line().dial(TOKYO)
        assert made.wait(Ended) == Ended("e1-1.01", 18, "far")
        made.until(lambda: made.line().state == "idle")


def test_a_disconnect_with_an_announcement_ends_the_call_at_once() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(NO_ANSWER)
        made.line().dial(TOKYO)
        made.wait(Alerting)
        made.exchange.wait_call().hang_up(1, inband=True)
        assert made.wait(Ended) == Ended("e1-1.01", 1, "far")
        made.sound()


def test_an_announcement_is_let_through_where_that_is_wanted() -> None:
    with rig(listen=0.4) as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(NO_ANSWER)
        made.line().dial(TOKYO)
        made.wait(Alerting)
        made.exchange.wait_call().hang_up(1, inband=True)
        made.wait(AudioStarted)
        made.turn(0.2)
        assert made.of(Ended) == []
        assert made.wait(Ended) == Ended("e1-1.01", 1, "far")
        made.sound()


def test_the_network_may_choose_another_channel_where_we_leave_it_to_it() -> None:
    with rig(exclusive=False) as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(Behaviour(channel=9))
        line, other = made.line(5), made.line(9)
        line.dial(TOKYO)
        made.wait(Answered)
        assert made.exchange.wait_call().channel == 9
        assert (line.slot, other.slot) == (9, 5)
        assert (line.state, other.state) == ("active", "idle")
        other.dial(TOKYO)
        made.until(lambda: len(made.of(Answered)) == 2)
        line.hang_up()
        made.until(lambda: line.state == "idle")
        assert line.slot == 9
        other.hang_up()
        made.quiet()
        made.turn(0.05)
        assert (line.slot, other.slot) == (5, 9)
        made.sound()


def test_dialling_is_refused_on_a_line_that_cannot() -> None:
    with rig() as made:
        made.line().dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 38
        made.up()
        made.exchange.call(to="0398765432", channel=1)
        made.until(lambda: made.line().state == "incoming")
        made.line().dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 44
        assert made.line().state == "incoming"
        made.line().hang_up(17)
        made.sound()


def test_digits_are_sent_in_the_audio_while_nothing_is_written() -> None:
    with rig() as made:
        made.up()
        made.exchange.subscriber(TOKYO)
        made.line().dial(TOKYO)
        made.wait(Answered)
        made.line().send_dtmf("12#")
        port = made.hardware.b[1000]
        made.until(lambda: "dial 12#" in port.done)
        made.line().send_dtmf("x")
        made.line().hang_up()
        made.sound()
        states = [event.state for event in made.of(LineStateChanged, "e1-1.01")][-5:]
        assert states == ["dialling", "alerting", "active", "ending", "idle"]


def test_supervision_gives_up_a_network_that_falls_silent() -> None:
    with rig(timers=CallTimers()) as made:
        made.up()
        made.exchange.subscriber(TOKYO).behaves(Behaviour(alerts_after=None, answers_after=None))
        line = made.line()
        line.dial(TOKYO)
        made.turn(0.1)
        now = made.loop.now() + 121
        line.apply(line.machine.tick(now))
        assert made.of(Ended) == [Ended(line.name, 102, "line", "the network did not go on with the call")]
        made.sound()
