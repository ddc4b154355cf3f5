"""A call comes in on an analogue line: who calls, by each way of telling it, and that he has given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateways.line import (
    Answered,
    DialRefused,
    Ended,
    IncomingCall,
    LineStateChanged,
)
from gateways.pstn.fxoactions import Listen, StartAudio, StopAudio
from tests.pstn.fxo_bench import (
    BELL,
    DTMF,
    INDIA,
    JAPAN,
    NUMBER,
    SPEC,
    TIMES,
    UK,
    WHO,
    Bench,
)


def test_without_caller_id_the_first_ring_tells() -> None:
    bench = Bench()
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]
    bench.wait(1.0)
    bench.take(bench.call.answer(bench.now))
    assert bench.loop_closed()
    assert bench.told(Answered) == [Answered("fxo-1", "reported")]
    assert bench.told(StartAudio)
    bench.take(bench.call.ring_ended(bench.now + 0.05))
    bench.take(bench.call.hang_up(16, bench.now))
    assert bench.end() == Ended("fxo-1", 16, "near")
    assert not bench.loop_closed()
    assert bench.told(StopAudio)


def test_number_between_first_and_second_ring() -> None:
    bench = Bench(BELL)
    bench.burst(2.0)
    assert bench.told(Listen)[-1] == Listen("caller-id")
    bench.wait(1.5)
    assert not bench.told(IncomingCall)
    bench.take(bench.call.identified(WHO, bench.now))
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", NUMBER, name="OFFICE")]
    assert bench.told(Listen)[-1] == Listen("nothing")
    assert bench.told(LineStateChanged)[-1].caller == NUMBER
    bench.wait(2.5)
    bench.burst(2.0)
    assert len(bench.told(IncomingCall)) == 1


@pytest.mark.parametrize("begin", [True, False], ids=["both events", "ends only"])
def test_no_number_delays_to_the_second_ring_at_most(begin: bool) -> None:
    bench = Bench(BELL)
    began = bench.now
    bench.burst(2.0, begin)
    bench.wait(3.9)
    assert not bench.told(IncomingCall)
    bench.wait(0.1)
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]
    assert bench.now - began <= 6.06


def test_a_short_pause_between_rings_tells_at_the_second() -> None:
    bench = Bench(BELL)
    bench.burst(1.0)
    bench.wait(2.0)
    assert not bench.told(IncomingCall)
    bench.ring()
    assert bench.told(IncomingCall)


def test_the_british_double_ring_is_one() -> None:
    bench = Bench(BELL)
    bench.burst(0.4)
    bench.wait(0.15)
    bench.burst(0.4)
    assert not bench.told(IncomingCall)
    bench.take(bench.call.identified(WHO, bench.now + 1.0))
    assert bench.told(IncomingCall)


def test_number_after_the_reversal() -> None:
    bench = Bench(UK)
    bench.take(bench.call.polarity(bench.now))
    assert bench.shown == "incoming"
    assert bench.told(Listen)[-1] == Listen("caller-id")
    bench.wait(1.5)
    bench.take(bench.call.identified(WHO, bench.now))
    assert not bench.told(IncomingCall), "it does not ring yet"
    bench.wait(0.3)
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", NUMBER, name="OFFICE")]


def test_no_number_after_the_reversal_does_not_delay() -> None:
    bench = Bench(UK)
    bench.take(bench.call.polarity(bench.now))
    bench.wait(2.0)
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]


def test_a_reversal_that_comes_to_nothing() -> None:
    bench = Bench(UK)
    bench.take(bench.call.polarity(bench.now))
    bench.dial()
    assert bench.told(DialRefused)
    bench.wait(TIMES.prelude)
    assert bench.shown == "idle"
    assert not bench.told(IncomingCall)
    assert not bench.told(Ended)


def test_a_reversal_means_nothing_where_the_number_comes_after_the_ring() -> None:
    bench = Bench(BELL)
    assert not bench.take(bench.call.polarity(bench.now))


def test_digits_before_the_ring_without_announcement() -> None:
    bench = Bench(DTMF)
    assert bench.told(Listen)[-1] == Listen("caller-id"), "at all times"
    bench.take(bench.call.identified(WHO, bench.now))
    assert bench.shown == "incoming"
    bench.wait(0.5)
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", NUMBER, name="OFFICE")]
    bench.take(bench.call.answer(bench.now))
    bench.take(bench.call.hang_up(16, bench.now))
    bench.wait(TIMES.cooling)
    assert bench.told(Listen)[-1] == Listen("caller-id")


@pytest.mark.parametrize("announced", ["reversal", "short ring", "both"])
def test_india(announced: str) -> None:
    bench = Bench(INDIA)
    if announced != "short ring":
        bench.take(bench.call.polarity(bench.now))
        bench.wait(0.2)
    if announced != "reversal":
        bench.burst(0.3)
    assert not bench.told(IncomingCall)
    bench.wait(1.5)
    bench.take(bench.call.identified(WHO, bench.now))
    bench.wait(0.5)
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", NUMBER, name="OFFICE")]


def car(bench: Bench, reversal: bool = True, begin: bool = True) -> None:
    """NTT's announcement, up to our first answer."""
    if reversal:
        bench.take(bench.call.polarity(bench.now))
        bench.wait(0.3)
    bench.burst(0.5, begin)
    if not begin:
        assert not bench.loop_closed(), "an end alone may be of any ring"
        bench.wait(0.45)
        bench.burst(0.5, begin)


