"""Channels of real DAHDI: audio to the bit, a monitor beside the reader, errors that tell what to do, the close."""

from __future__ import annotations

import array
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.pstn import dahdi as layer
from gateways.pstn.dahdi import Channel, DahdiError, DChannel, Event, Monitor
from gateways.pstn.g711 import gain_table
from tests.pstn.dahdi_layout import RECORDED, compiled
from tests.vm.guest import dahdi
from tests.vm.guest.channels import BLOCK, call, carried, events, opened, wait_event
from tests.vm.guest.farends import linear, noise

ROOT = Path(__file__).parents[3]
FXO, FXS = dahdi.ANALOGUE.ours.analogue[:6], dahdi.ANALOGUE.exchange.analogue[:6]
SPEECH = b"".join(noise(50, 1))
"""A second of A-law bytes."""


@pytest.fixture(name="exchange", autouse=True, scope="module")
def exchange_fixture() -> Iterator[None]:
    with dahdi.exchange():
        yield


def test_the_header_is_the_one_that_was_recorded() -> None:
    (include,) = Path("/usr/src").glob("dahdi-*/include")

    assert compiled(include) == RECORDED


def test_companded_audio_is_bit_exact_both_ways() -> None:
    with call(FXO[0], FXS[0], linear=False) as (ours, far):
        assert SPEECH in carried(far, [ours], SPEECH)[0]
        assert SPEECH in carried(ours, [far], SPEECH)[0]


def test_linear_audio_is_exact_both_ways() -> None:
    wanted = linear(SPEECH)
    with call(FXO[0], FXS[0]) as (ours, far):
        assert wanted in carried(far, [ours], wanted)[0]
        assert wanted in carried(ours, [far], wanted)[0]


@pytest.mark.parametrize(("pair", "law"), [(dahdi.E1, "alaw"), (dahdi.T1, "ulaw")])
def test_bearer_channels_are_in_audio_mode(pair: dahdi.Pair, law: layer.Law) -> None:
    source = random.Random(3)
    speech = bytes(source.randrange(1, 0x50) for _ in range(BLOCK * 25))  # negative zero is not kept, nor µ-law's 0x00
    with opened(pair.ours.bearers[-1], linear=False) as (ours,), opened(pair.exchange.bearers[-1]) as (far,):
        assert ours.info().law == law
        assert linear(speech, law) in carried(ours, [far], speech)[0]
        assert speech in carried(far, [ours], linear(speech, law))[0]


def test_a_monitor_hears_what_somebody_else_reads() -> None:
    with call(FXO[0], FXS[0]) as (ours, far), contextlib.closing(Monitor(FXO[0])) as monitor:
        wanted = linear(SPEECH)
        read, monitored = carried(far, [ours, monitor], wanted)

        assert wanted in read
        assert wanted in monitored
        assert linear(SPEECH) not in carried(ours, [monitor], wanted)[0]  # what we send is not heard


def test_gains_are_applied_and_taken_back() -> None:
    louder = bytes(gain_table("alaw", 6.0)[byte] for byte in SPEECH)
    with call(FXO[0], FXS[0], linear=False) as (ours, far):
        ours.set_gains(6.0, 0.0)
        assert louder in carried(far, [ours], SPEECH)[0]
        ours.set_gains(0.0, 6.0)
        assert louder in carried(ours, [far], SPEECH)[0]
        ours.set_gains(0.0, 0.0)
        assert SPEECH in carried(far, [ours], SPEECH)[0]


def test_a_flush_forgets_what_was_heard() -> None:
    with call(FXO[0], FXS[0], linear=False) as (ours, far):
        far.write(SPEECH[:BLOCK])
        time.sleep(0.3)
        ours.flush()
        time.sleep(0.1)
        assert not set(ours.read()) & set(SPEECH[:20])


