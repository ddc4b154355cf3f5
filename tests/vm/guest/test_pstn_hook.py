"""What an FXO line and its exchange tell each other on real DAHDI: rings, hooks, digits, polarity, tones; delays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest

from gateways.pstn.dahdi import Channel, DahdiError, Event
from tests.pstn.exchange.fxs import FxsLine
from tests.pstn.exchange.fxsport import FxsPort
from tests.pstn.exchange.fxssubscriber import BUSY, Behaviour, FxsSubscriber
from tests.pstn.exchange.numberdisplay import ring_with_number
from tests.pstn.exchange.progresstones import seconds
from tests.vm.guest import dahdi, reversal
from tests.vm.guest.channels import events, opened, wait_event
from tests.vm.guest.farends import linear, noise, without_pauses

FXO, FXS = dahdi.ANALOGUE.ours.analogue[4], dahdi.ANALOGUE.exchange.analogue[4]
DEBOUNCE = 2.1
"""Seconds after a channel is opened or hung up in which DAHDI sees no ring (RING_DEBOUNCE_TIME)."""
SETTLED = 0.8
"""Seconds after which a loop that was closed is looked at again."""


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


@pytest.fixture(name="ends")
def ends_fixture() -> Iterator[tuple[Channel, FxsLine]]:
    with opened(FXO) as (ours,), FxsLine(FXS) as far:
        far.wait_on_hook(5)  # of the test before: seen as late as a flash may be long
        yield ours, far


@contextmanager
def calling(ours: Channel, far: FxsLine) -> Iterator[None]:
    """Both off-hook."""
    ours.off_hook()
    far.wait_off_hook(5)
    time.sleep(SETTLED)
    events(ours)
    yield


def learn_reversal() -> None:
    port = FxsPort(FXS + 1)
    reversal.learn(port.fd)
    port.close()


def power(audio: bytes, frequency: float) -> float:
    """The share of a frequency in audio (Goertzel, ITU-T O.162's idea of a level)."""
    samples = np.frombuffer(audio, "<i2").astype(float)
    wave = np.exp(-2j * np.pi * frequency / 8000 * np.arange(len(samples)))
    return float(2 * np.abs(samples @ wave) ** 2 / len(samples) / max(np.sum(samples**2), 1))


def test_a_ring_is_seen_at_its_beginning_and_its_end(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    time.sleep(DEBOUNCE)
    far.ring()
    begin, _ = wait_event(ours, Event.RINGBEGIN)
    end, _ = wait_event(ours, Event.RINGOFFHOOK)
    print(
        f"ring seen {1000 * begin:.0f} ms after it began, its end {1000 * (begin + end - 2):.0f} ms after it was over"
    )
    ours.off_hook()
    began = time.monotonic()
    print(f"off-hook seen by the exchange in {1000 * (far.wait_off_hook(5) - began):.0f} ms")
    assert begin < 0.5
    assert 1.5 < begin + end < 3


@pytest.mark.parametrize("before", [False, True])
def test_audio_comes_between_the_rings_or_before_them(before: bool) -> None:
    audio = b"".join(noise(25, 8))
    with opened(FXO, linear=False) as (ours,), FxsLine(FXS) as far:
        time.sleep(DEBOUNCE)
        ours.flush()
        began, heard, seen = time.monotonic(), bytearray(), []
        ring = threading.Thread(target=far.ring, args=(linear(audio),), kwargs={"before": before})
        ring.start()
        while time.monotonic() < began + 5:
            seen += [(round(time.monotonic() - began, 2), event.kind) for event in events(ours)]
            heard += ours.read()
            time.sleep(0.005)
        ring.join()
        at = heard.find(audio) / 8000
        print(f"audio at {at:.2f} s, {seen}")
        (ringing,) = [when for when, kind in seen if kind is Event.RINGBEGIN]
        assert at > 0
        if before:
            assert 0.1 < ringing - (at + 0.5) < 1.0
        else:
            assert 0.4 < at - (ringing + 2.0) < 1.2


def test_number_display_of_japan() -> None:
    """First answer, the number, reception, then the ring that is meant; the line stays reversed until the end."""
    data = b"".join(noise(25, 9))
    with opened(FXO, linear=False) as (ours,), FxsLine(FXS, "jp") as far:
        learn_reversal()
        time.sleep(DEBOUNCE)
        done: list[bool] = []
        ring = threading.Thread(target=lambda: done.append(ring_with_number(far, linear(data))))
        ring.start()
        wait_event(ours, Event.POLARITY)
        wait_event(ours, Event.RINGBEGIN)
        ours.off_hook()
        ours.flush()
        heard, until = bytearray(), time.monotonic() + 5
        while data not in without_pauses(heard) and time.monotonic() < until:
            events(ours)
            heard += ours.read()
            time.sleep(0.005)
        assert data in without_pauses(heard)
        ours.on_hook()
        ring.join(10)
        assert done == [True]
        time.sleep(DEBOUNCE)  # in which the driver sees no ring
        wait_event(ours, Event.RINGOFFHOOK)
        ours.off_hook()
        far.wait_off_hook(5)


def test_the_driver_sees_no_ring_right_after_it_was_opened(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    far.ring(cadence=(500, 4000))
    time.sleep(1.5)
    assert events(ours) == []
    far.stop_ringing()


def test_distinctive_ring(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    time.sleep(DEBOUNCE)
    far.ring(cadence=(400, 200, 800, 2000))
    began, seen = time.monotonic(), []
    for kind in (Event.RINGBEGIN, Event.RINGOFFHOOK, Event.RINGBEGIN, Event.RINGOFFHOOK):
        wait_event(ours, kind)
        seen.append(time.monotonic() - began)
    far.stop_ringing()
    print(f"400 ms on, 200 off, 800 on seen at {[round(one, 3) for one in seen]} s")
    assert [round(later - one, 1) for one, later in pairwise(seen)] == pytest.approx([0.4, 0.2, 0.8], abs=0.16)


def test_battery_drop_is_the_far_hang_up(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with calling(ours, far):
        assert ours.info().battery
        far.hang_up("battery")
        delay, _ = wait_event(ours, Event.ONHOOK)
        assert not ours.info().battery
        print(f"battery drop seen in {1000 * delay:.0f} ms")
        assert delay < 0.5
        time.sleep(1)
        assert ours.info().battery


def test_our_hang_up_reaches_the_exchange(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with calling(ours, far):
        began = time.monotonic()
        ours.on_hook()
        delay = far.wait_on_hook(5) - began
        print(f"on-hook seen by the exchange in {delay:.2f} s")
        assert delay == pytest.approx(1.25, abs=0.4)  # before it could be a flash


def test_polarity(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    learn_reversal()
    with calling(ours, far):
        for way in (True, False):
            far.reverse(way)
            delay, _ = wait_event(ours, Event.POLARITY)
            print(f"polarity reversal seen in {1000 * delay:.0f} ms")
        far.reverse(False)
        time.sleep(0.2)
        assert events(ours) == []  # as it was already


@pytest.mark.parametrize("pulse", [False, True])
def test_digits_reach_the_exchange(ends: tuple[Channel, FxsLine], pulse: bool) -> None:
    ours, far = ends
    wanted = "1590" if pulse else "159*0#D"
    with calling(ours, far):
        far.collect()
        far.tone("dial")
        ours.dial(wanted, pulse)
        assert ours.dialling
        delay, _ = wait_event(ours, Event.DIALCOMPLETE)
        print(f"{len(wanted)} digits by {'pulse' if pulse else 'tone'} took {delay:.1f} s")
        assert far.wait_digits(len(wanted), 5) == wanted
        assert not ours.dialling


def test_dialling_is_stopped_by_what_is_written_and_by_a_hook(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with calling(ours, far):
        far.collect()
        for stop in (lambda: ours.write(bytes(320)), lambda: ours.tone("busy"), ours.stop_dialling, ours.on_hook):
            ours.dial("1,,,,2")
            time.sleep(0.6)
            stop()
            assert not ours.dialling
        time.sleep(0.3)
        assert events(ours) == []


def test_digits_that_cannot_be_dialled(ends: tuple[Channel, FxsLine]) -> None:
    ours, _ = ends
    for digits, pulse in (("", False), ("12+", False), ("1*", True), ("1" * 255, False)):
        with pytest.raises(ValueError, match="cannot dial"):
            ours.dial(digits, pulse)


def test_a_flash(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with pytest.raises(DahdiError, match="hook does not rest"):
        ours.flash()
    with calling(ours, far):
        ours.flash()
        delay, _ = wait_event(ours, Event.HOOKCOMPLETE)
        print(f"a flash took {delay:.2f} s")
        time.sleep(0.2)
        assert far.count("flash") == 1
        assert far.off_hook


def test_tones_of_the_zone(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with calling(ours, far):
        for zone, frequencies in (("us", (350, 440)), ("jp", (400,))):
            ours.set_zone(zone)
            ours.tone("dial")
            time.sleep(0.2)
            far.record()
            time.sleep(0.5)
            ours.tone(None)
            heard = far.heard[:6400]
            assert sum(power(heard, frequency) for frequency in frequencies) > 0.9


def test_tones_of_the_exchange_reach_us(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    with calling(ours, far):
        far.tone("busy")
        time.sleep(1)
        ours.flush()
        heard = bytearray()
        while len(heard) < 32000:
            heard += ours.read()
            time.sleep(0.01)
        sound = [
            power(bytes(heard[at : at + 320]), 480) + power(bytes(heard[at : at + 320]), 620)
            for at in range(0, 32000, 320)
        ]
        loud = sum(one > 0.5 for one in sound)
        assert 40 <= loud <= 60  # half a second of each second


def test_the_exchange_serves_a_call(ends: tuple[Channel, FxsLine]) -> None:
    ours, far = ends
    says = seconds("us", "dial", 0.5)
    with FxsSubscriber(far, Behaviour(digits=4, connects_in=0.2, rings=0.5, says=says, talks=1.0)) as subscriber:
        ours.off_hook()
        time.sleep(SETTLED)
        ours.dial("4711")
        assert subscriber.wait_called(10) == "4711"
        wait_event(ours, Event.ONHOOK)
        ours.on_hook()
        far.wait_on_hook(5)
        subscriber.behaviour = BUSY
        time.sleep(SETTLED)
        ours.off_hook()
        time.sleep(SETTLED)
        ours.dial("12")
        assert subscriber.wait_called(10, 2) == "12"
