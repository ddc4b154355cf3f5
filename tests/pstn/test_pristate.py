"""The state machine of a B channel's call, without libpri and DAHDI; time is a number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateways.line import (
    Alerting,
    Answered,
    DialRefused,
    Ended,
    IncomingCall,
    LineStateChanged,
    ShownCaller,
)
from gateways.pstn.priorders import Clear, Drop, SendAlerting, SendConnect, SendSetup, StartAudio, Step, StopAudio
from gateways.pstn.pristate import ALERTING_FOR, DIGIT_PAUSE, GONE_WITHIN, NAME_WAIT, PROCEEDING_FOR, PriLine

LINE = "e1-1.07"
CALL = IncomingCall(LINE, "+12025550123", "03", "TARO")


def idle(listen: float = 0.0) -> PriLine:
    line = PriLine(LINE, listen)
    line.serve("idle")
    return line


def without_states(steps: list[Step]) -> list[Step]:
    return [step for step in steps if not isinstance(step, LineStateChanged)]


def dialled(listen: float = 0.0) -> PriLine:
    line = idle(listen)
    line.dial("+81312345678", None)
    return line


def test_a_call_out() -> None:
    line = idle()
    caller = ShownCaller("+81")
    assert line.dial("110", caller) == [LineStateChanged(LINE, "dialling"), SendSetup("110", caller)]
    assert line.proceeding(False, 1.0) == []
    assert line.ringing(False, 2.0) == [LineStateChanged(LINE, "alerting"), Alerting(LINE)]
    assert without_states(line.connected()) == [StartAudio(), Answered(LINE, "reported")]
    assert line.deadline() is None
    assert line.hang_up(17, 3.0) == [
        StopAudio(), Ended(LINE, 17, "near"), LineStateChanged(LINE, "ending"), Clear(17),
    ]  # fmt: skip
    assert not line.in_call
    assert not line.idle
    assert line.gone(17, "near") == [LineStateChanged(LINE, "idle")]
    assert line.idle


def test_a_call_in() -> None:
    line = idle()
    steps = line.ring(CALL, 0.0, collecting=False, name_follows=False)
    assert steps == [LineStateChanged(LINE, "incoming", None, CALL.number), CALL, SendAlerting()]
    assert line.answer() == [
        SendConnect(), StartAudio(), LineStateChanged(LINE, "active"), Answered(LINE, "reported"),
    ]  # fmt: skip
    assert line.answer() == []
    assert without_states(line.disconnecting(16, False, 5.0)) == [StopAudio(), Ended(LINE, 16, "far"), Clear(16)]
    assert line.disconnecting(16, False, 5.0) == []


ENDS: list[Callable[[PriLine], list[Step]]] = [
    lambda line: line.hang_up(16, 1.0),
    lambda line: line.disconnecting(17, False, 1.0),
    lambda line: line.gone(18, "far"),
    lambda line: line.lost(27, "x", clear=False, now=1.0),
    lambda line: line.lost(27, "x", clear=True, now=1.0),
]


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_one_end_is_told_whatever_ends_it(
    first: Callable[[PriLine], list[Step]], second: Callable[[PriLine], list[Step]]
) -> None:
    line = dialled()
    steps = first(line) + second(line) + line.gone(16, "far")
    assert len([step for step in steps if isinstance(step, Ended)]) == 1
    assert line.state == "idle"


def test_digits_are_collected() -> None:
    line = idle()
    line.ring(IncomingCall(LINE, None, "0"), 0.0, collecting=True, name_follows=False)
    assert line.deadline() == DIGIT_PAUSE
    assert line.digits("3", False, 1.0) == []
    assert line.collected == 2
    assert line.tick(1.0 + DIGIT_PAUSE - 0.1) == []
    assert line.tick(1.0 + DIGIT_PAUSE) == [IncomingCall(LINE, None, "03"), SendAlerting()]
    assert line.digits("9", False, 9.0) == []


def test_sending_complete_ends_the_collection() -> None:
    line = idle()
    line.ring(IncomingCall(LINE, None), 0.0, collecting=True, name_follows=False)
    assert line.digits("39", True, 1.0) == [IncomingCall(LINE, None, "39"), SendAlerting()]


def test_nobody_dials_at_all() -> None:
    line = idle()
    line.ring(IncomingCall(LINE, None), 0.0, collecting=True, name_follows=False)
    assert line.tick(DIGIT_PAUSE) == [IncomingCall(LINE, None), SendAlerting()]


def test_a_name_that_was_promised_is_waited_for() -> None:
    nameless = IncomingCall(LINE, "1")
    for late in (False, True):
        line = idle()
        line.ring(nameless, 0.0, collecting=False, name_follows=True)
        assert line.deadline() == NAME_WAIT
        steps = line.tick(NAME_WAIT) if late else line.named("TARO", 0.1)
        assert steps == [IncomingCall(LINE, "1", None, None if late else "TARO"), SendAlerting()]
        assert line.named("TARO", 1.0) == []


def test_a_name_while_digits_come_waits_for_them() -> None:
    line = idle()
    line.ring(IncomingCall(LINE, None), 0.0, collecting=True, name_follows=True)
    assert line.named("TARO", 0.1) == []
    assert line.digits("3", True, 0.2) == [IncomingCall(LINE, None, "3", "TARO"), SendAlerting()]


def test_a_call_that_was_never_told_ends_untold() -> None:
    line = idle()
    line.ring(IncomingCall(LINE, None), 0.0, collecting=True, name_follows=False)
    assert without_states(line.disconnecting(16, False, 1.0)) == [Clear(16)]
    assert line.answer() == []


def test_tones_start_the_audio_once() -> None:
    line = dialled()
    assert line.acknowledged(True, 0.0) == [StartAudio()]
    assert line.proceeding(True, 0.0) == []
    assert line.progress(True, 0.0) == []
    assert StartAudio() not in line.connected()
    assert StopAudio() in line.gone(16, "far")


def test_a_silent_network_is_given_up() -> None:
    line = dialled()
    assert line.deadline() is None  # libpri's T303
    line.proceeding(False, 0.0)
    assert line.deadline() == PROCEEDING_FOR
    line.ringing(False, 1.0)
    assert line.deadline() == 1.0 + ALERTING_FOR
    steps = without_states(line.tick(1.0 + ALERTING_FOR))
    assert steps == [Ended(LINE, 102, "line", "the network did not go on with the call"), Clear(102)]
    assert line.tick(2.0 + ALERTING_FOR) == []
    assert line.tick(1.0 + ALERTING_FOR + GONE_WITHIN) == [Drop(), LineStateChanged(LINE, "idle")]


def test_an_announcement_is_let_through() -> None:
    line = dialled(listen=5.0)
    line.ringing(False, 0.0)
    assert line.disconnecting(1, True, 1.0) == [StartAudio()]
    assert line.progress(True, 2.0) == []
    assert line.deadline() == 6.0
    assert without_states(line.tick(6.0)) == [StopAudio(), Ended(LINE, 1, "far"), Clear(1)]


def test_an_announcement_after_the_answer_is_not() -> None:
    line = dialled(listen=5.0)
    line.connected()
    assert Clear(16) in line.disconnecting(16, True, 1.0)


def test_a_line_cannot_dial_unless_it_is_idle() -> None:
    line = PriLine(LINE)
    line.serve("fault", "no signal")
    assert line.dial("1", None) == [DialRefused(LINE, 38, "no signal")]
    line.serve("booting")
    assert line.dial("1", None) == [DialRefused(LINE, 44, "the channel is booting")]
    line.serve("idle")
    line.ring(CALL, 0.0, collecting=False, name_follows=False)
    assert line.dial("1", None) == [DialRefused(LINE, 44, "an incoming call came first")]
    line.hang_up(16, 0.0)
    assert line.dial("1", None) == [DialRefused(LINE, 44, "the channel is ending")]


def test_a_setup_that_could_not_be_sent_is_a_refusal() -> None:
    line = dialled()
    assert line.not_sent("no call reference") == [
        DialRefused(LINE, 41, "no call reference"), LineStateChanged(LINE, "idle"),
    ]  # fmt: skip


def test_the_spans_state_is_shown_after_the_call() -> None:
    line = dialled()
    assert line.serve("fault", "no signal") == []
    line.hang_up(16, 0.0)
    assert line.serve("fault", "no signal, still") == []
    assert line.gone(16, "near") == [LineStateChanged(LINE, "fault", "no signal, still")]


def test_our_call_gives_way() -> None:
    line = dialled()
    assert line.asking
    steps = line.give_way()
    assert [type(step) for step in steps] == [Ended, Clear]
    assert line.ring(CALL, 1.0, collecting=False, name_follows=False)[1:] == [CALL, SendAlerting()]


def test_a_call_that_the_network_took_on_does_not_give_way() -> None:
    line = dialled()
    line.proceeding(False, 0.0)
    assert not line.asking


def test_a_restart_while_the_call_is_being_released() -> None:
    line = dialled()
    line.hang_up(16, 0.0)
    assert line.lost(41, "restarted", clear=False, now=1.0) == [Drop(), LineStateChanged(LINE, "idle")]
    assert line.lost(41, "restarted", clear=False, now=1.0) == []
