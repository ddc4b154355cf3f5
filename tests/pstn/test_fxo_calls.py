"""Calls on an FXO line in its loop, with real ears."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from gateways.line import (
    Alerting,
    Answered,
    AudioFlow,
    AudioStarted,
    DialRefused,
    Ended,
    FaxHeard,
    IncomingCall,
)
from gateways.pstn.dahdi import Event
from gateways.pstn.tones import BusyTone
from tests.pstn.exchange import fsk
from tests.pstn.exchange.progresstones import Name
from tests.pstn.fxo_rig import SPEC, Make, Rig, make_fixture, rig_fixture, started_fixture  # noqa: F401
from tests.pstn.voice import speech


def test_incoming(rig: Rig) -> None:
    rig.happens(Event.RINGBEGIN)
    assert rig.told(IncomingCall) == [IncomingCall("fxo-1", None)]
    rig.line.answer()
    assert rig.wire.loop_closed()
    assert rig.wire.done[-3:] == ["off-hook", "echo 128", "flush"]
    (audio,) = rig.told(AudioStarted)
    assert rig.wire.channel is not None
    rig.wire.channel.far_audio.send(b"speech")
    assert os.read(audio.fd, 100) == b"speech"
    assert rig.told(Answered) == [Answered("fxo-1", "reported")]
    rig.line.hang_up()
    assert rig.wire.done[-2:] == ["on-hook", "echo 0"]
    assert rig.end() == Ended("fxo-1", 16, "near")
    rig.until(lambda: rig.line.state == "idle")


@pytest.mark.parametrize("kind", ["bell202", "v23", "dtmf"])
def test_caller_id_between_the_rings(started: Make, kind: fsk.Kind) -> None:
    rig = started(replace(SPEC, caller_id=kind))
    rig.happens(Event.RINGBEGIN, Event.RINGOFFHOOK)
    name = None if kind == "dtmf" else "OFFICE"
    rig.sounds(fsk.caller_id_audio(kind, "0312345678", name) + bytes(16000))
    assert rig.wait(IncomingCall) == IncomingCall("fxo-1", "0312345678", name=name)
    assert rig.wire.source is None, "nobody listens any more"


def test_no_caller_id_comes(started: Make) -> None:
    rig = started(replace(SPEC, caller_id="bell202"))
    rig.happens(Event.RINGBEGIN, Event.RINGOFFHOOK)
    rig.sounds(bytes(32000))
    assert not rig.told(IncomingCall)
    assert rig.wait(IncomingCall) == IncomingCall("fxo-1", None)


def test_withheld(started: Make) -> None:
    rig = started(replace(SPEC, caller_id="bell202"))
    rig.happens(Event.RINGBEGIN, Event.RINGOFFHOOK)
    rig.sounds(fsk.caller_id_audio("bell202", "", withheld="private"))
    assert rig.told(IncomingCall) == [IncomingCall("fxo-1", None)]


@pytest.mark.parametrize(
    ("kind", "start"), [("v23", "polarity"), ("dtmf", "polarity"), ("dtmf", "polarity-india"), ("dtmf", "dtmf")]
)
def test_caller_id_before_the_ring(started: Make, kind: fsk.Kind, start: str) -> None:
    rig = started(replace(SPEC, caller_id=kind, caller_id_start=start))  # type: ignore[arg-type]
    if start != "dtmf":
        rig.happens(Event.POLARITY)
    rig.sounds(fsk.caller_id_audio(kind, "0312345678", alert=kind == "v23") + bytes(16000))
    rig.until(lambda: rig.line.state == "incoming")
    assert not rig.told(IncomingCall)
    rig.happens(Event.RINGBEGIN)
    assert rig.told(IncomingCall) == [IncomingCall("fxo-1", "0312345678")]


def test_japan(started: Make) -> None:
    rig = started(replace(SPEC, caller_id="v23-japan", caller_id_start="polarity"))
    rig.happens(Event.POLARITY, Event.RINGBEGIN)
    rig.turn(0.5)
    rig.happens(Event.RINGOFFHOOK)
    assert rig.wire.loop_closed()
    rig.sounds(fsk.caller_id_audio("v23-japan", "0312345678", called="5678"))
    assert not rig.wire.loop_closed()
    rig.happens(Event.RINGBEGIN)
    assert rig.told(IncomingCall) == [IncomingCall("fxo-1", "0312345678", called="5678")]
    rig.line.answer()
    assert rig.wire.loop_closed()
    assert rig.told(Answered)


def test_outgoing(rig: Rig) -> None:
    rig.line.dial("+81398765432")
    assert rig.wire.loop_closed()
    rig.tone("dial", 1.5)
    assert rig.wire.done[-1] == "dial 0398765432", "as a telephone in Japan would"
    rig.happens(Event.DIALCOMPLETE)
    assert rig.wire.done[-2:] == ["echo 128", "flush"]
    assert rig.told(AudioStarted)
    rig.tone("ringback", 9.0)
    assert rig.told(Alerting)
    assert not rig.told(Answered)
    rig.sounds(speech(2.0))
    assert rig.told(Answered) == [Answered("fxo-1", "heard")]


def test_groundstart_and_pulses(started: Make) -> None:
    rig = started(replace(SPEC, start="ground", pulse=True, wait_dial_tone=0))
    rig.line.dial("117")
    assert rig.wire.done[-1] == "start"
    rig.until(lambda: rig.wire.done[-1] == "dial 117 by pulses")
    rig.line.hang_up()
    rig.line.dial("*99")
    assert rig.told(DialRefused)[-1].cause == 28


@pytest.mark.parametrize(("name", "cause"), [("busy", 17), ("unobtainable", 1)])
def test_the_exchange_refuses(rig: Rig, name: Name, cause: int) -> None:
    rig.dialled()
    rig.tone(name, 12.0)
    assert (rig.end().cause, rig.end().who) == (cause, "far")
    assert not rig.wire.loop_closed()


def test_glare(rig: Rig) -> None:
    rig.line.dial("117")
    rig.happens(Event.RINGOFFHOOK)
    assert rig.end().cause == 44
    assert rig.told(IncomingCall)
    assert rig.wire.done[-1] == "tone ringback"
    rig.line.answer()
    assert "tone None" in rig.wire.done
    assert rig.told(Answered)
    assert rig.told(AudioStarted)


def test_a_battery_drop_right_after_the_answer_is_seen_though_the_driver_is_silent(rig: Rig) -> None:
    rig.talking()
    rig.turn(0.15)
    rig.wire.battery = False
    rig.turn(0.15)
    rig.wire.battery = True
    rig.turn(0.2)
    assert not rig.told(Ended), "the exchange switches"
    rig.wire.battery = False
    rig.until(lambda: rig.told(Ended))
    assert rig.end() == Ended("fxo-1", 16, "far", "battery drop")


def test_battery_is_looked_at_after_an_answer_only(rig: Rig) -> None:
    rig.line.dial("117")
    rig.wire.battery = False
    rig.turn(0.9)
    assert not rig.told(Ended)


def test_a_loopstart_line_knows_no_battery_drop(started: Make) -> None:
    rig = started(replace(SPEC, start="loop"))
    rig.talking()
    rig.wire.battery = False
    rig.turn(0.9)
    assert not rig.told(Ended)


def test_hang_up_by_busy_tone(rig: Rig) -> None:
    rig.talking()
    rig.sounds(speech(3.0))
    rig.tone("busy", 10.0)
    assert rig.end() == Ended("fxo-1", 16, "far", "busy tone")


def test_hang_up_by_a_learned_busy_tone(started: Make) -> None:
    rig = started(replace(SPEC, busy="learned"))
    rig.talking()
    tone = fsk.pcm(fsk.sines((600.0,), 300, -15.0), fsk.silence(700))
    rig.sounds(tone * 10)
    assert not rig.told(Ended)
    rig.line.use_busy_tone(BusyTone((600.0,), (300, 700), -15.0))
    rig.line.patient(True)
    rig.sounds(tone * 10)
    assert not rig.told(Ended)
    rig.line.patient(False)
    rig.line.use_busy_tone(BusyTone((600.0,), (300, 700), -15.0))
    rig.sounds(tone * 10)
    assert rig.end().text == "busy tone"


def test_hang_up_by_silence(started: Make) -> None:
    rig = started(replace(SPEC, silence_hang_up=5))
    rig.talking()
    rig.sounds(bytes(16000 * 4))
    rig.sounds(speech(1.0))
    rig.sounds(bytes(16000 * 4))
    assert not rig.told(Ended)
    rig.sounds(bytes(16000 * 2))
    assert rig.end() == Ended("fxo-1", 16, "far", "silence for 5 s")


def test_fax(rig: Rig) -> None:
    rig.talking()
    cng = fsk.pcm(fsk.sines((1100.0,), 500, -12.0), fsk.silence(3000))
    rig.sounds(cng * 4)
    rig.happens(Event.RX_CNG_DETECTED)
    assert rig.told(FaxHeard) == [FaxHeard("fxo-1", "cng")]


# Digits in a call


def test_digits_in_a_call_hold_our_audio_back_as_long(rig: Rig) -> None:
    rig.talking()
    rig.line.send_dtmf("1")
    rig.line.send_dtmf("2")
    assert rig.told(AudioFlow) == [AudioFlow("fxo-1", False)]
    assert not any(done.startswith("dial") for done in rig.wire.done), "what is written now would end it"
    rig.until(lambda: rig.wire.done[-1] == "dial 12")
    rig.line.send_dtmf("#")
    rig.happens(Event.DIALCOMPLETE)
    assert rig.wire.done[-1] == "dial #"
    assert len(rig.told(AudioFlow)) == 1
    rig.happens(Event.DIALCOMPLETE)
    assert rig.told(AudioFlow)[1:] == [AudioFlow("fxo-1", True)]


def test_a_lost_dial_complete_gives_our_audio_back(rig: Rig) -> None:
    rig.talking()
    rig.line.send_dtmf("5")
    rig.until(lambda: AudioFlow("fxo-1", True) in rig.events)


def test_wrong_digits_and_those_outside_of_a_call_are_not_sent(rig: Rig) -> None:
    rig.line.send_dtmf("1")
    rig.talking()
    rig.line.send_dtmf("x")
    rig.turn(0.1)
    assert not rig.told(AudioFlow)


def test_mending_flushes(rig: Rig) -> None:
    rig.talking()
    rig.wire.done.clear()
    rig.line.mend_audio()
    assert rig.wire.done == ["flush"]
