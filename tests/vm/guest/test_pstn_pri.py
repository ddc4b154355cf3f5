"""Calls on spans of real DAHDI against the exchange: an E1 with EuroISDN and a T1 with NI-2, signalling and audio."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import numpy as np
import pytest

from gateways.line import Alerting, Answered, AudioFlow, AudioStarted, Ended, IncomingCall, ShownCaller
from tests.measure import g711
from tests.pstn.exchange.behaviour import ANSWERS, BUSY
from tests.pstn.exchange.dtmfreceiver import DtmfReceiver
from tests.vm.guest.pri_rig import DID, PATIENCE, TOKYO, DahdiRig, rig

BLOCK = 160
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(name="rig", params=["euroisdn", "ni2"])
def rig_fixture(request: pytest.FixtureRequest) -> Iterator[DahdiRig]:
    with rig(request.param) as made:
        yield made


def test_the_span_comes_up_and_its_channels_are_restarted(rig: DahdiRig) -> None:
    rig.far.wait_restarted(timeout=PATIENCE)
    status = rig.statuses[-1]
    assert (status.state, status.layer2, status.channels) == ("up", True, len(rig.spec.lines))
    assert status.alarms == frozenset()
    rig.sound()


def test_a_call_out(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO)
    line = rig.line(5)
    line.dial(TOKYO, ShownCaller("+81355550001", "SATO"))
    rig.wait(Answered, timeout=PATIENCE)
    call = rig.exchange.wait_call(PATIENCE)
    assert (call.number, call.to, call.channel) == ("+81355550001", TOKYO, 5)
    assert call.name == ("SATO" if rig.spec.switch == "ni2" else None)
    assert len(rig.of(Alerting)) == len(rig.of(AudioStarted)) == 1
    line.hang_up(17)
    rig.sound()
    assert call.wait_ended().cause == 17


def test_a_call_in(rig: DahdiRig) -> None:
    call = rig.exchange.call(to=DID, number="+819012345678", name="TARO", redirecting="+12025550100", channel=7)
    told = rig.wait(IncomingCall, timeout=PATIENCE)
    assert told == IncomingCall(rig.line(7).name, "9012345678", DID, "TARO", "+12025550100")
    rig.line(7).answer()
    rig.until(lambda: call.history and call.history[-1].what == "connect", PATIENCE)
    call.hang_up(21)
    assert rig.wait(Ended, timeout=PATIENCE) == Ended(rig.line(7).name, 21, "far")
    rig.sound()


def test_a_refusal_has_its_cause(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO).behaves(BUSY)
    rig.line(1).dial(TOKYO)
    assert rig.wait(Ended, timeout=PATIENCE) == Ended(rig.line(1).name, 17, "far")
    call = rig.exchange.call(to=DID, channel=2)
    rig.wait(IncomingCall, timeout=PATIENCE)
    rig.line(2).hang_up(1)
    rig.sound()
    assert call.wait_ended().cause == 1


def test_audio_passes_both_ways_without_a_lost_sample(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO)
    far = rig.bearer(3)
    rig.line(3).dial(TOKYO)
    fd = rig.wait(AudioStarted, timeout=PATIENCE).fd
    kind = 8 if rig.spec.law == "alaw" else 0
    # Every code of the law but the loudest, of which DAHDI's tables leave some out.
    codes = bytes(code for code in range(256) if abs(int(g711.decode(bytes((code,)), kind)[0])) < 30000) * 5
    ours, theirs = g711.decode(codes, kind), codes[::-1]
    heard_there, heard_here = bytearray(), bytearray()
    sent_here = sent_there = 0
    ends = time.monotonic() + PATIENCE
    while not (
        _within(ours, g711.decode(bytes(heard_there), kind))
        and _within(g711.decode(theirs, kind), np.frombuffer(bytes(heard_here), "<i2"))
    ):
        assert time.monotonic() < ends, (len(heard_there), len(heard_here))
        if sent_here < len(codes):
            sent_here += _put(fd, ours[sent_here : sent_here + BLOCK].astype("<i2").tobytes()) // 2
        if sent_there < len(theirs) and far.write(theirs[sent_there : sent_there + BLOCK]):
            sent_there += BLOCK
        heard_there += far.read()
        heard_here += _get(fd)
        rig.loop.turn(0.005)
    far.close()
    rig.line(3).hang_up()
    rig.sound()


def _within(sent: g711.Samples, heard: g711.Samples) -> bool:
    """All that was sent was heard, in one piece; half a step of the law is allowed: DAHDI rounds in its own way."""
    wanted = sent.astype(np.int32)
    allowed = 16 + np.abs(wanted) // 16
    got = heard.astype(np.int32)
    places = max(len(got) - len(wanted) + 1, 0)
    begins = np.flatnonzero(np.abs(got[:places] - wanted[0]) <= allowed[0])
    return any(bool(np.all(np.abs(got[at : at + len(wanted)] - wanted) <= allowed)) for at in begins)


def _put(fd: int, data: bytes) -> int:
    try:
        return os.write(fd, data)
    except OSError:
        return 0


def _get(fd: int) -> bytes:
    try:
        return os.read(fd, 2 * BLOCK)
    except OSError:
        return b""


def test_digits_are_sent_in_the_audio(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO)
    far = rig.bearer(4)
    rig.line(4).dial(TOKYO)
    rig.wait(Answered, timeout=PATIENCE)
    rig.line(4).send_dtmf("159D#")
    receiver, digits = DtmfReceiver(), ""
    kind = 8 if rig.spec.law == "alaw" else 0
    ends = time.monotonic() + PATIENCE
    while digits != "159D#":
        assert time.monotonic() < ends, digits
        rig.loop.turn(0.01)
        while block := far.read():
            digits += receiver.hear(g711.decode(block, kind).astype("<i2").tobytes())
    rig.until(lambda: rig.of(AudioFlow)[-1:] == [AudioFlow(rig.line(4).name, True)], PATIENCE)
    far.close()
    rig.line(4).hang_up()
    rig.sound()


def test_every_channel_at_once(rig: DahdiRig) -> None:
    rig.exchange.subscriber(TOKYO).behaves(ANSWERS)
    for line in rig.span.lines.values():
        line.dial(TOKYO)
    rig.until(lambda: len(rig.of(Answered)) == len(rig.span.lines), 2 * PATIENCE)
    for line in rig.span.lines.values():
        line.hang_up()
    rig.sound()
