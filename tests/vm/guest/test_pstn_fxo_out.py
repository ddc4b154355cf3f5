"""Calls out over FXO lines on real DAHDI: dial tone, tones and pulses, who answers how, glare."""

from __future__ import annotations

import time

import pytest

from gateways.line import Alerting, Answered, AudioStarted, Ended, IncomingCall
from tests.pstn.exchange.fxssubscriber import Behaviour, FxsSubscriber
from tests.pstn.voice import speech
from tests.vm.guest.fxo_pair import OURS, THEIRS, Make, Say, exchange_fixture, in_call, make_fixture, say_fixture  # noqa: F401


def test_out_by_tones_answered_by_voice(make: Make, say: Say) -> None:
    near, far = make()
    with FxsSubscriber(far, Behaviour(digits=10, says=speech(4.0), rings=7.0)) as called:
        began = time.monotonic()
        near.do(lambda: near.line.dial("2125550123"))
        near.wait(AudioStarted)
        assert called.wait_called(30) == "2125550123"
        near.wait(Alerting)
        assert near.wait(Answered) == Answered("fxo-1", "heard")
        assert called.answered_at is not None
        say(f"out: ring-back told {near.when(Alerting) - began:.2f} s after dialling began, "
            f"answer {near.when(Answered) - called.answered_at:.2f} s after the first word")  # fmt: skip
        assert near.when(AudioStarted) < near.when(Answered)


def test_out_by_pulses_answered_by_polarity(make: Make, say: Say) -> None:
    near, far = make(pulse=True, answer_on_polarity=True)
    with FxsSubscriber(far, Behaviour(digits=4, polarity=True, rings=2.0)) as called:
        near.do(lambda: near.line.dial("4702"))
        assert called.wait_called(60) == "4702"
        assert near.wait(Answered) == Answered("fxo-1", "reported")
        time.sleep(1)  # the exchange notes it after it has done it
        assert called.answered_at is not None
        say(f"answer by polarity: told {1000 * (near.when(Answered) - called.answered_at):.0f} ms after it")


def test_out_blind_through_a_pbx(make: Make) -> None:
    near, far = make(wait_dial_tone=0.0)
    with FxsSubscriber(far, Behaviour("rings", dial_tone_after=None, digits=5)) as called:
        near.do(lambda: near.line.dial("0w,2345"))
        assert called.wait_called(30) == "02345"
        near.wait(Alerting)
        near.do(lambda: near.line.hang_up(19))
        assert near.wait(Ended) == Ended("fxo-1", 19, "near")
        far.wait_on_hook(5)


@pytest.mark.parametrize(("ends", "cause"), [("busy", 17), ("congestion", 42), ("unobtainable", 1)])
def test_the_exchange_refuses(make: Make, say: Say, ends: str, cause: int) -> None:
    near, far = make()
    with FxsSubscriber(far, Behaviour(ends, digits=4)) as called:  # type: ignore[arg-type]
        near.do(lambda: near.line.dial("5551"))
        called.wait_called(30)
        at = time.monotonic()
        ended = near.wait(Ended)
        assert (ended.cause, ended.who) == (cause, "far")
        say(f"{ends}: {near.when(Ended) - at:.2f} s after the last digit")
        far.wait_on_hook(5)


def test_no_dial_tone(make: Make) -> None:
    near, far = make()
    near.do(lambda: near.line.dial("5551"))
    far.wait_off_hook(5)
    assert near.wait(Ended) == Ended("fxo-1", 27, "line", "no dial tone: is the line connected?")
    far.wait_on_hook(5)
    assert far.count("pulse") == 0


def test_glare(make: Make) -> None:
    near, far = make()
    time.sleep(2)

    def both() -> None:
        far.ring()
        time.sleep(0.2)  # the driver's word of the ring waits for our loop, which dials
        near.line.dial("5551")

    near.do(both)
    near.wait(IncomingCall)
    assert near.told(Ended) == [Ended("fxo-1", 44, "line", "a call came in first")]
    far.wait_off_hook(5)
    far.record()
    time.sleep(3)
    assert any(far.heard), "he hears ring-back"
    near.do(near.line.answer)
    assert near.wait(Answered) == Answered("fxo-1", "reported")
    near.wait(AudioStarted)
    far.hang_up()
    near.until(lambda: [ended.text for ended in near.told(Ended)][1:] == ["battery drop"])
