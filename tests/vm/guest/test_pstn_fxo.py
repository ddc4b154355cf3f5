"""FXO lines on real DAHDI, against an exchange on the other end of the loop: calls in and out, and who hangs up how."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from gateways.line import Answered, AudioFlow, Ended, FaxHeard, IncomingCall
from gateways.pstn.config.spec import FxoSpec
from tests.pstn.exchange import fsk, numberdisplay
from tests.pstn.exchange.fxs import FxsLine, HangUp
from tests.pstn.voice import speech
from tests.vm.guest.fxo_line import Line
from tests.vm.guest.fxo_pair import OURS, THEIRS, Make, Say, exchange_fixture, in_call, make_fixture, say_fixture  # noqa: F401

NUMBER = "0312345678"


# In


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        ("bell202", "ring"),
        ("v23", "ring"),
        ("dtmf", "ring"),
        ("v23", "polarity"),
        ("dtmf", "polarity"),
        ("dtmf", "polarity-india"),
        ("dtmf", "dtmf"),
    ],
)
def test_caller_id(make: Make, say: Say, kind: fsk.Kind, start: str) -> None:
    near, far = make(caller_id=kind, caller_id_start=start)
    name = "OFFICE" if kind != "dtmf" else None
    audio = fsk.caller_id_audio(kind, NUMBER, name, alert=start == "polarity" and kind == "v23")
    began = time.monotonic()
    far.ring(audio, before=start != "ring", reversal=start.startswith("polarity"))
    assert near.wait(IncomingCall) == IncomingCall("fxo-1", NUMBER, name=name)
    rung = next((one.at for one in far.seen if one.what == "ring-off"), None)
    when = f"{near.when(IncomingCall) - rung:.2f} s after the first ring" if rung else "in the first ring"
    say(f"caller ID {kind} at {start}: told {when}, {near.when(IncomingCall) - began:.2f} s after the exchange began")
    near.do(near.line.answer)
    far.wait_off_hook(5)
    assert len(near.told(IncomingCall)) == 1
    assert far.count("off-hook") == 1


def test_japan(make: Make, say: Say) -> None:
    near, far = make("jp", zone="jp", caller_id="v23-japan", caller_id_start="polarity")
    began = time.monotonic()
    assert numberdisplay.ring_with_number(far, fsk.caller_id_audio("v23-japan", NUMBER, called="5678"))
    assert near.wait(IncomingCall) == IncomingCall("fxo-1", NUMBER, called="5678")
    say(f"Japan: told {near.when(IncomingCall) - began:.2f} s after the reversal")
    near.do(near.line.answer)
    far.wait_off_hook(5)
    near.wait(Answered)
    assert far.count("off-hook") == 2, "once for the number, once for the call"


def test_a_call_carries_speech_both_ways(make: Make) -> None:
    near, far = make(echo_taps=0)
    in_call(near, far)
    far.record()
    words = speech(1.0)
    far.play(words)
    assert near.talker is not None
    near.talker.says = words
    time.sleep(3)
    heard, said = bytes(near.talker.heard), far.heard
    assert max(heard, default=0) > 0
    assert len([sample for sample in heard[1::2] if sample not in (0, 255)]) > 1000
    assert len([sample for sample in said[1::2] if sample not in (0, 255)]) > 1000
    near.do(near.line.hang_up)
    began = time.monotonic()
    assert far.wait_on_hook(5) - began < 3


@pytest.mark.parametrize("cadence", [(400, 200, 400, 2000), (800, 400, 800, 4000), (2000, 4000)])
def test_distinctive_ring(make: Make, cadence: tuple[int, ...]) -> None:
    numbers: dict[tuple[int, ...], str] = {(400, 200, 400, 2000): "+12125550101", (800, 400, 800, 4000): "+12125550102"}
    near, far = make(distinctive_ring=numbers)
    time.sleep(2)  # for so long after on-hook the driver tells of no ring's beginning
    far.ring(cadence=cadence)
    assert near.wait(IncomingCall).called == numbers.get(cadence)


def test_a_caller_who_gives_up(make: Make, say: Say) -> None:
    near, far = make()
    far.ring(cadence=(1000, 2000))
    far.wait_rings(4, 30)
    near.wait(IncomingCall)
    far.stop_ringing()
    last = far.seen[-1].at
    assert near.wait(Ended) == Ended("fxo-1", 16, "far", "it rings no more")
    say(f"the caller gives up (1 s, 2 s): noticed {near.when(Ended) - last:.2f} s after the last ring")


def test_a_ring_soon_after_a_call_is_not_lost(make: Make) -> None:
    near, far = make()
    in_call(near, far)
    far.hang_up()
    near.wait(Ended)
    far.wait_on_hook(5)
    far.ring()
    near.wait(IncomingCall, count=2)


# Who hangs up how


@pytest.mark.parametrize("how", ["battery", "polarity", "busy", "silence"])
def test_the_far_end_hangs_up(make: Make, say: Say, how: HangUp) -> None:
    near, far = make(hang_up_on_polarity=how == "polarity", silence_hang_up=10 if how == "silence" else 0)
    in_call(near, far)
    far.play(speech(4.0))
    far.wait_played(10)
    at = far.hang_up(how)
    texts = {
        "battery": "battery drop",
        "polarity": "polarity reversal",
        "busy": "busy tone",
        "silence": "silence for 10 s",
    }
    assert near.wait(Ended) == Ended("fxo-1", 16, "far", texts[how])
    say(f"hang-up by {how}: noticed after {near.when(Ended) - at:.3f} s")
    far.wait_on_hook(5)
    near.wait_state("idle")


# In a call


def test_digits_reach_the_exchange_though_somebody_talks(make: Make) -> None:
    near, far = make()
    in_call(near, far)
    assert near.talker is not None
    near.talker.says = speech(20.0)
    far.collect()
    for digit in "1590":
        near.do(partial(near.line.send_dtmf, digit))
        time.sleep(0.1)
    near.do(lambda: near.line.send_dtmf("*#"))
    assert far.wait_digits(6, 20) == "1590*#"
    near.until(lambda: near.told(AudioFlow)[-1].ready)


def test_a_fax_machine_calls(make: Make) -> None:
    near, far = make()
    in_call(near, far)
    far.repeat(fsk.pcm(fsk.sines((1100.0,), 500, -12.0), fsk.silence(3000)))
    assert near.wait(FaxHeard) == FaxHeard("fxo-1", "cng")


# The process

HOLDER = """
import sys
from gateways.pstn.config.spec import FxoSpec
from tests.vm.guest.fxo_line import Line
from gateways.line import IncomingCall
line = Line(FxoSpec("fxo-1", int(sys.argv[1]), caller_id="none"))
print("idle", flush=True)
line.wait(IncomingCall)
line.do(line.line.answer)
print("answered", flush=True)
sys.stdin.read()
"""


def test_a_killed_gateway_leaves_no_line_off_hook(make: Make, say: Say) -> None:
    with FxsLine(THEIRS[0]) as far:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(OURS[0])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "idle\n"
            far.ring()
            assert holder.stdout.readline() == "answered\n"
            far.wait_off_hook(5)
            time.sleep(1)
            at = time.monotonic()
            holder.send_signal(signal.SIGKILL)
            say(f"kill -9: the exchange sees on-hook after {far.wait_on_hook(10) - at:.2f} s")
        finally:
            holder.kill()
            holder.communicate()
        with Line(FxoSpec("fxo-1", OURS[0], caller_id="none")) as near:
            in_call(near, far)
