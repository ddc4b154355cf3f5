"""Calls on an analogue line: who hangs up how, and calls that go out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateways.line import (
    Alerting,
    Answered,
    DialRefused,
    Ended,
    FaxHeard,
    IncomingCall,
)
from gateways.pstn.fxoactions import Dial, Hook, Listen, Ringback, StartAudio
from gateways.pstn.fxostate import Phase
from gateways.pstn.hearing import Sound
from tests.pstn.fxo_bench import (
    BELL,
    PLAN,
    SPEC,
    TIMES,
    Bench,
)

# The far end hangs up


@pytest.mark.parametrize("answered", [True, False], ids=["incoming", "outgoing"])
def test_battery_drop(answered: bool) -> None:
    bench = Bench()
    if answered:
        bench.talking()
    else:
        bench.dialled()
        bench.hear(Sound.RINGBACK)
    bench.take(bench.call.battery_dropped(bench.now))
    assert bench.end() == Ended("fxo-1", 16 if answered else 31, "far", "battery drop")
    assert bench.shown == "cooling-down"
    assert not bench.take(bench.call.battery_dropped(bench.now)), "the second is nothing"


def test_hang_up_by_polarity_is_guarded_after_the_answer() -> None:
    bench = Bench(replace(SPEC, hang_up_on_polarity=True))
    bench.talking()
    bench.wait(0.5)
    assert not bench.take(bench.call.polarity(bench.now))
    bench.wait(0.2)
    bench.take(bench.call.polarity(bench.now))
    assert bench.end() == Ended("fxo-1", 16, "far", "polarity reversal")


@pytest.mark.parametrize(
    ("sound", "text"),
    [
        (Sound.BUSY, "busy tone"),
        (Sound.CONGESTION, "congestion tone"),
        (Sound.DIAL, "dial tone"),
        (Sound.SILENCE, "silence for 30 s"),
    ],
)
def test_hang_up_by_what_is_heard(sound: Sound, text: str) -> None:
    bench = Bench(replace(SPEC, silence_hang_up=30))
    bench.talking()
    bench.hear(Sound.VOICE, sound)
    assert bench.end() == Ended("fxo-1", 16, "far", text)
    patient = Bench(replace(SPEC, silence_hang_up=30))
    patient.talking()
    patient.call.patient = True
    patient.hear(sound)
    assert not patient.told(Ended)


def test_what_is_switched_off_ends_nothing() -> None:
    bench = Bench(replace(SPEC, busy="off"))
    bench.talking()
    bench.hear(Sound.BUSY, Sound.SILENCE, Sound.CONGESTION, Sound.DIAL, Sound.RINGBACK)
    bench.wait(1.0)
    bench.take(bench.call.polarity(bench.now))
    assert not bench.told(Ended)


def test_fax_is_told_once_a_call() -> None:
    bench = Bench()
    for _ in range(2):
        bench.talking()
        bench.hear(Sound.FAX_CNG, Sound.FAX_CNG, Sound.FAX_CED)
        bench.take(bench.call.hang_up(16, bench.now))
        bench.wait(TIMES.cooling)
    assert bench.told(FaxHeard) == [FaxHeard("fxo-1", "cng")] * 2


# A call goes out


def test_outgoing() -> None:
    bench = Bench()
    bench.dial()
    assert Hook(True, seize=True) in bench.outputs
    assert bench.told(Listen)[-1] == Listen("dial")
    assert not bench.told(Dial)
    bench.hear(Sound.DIAL)
    assert bench.told(Dial) == [Dial(PLAN)]
    bench.wait(1.0)
    assert not bench.told(StartAudio)
    bench.take(bench.call.dialled(bench.now))
    assert bench.told(StartAudio), "before the answer, so that the first word finds its way ready"
    assert bench.told(Listen)[-1] == Listen("progress")
    bench.hear(Sound.RINGBACK)
    assert bench.told(Alerting)
    bench.hear(Sound.VOICE)
    assert bench.told(Answered) == [Answered("fxo-1", "heard")]
    assert len(bench.told(StartAudio)) == 1
    assert bench.told(Listen)[-1] == Listen("call")


def test_no_dial_tone() -> None:
    bench = Bench()
    bench.dial()
    bench.wait(SPEC.wait_dial_tone)
    assert bench.end() == Ended("fxo-1", 27, "line", "no dial tone: is the line connected?")
    assert not bench.loop_closed()
    assert not bench.told(Dial)


def test_blind() -> None:
    bench = Bench(replace(SPEC, wait_dial_tone=0))
    bench.dial()
    bench.wait(TIMES.blind - 0.01)
    assert not bench.told(Dial)
    bench.wait(0.01)
    assert bench.told(Dial)


def test_glare() -> None:
    bench = Bench(BELL)
    bench.dial()
    bench.wait(0.1)
    bench.take(bench.call.ring_ended(bench.now))
    assert bench.end() == Ended("fxo-1", 44, "line", "a call came in first")
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]
    assert bench.loop_closed(), "the exchange has put him through"
    assert bench.told(Ringback) == [Ringback(True)]
    bench.wait(60.0)
    bench.hear(Sound.SILENCE)
    bench.take(bench.call.answer(bench.now))
    assert bench.told(Ringback)[-1] == Ringback(False)
    assert bench.told(Answered) == [Answered("fxo-1", "reported")]
    assert bench.told(Listen)[-1] == Listen("call"), "afresh: silence counts from now on"


def test_the_end_of_a_ring_long_after_is_no_glare() -> None:
    bench = Bench()
    bench.dial()
    bench.wait(1.3)
    assert not bench.take(bench.call.ring_ended(bench.now)), "the driver says so of a line without battery"


def test_glare_and_the_caller_gives_up() -> None:
    bench = Bench()
    bench.dial()
    bench.ring()
    bench.take(bench.call.battery_dropped(bench.now))
    assert [ended.cause for ended in bench.told(Ended)] == [44, 16]
    assert not bench.loop_closed()


def test_a_lost_dial_complete_does_not_stop_the_call() -> None:
    bench = Bench()
    bench.dial()
    bench.hear(Sound.DIAL)
    bench.wait(PLAN.seconds + TIMES.dialling_slack)
    assert bench.call.phase is Phase.PROGRESS


@pytest.mark.parametrize(
    ("sound", "cause"),
    [(Sound.BUSY, 17), (Sound.CONGESTION, 42), (Sound.UNOBTAINABLE, 1), (Sound.DIAL, 27)],
)
def test_the_exchange_refuses(sound: Sound, cause: int) -> None:
    bench = Bench()
    bench.dialled()
    bench.hear(sound)
    assert (bench.end().cause, bench.end().who) == (cause, "far")


def test_dial_tone_may_last_a_moment_after_dialling() -> None:
    bench = Bench()
    bench.dial()
    bench.hear(Sound.DIAL)
    bench.take(bench.call.dialled(bench.now))
    bench.hear(Sound.DIAL)
    assert not bench.told(Ended)


def test_busy_instead_of_dial_tone() -> None:
    bench = Bench()
    bench.dial()
    bench.hear(Sound.BUSY)
    assert bench.end() == Ended("fxo-1", 34, "far", "busy tone instead of dial tone")


@pytest.mark.parametrize(
    ("ringback", "sound", "confidence"),
    [
        (True, Sound.VOICE, "heard"),
        (True, Sound.SILENCE, "claimed"),
        (True, Sound.FAX_CED, "heard"),
        (False, Sound.VOICE, "claimed"),
    ],
)
def test_answer_by_audio(ringback: bool, sound: Sound, confidence: str) -> None:
    bench = Bench()
    bench.dialled()
    if ringback:
        bench.hear(Sound.RINGBACK)
    bench.hear(sound)
    assert [answered.confidence for answered in bench.told(Answered)] == [confidence]
    assert bool(bench.told(FaxHeard)) == (sound is Sound.FAX_CED)


def test_silence_before_ringback_answers_nothing() -> None:
    bench = Bench()
    bench.dialled()
    bench.hear(Sound.SILENCE)
    assert not bench.told(Answered)


def test_answer_by_polarity_only() -> None:
    bench = Bench(replace(SPEC, answer_on_polarity=True, hang_up_on_polarity=True))
    bench.dialled()
    bench.hear(Sound.RINGBACK, Sound.VOICE, Sound.SILENCE)
    assert not bench.told(Answered)
    bench.take(bench.call.polarity(bench.now))
    assert bench.told(Answered) == [Answered("fxo-1", "reported")]
    bench.wait(5.0)
    bench.take(bench.call.polarity(bench.now))
    assert bench.end().text == "polarity reversal"


def test_a_busy_line_refuses_to_dial() -> None:
    bench = Bench()
    bench.talking()
    bench.dial()
    assert bench.told(DialRefused) == [DialRefused("fxo-1", 34, "the line is active")]
    assert not bench.told(Ended)