def test_the_echo_canceller_cancels() -> None:
    """What we say comes back 12 dB weaker, as from a hybrid (ITU-T G.168); after three seconds of it there is less."""
    source = random.Random(5)
    said = array.array("h", (source.randint(-4000, 4000) for _ in range(4 * 8000))).tobytes()
    powers = []
    for taps in (0, 128):
        with call(FXO[1], FXS[1]) as (ours, far):
            far.set_gains(0, -12)
            far.loop_back(True)
            ours.echo_cancel(taps)
            heard = array.array("h", carried(ours, [ours], said)[0])
            powers.append(sum(value * value for value in heard[24000:28000]) / 4000)
            ours.echo_cancel(0)
    print(f"echo without and with the canceller, mean squares: {powers}")
    assert powers[0] > 100000
    assert powers[1] < powers[0] / 10


def test_errors_tell_what_to_do() -> None:
    unconfigured = max(channel for pair in dahdi.PAIRS for channel in pair.exchange.analogue) + 100
    with opened(FXO[0]):
        with pytest.raises(DahdiError, match="another program has it: `fuser -v /dev/dahdi/channel`"):
            Channel(FXO[0])
        with pytest.raises(DahdiError, match="there is no such channel"):
            Channel(unconfigured)
        with pytest.raises(DahdiError, match="it is fxsks, no D channel"):
            DChannel(FXO[1])
        with opened(FXO[1]) as (other,), pytest.raises(DahdiError, match="write loadzone=fr in /etc/"):
            other.set_zone("fr")
        with pytest.raises(DahdiError, match="span 99 is not there"):
            layer.span(99)


def test_a_user_who_may_not() -> None:
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
    try:
        with pytest.raises(DahdiError, match="must be in the group of /dev/dahdi"):
            Channel(FXO[0])
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def test_spans_and_channels_are_told() -> None:
    spans = {span.number: span for span in layer.spans()}
    for pair, kind in ((dahdi.MIXED, "t1"), (dahdi.E1, "e1")):
        span = spans[pair.ours.span]
        assert (span.kind, span.channels, span.configured, span.alarms) == (kind, pair.size, pair.size, frozenset())
        assert span.first_channel == min(pair.ours.analogue + pair.ours.bearers)
        assert span.hardware_id == span.name
    assert layer.channel_info(FXO[0]).signalling == "fxsks"
    assert layer.channel_info(FXO[0]).fxo
    assert layer.channel_info(FXS[0]).signalling == "fxoks"
    assert layer.channel_info(dahdi.E1.ours.d).signalling == "hdlcfcs"
    assert layer.channel_info(dahdi.E1.ours.bearers[0]).position == 1
    assert layer.driver_version().startswith(("2.11", "3.1"))


def test_frames_of_a_d_channel() -> None:
    with (
        contextlib.closing(DChannel(dahdi.T1.ours.d)) as ours,
        contextlib.closing(DChannel(dahdi.T1.exchange.d)) as far,
    ):
        frame = bytes(range(40))
        time.sleep(0.1)
        events(ours, far)  # the idle line before was no HDLC
        for sender, other in ((ours, far), (far, ours)):
            assert sender.write(frame + bytes(2)) == len(frame) + 2
            time.sleep(0.3)
            assert other.read()[:-2] == frame
            assert other.read() == b""
            assert events(ours, far) == []


def test_a_duplicate_keeps_the_channel_open_but_on_hook() -> None:
    with call(FXO[2], FXS[2]) as (ours, far):
        copy = ours.duplicate()
        ours.close()
        wait_event(far, Event.ONHOOK, 5)
        with pytest.raises(DahdiError, match="another program has it"):
            Channel(FXO[2])
        os.close(copy)
        with opened(FXO[2]):
            pass


HOLDER = """
import sys, time
from gateways.pstn.dahdi import Channel
channel = Channel(int(sys.argv[1]))
channel.off_hook()
time.sleep(600)
"""


def test_a_killed_process_leaves_no_channel_off_hook() -> None:
    with opened(FXS[3]) as (far,):
        holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(FXO[3])], cwd=ROOT)
        wait_event(far, Event.RINGOFFHOOK)
        far.off_hook()
        time.sleep(0.8)
        assert layer.channel_info(FXS[3]).off_hook
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        delay, _ = wait_event(far, Event.ONHOOK, 5)
        print(f"on-hook at the exchange {delay:.2f} s after a kill -9, of which 1.25 are a flash's longest")
        assert delay < 3
        assert not layer.channel_info(FXS[3]).off_hook
        with opened(FXO[3]) as (ours,):
            assert events(ours) == []