@pytest.mark.parametrize(("reversal", "begin"), [(True, True), (False, True), (True, False)])
def test_japan(reversal: bool, begin: bool) -> None:
    bench = Bench(JAPAN)
    car(bench, reversal, begin)
    assert bench.loop_closed()
    assert bench.told(Listen)[-1] == Listen("caller-id")
    bench.wait(1.2)
    bench.take(bench.call.identified(replace(WHO, called="5678"), bench.now))
    assert not bench.loop_closed(), "the data are taken"
    assert not bench.told(IncomingCall)
    bench.wait(1.5)
    bench.burst(1.0)
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", NUMBER, called="5678", name="OFFICE")]
    bench.take(bench.call.answer(bench.now))
    assert bench.loop_closed()
    assert bench.shown == "active"


def test_japan_without_data_rings_on() -> None:
    bench = Bench(JAPAN)
    car(bench)
    bench.wait(TIMES.receiving - 0.01)
    assert bench.loop_closed()
    bench.wait(0.01)
    assert not bench.loop_closed()
    bench.wait(1.0)
    bench.ring()
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]


@pytest.mark.parametrize("begin", [True, False])
def test_japan_an_ordinary_ring_is_not_answered(begin: bool) -> None:
    bench = Bench(JAPAN)
    bench.burst(1.0, begin)
    bench.wait(2.0)
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None)]
    bench.burst(1.0, begin)
    assert not bench.loop_closed()


def test_japan_the_caller_gives_up_while_we_take_his_number() -> None:
    bench = Bench(JAPAN)
    car(bench)
    bench.take(bench.call.battery_dropped(bench.now))
    assert bench.shown == "cooling-down"
    assert not bench.told(Ended), "a call that nobody was told of"


@pytest.mark.parametrize(
    ("pattern", "called"),
    [((2.0,), None), ((0.4, 0.2, 0.4), "+441"), ((0.8, 0.4, 0.8), "+442"), ((0.38, 0.22, 0.41), "+441")],
)
def test_distinctive_ring(pattern: tuple[float, ...], called: str | None) -> None:
    cadences: dict[tuple[int, ...], str] = {(400, 200, 400, 2000): "+441", (800, 400, 800, 4000): "+442"}
    bench = Bench(replace(SPEC, distinctive_ring=cadences))
    for at, seconds in enumerate(pattern):
        if at % 2:
            bench.wait(seconds - 0.05)
        else:
            bench.burst(seconds)
    assert not bench.told(IncomingCall)
    bench.wait(1.0)
    assert bench.told(IncomingCall) == [IncomingCall("fxo-1", None, called=called)]


@pytest.mark.parametrize(
    ("on", "pause", "rings", "within"),
    [(2.0, 4.0, 1, 7.1), (2.0, 4.0, 4, 6.1), (1.0, 2.0, 4, 3.1), (1.0, 5.0, 5, 7.1)],
    ids=["one ring", "US", "Japan", "Sweden"],
)
def test_a_caller_who_gives_up(on: float, pause: float, rings: int, within: float) -> None:
    bench = Bench()
    for _ in range(rings):
        bench.burst(on)
        bench.wait(pause - 0.05)
    assert not bench.told(Ended)
    bench.wait(within - pause)
    assert bench.end() == Ended("fxo-1", 16, "far", "it rings no more")
    assert bench.shown == "idle"


def test_a_refused_caller_rings_on() -> None:
    bench = Bench()
    bench.burst(2.0)
    bench.take(bench.call.hang_up(17, bench.now))
    assert bench.end() == Ended("fxo-1", 17, "near")
    assert bench.shown == "ending"
    bench.wait(4.0)
    bench.burst(2.0)
    assert len(bench.told(IncomingCall)) == 1
    bench.wait(7.0)
    assert bench.shown == "idle"
    bench.ring()
    assert len(bench.told(IncomingCall)) == 2


def test_a_ring_while_cooling_down_is_a_call() -> None:
    bench = Bench()
    bench.talking()
    bench.take(bench.call.battery_dropped(bench.now))
    bench.take(bench.call.ring_ended(bench.now + 0.05))
    assert bench.shown == "cooling-down", "the end of the ring that we answered"
    bench.wait(1.0)
    bench.ring()
    assert len(bench.told(IncomingCall)) == 2
