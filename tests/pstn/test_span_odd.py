"""A network that does what no exchange should. libpri plays it, which sends whatever it is told to."""

from __future__ import annotations

from gateways.line import AudioStarted, DialRefused, Ended, IncomingCall
from gateways.pstn.libpri import Pri
from gateways.pstn.prievents import Gone, PriEvent, Ring
from gateways.pstn.pristate import GONE_WITHIN
from tests.pstn.prifar import far_rig
from tests.pstn.pririg import TOKYO


def test_a_channel_that_we_did_not_ask_for_ends_the_call() -> None:
    def answer(pri: Pri, event: PriEvent) -> None:
        if isinstance(event, Ring):
            pri.proceed(event.call, 9)

    with far_rig() as made:
        made.far.answer = answer
        made.far.call(9)
        made.wait(IncomingCall)
        made.line(5).dial(TOKYO)
        made.until(lambda: made.of(Ended))
        assert made.of(Ended) == [Ended("e1-1.05", 44, "line", "the network chose another channel")]
        assert made.line(9).state == "incoming"


def test_another_channel_late_in_the_call_ends_it() -> None:
    def answer(pri: Pri, event: PriEvent) -> None:
        if isinstance(event, Ring):
            pri.proceed(event.call, event.slot or 1)
            pri.answer(event.call, 9)

    with far_rig(exclusive=False) as made:
        made.far.answer = answer
        made.line(5).dial(TOKYO)
        assert made.wait(Ended).cause == 44
        assert made.of(AudioStarted) == []


def test_a_network_that_does_not_release_is_not_waited_for_longer_than_the_timers() -> None:
    def answer(pri: Pri, event: PriEvent) -> None:
        if isinstance(event, Ring):
            pri.proceed(event.call, event.slot or 1)

    with far_rig() as made:
        made.far.answer = answer
        made.line(5).dial(TOKYO)
        made.turn(0.05)
        made.line(5).hang_up(16)
        made.turn(0.1)
        assert made.line(5).state == "ending"
        made.line(5).dial(TOKYO)
        assert made.of(DialRefused)[-1].cause == 44
        made.line(5).tick(made.loop.now() + GONE_WITHIN)
        assert made.line(5).state == "idle"
        assert made.pri.calls == 0


def test_both_hang_up_at_the_same_moment() -> None:
    with far_rig() as made:
        call = made.far.call(5)
        made.wait(IncomingCall)
        made.far.pri.hang_up(call, 17)
        made.line(5).hang_up(16)
        made.until(lambda: made.line(5).state == "idle")
        assert [(event.cause, event.who) for event in made.of(Ended)] == [(16, "near")]
        made.until(lambda: made.pri.calls == 0)


def test_a_call_for_a_channel_that_is_not_ours_is_refused() -> None:
    with far_rig() as made:
        made.far.call(16)
        made.until(lambda: any(isinstance(event, Gone) for event in made.far.heard))
        assert [event.cause for event in made.far.heard if isinstance(event, Gone)] == [82]
        assert made.of(IncomingCall) == []


def test_a_preferred_channel_that_is_not_ours_is_another_then() -> None:
    with far_rig() as made:
        made.far.call(16, exclusive=False)
        assert made.wait(IncomingCall).line == "e1-1.31"


def test_commands_of_the_core_that_come_too_late_do_nothing() -> None:
    with far_rig() as made:
        line = made.line(5)
        line.answer()
        line.hang_up()
        line.send_dtmf("1")
        line.mend_audio()
        assert made.of(Ended) == []
        assert line.state == "idle"


def test_audio_is_mended_in_its_driver() -> None:
    with far_rig() as made:
        port = made.hardware.b[1000]
        port.done.clear()
        made.line(1).mend_audio()
        assert port.done == ["flush", "linear True"]
