"""A line on a real tty driver: found, called, heard, pulled in mid-call, and back in service by itself."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.gsm.simulator import Bank, SubscriberCall
from gateways.line import Answered, AudioStarted, Ended, IncomingCall, LineLost, LineReady, LineRecovery
from gateways.loop import HardwareLoop
from tests.vm.guest.conftest import Make, Watch
from tests.vm.guest.far_modem import FarModem
from tests.vm.guest.line import PATIENCE, Line

NUMBER, CALLER = "+818000000001", "+819011112222"
FRAME = 320
SPEECH = b"".join(bytes([n % 251 + 1]) * FRAME for n in range(100))
"""Two seconds, each frame unlike the others and silence."""


@pytest.fixture(name="bank")
def bank_fixture(tmp_path: Path) -> Iterator[Bank]:
    with Bank(tmp_path / "bank", [NUMBER]) as bank:
        yield bank


@pytest.fixture(name="far")
def far_fixture(make: Make, bank: Bank) -> Iterator[FarModem]:
    """Plugged in."""
    far = FarModem(make(), bank, "gsm-1")
    far.plug()
    yield far
    far.unplug()


@pytest.fixture(name="line")
def line_fixture(loop: HardwareLoop, bank: Bank, far: FarModem, watch: Watch) -> Iterator[Line]:
    """In service."""
    place = watch.served().usb_path
    line = Line(loop, NUMBER, bank.modem("gsm-1").identity.imei, place)
    line.wait(LineReady)
    yield line
    line.close()


def call_in(bank: Bank, line: Line, since: int = 0) -> tuple[SubscriberCall, int]:
    """Return an answered call and the descriptor of its audio, the caller's to close."""
    call = bank.subscriber(CALLER).dial(NUMBER)
    assert line.wait(IncomingCall, since).number == CALLER
    line.do(line.modem.answer)
    line.wait(Answered, since)
    audio = line.wait(AudioStarted, since).fd
    assert call.wait_answered(PATIENCE)
    return call, audio


def echo(audio: int, until: threading.Event) -> None:
    """Send back what comes, until the line goes."""
    while not until.is_set():
        try:
            os.write(audio, os.read(audio, FRAME))
        except BlockingIOError:
            time.sleep(0.002)
        except OSError:
            return


def heard_back(call: SubscriberCall, audio: int) -> int:
    """Return how many of the frames said to the line came back whole."""
    over = threading.Event()
    thread = threading.Thread(target=echo, args=(audio, over))
    thread.start()
    try:
        assert call.play(SPEECH).wait(PATIENCE)
        time.sleep(1)
    finally:
        over.set()
        thread.join(5)
    pcm = call.heard_pcm()
    return sum(SPEECH[at : at + FRAME] in pcm for at in range(0, len(SPEECH), FRAME))


def test_a_call_with_its_audio_through_the_driver(bank: Bank, line: Line) -> None:
    call, audio = call_in(bank, line)
    whole = heard_back(call, audio)
    os.close(audio)
    print(f"{whole} of 100 frames came back whole")
    assert whole >= 80
    call.hang_up()
    assert line.wait(Ended).cause == 16


def test_pulled_in_mid_call_and_back_under_other_numbers(bank: Bank, line: Line, far: FarModem, watch: Watch) -> None:
    call, audio = call_in(bank, line)
    before = watch.served()
    far.unplug()
    line.wait(Ended)
    line.wait(LineLost)
    assert call.wait_ended(PATIENCE)
    assert watch.wait(lambda modems: not modems) == []
    # ``audio`` is still open, as it is while the media side has not heard yet: it keeps its tty's number taken.
    since = len(line.events)
    far.plug()
    line.wait(LineReady, since)
    after = watch.served()
    assert after.pcm_port != before.pcm_port
    with contextlib.suppress(OSError):
        os.close(audio)
    call, audio = call_in(bank, line, since)
    os.close(audio)
    call.hang_up()
    line.wait(Ended, since)
    assert len([event for event in line.events if isinstance(event, Ended)]) == 2


def test_a_hung_modem_is_reauthorised(bank: Bank, line: Line, far: FarModem, watch: Watch) -> None:
    """The ladder climbs until the rung that cures it, on the kernel's own switches."""
    since, looks = len(line.events), len(watch.history)
    bank.fault("gsm-1", "hang", cured_by="reauthorise")
    line.do(line.modem.reset)
    watch.wait(lambda _: any(all(not modem.ports for modem in told) for told in watch.history[looks:]))
    far.was_reauthorised()
    line.wait(LineReady, since)
    rungs = [event.rung for event in line.events[since:] if isinstance(event, LineRecovery)]
    assert rungs[-1] == "reauthorise"
    assert rungs.count("reauthorise") == 1
