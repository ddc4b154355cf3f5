"""Speech on the PCM port: pace, content, and what happens when the host is late or away."""

import math
import os
import random
import time
from array import array
from itertools import pairwise
from statistics import median

from gateways.gsm.simulator import Bank, SubscriberCall
from gateways.gsm.simulator.tones import DTMF_HZ, SILENCE

from .host import AtHost, PcmHost

CALLER = "+819012345678"
LINE = "+818000000001"


def connect(bank: Bank, at: AtHost, number: str = LINE) -> SubscriberCall:
    at.command("+QPCMV=1,0")
    call = bank.subscriber(CALLER).dial(number)
    at.expect("RING")
    assert at.command("A")[-1] == "OK"
    assert call.wait_answered(1)
    return call


def power(samples: "array[int]", hertz: float) -> float:
    """Goertzel: the power at one frequency, relative to all of the block's."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / 8000)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    total = sum(s * s for s in samples) or 1
    return 2 * (before**2 + last**2 - coefficient * before * last) / (total * len(samples))


def test_audio_flows_soon_after_the_answer_at_fifty_frames_a_second(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    connected = time.monotonic_ns()
    chunks = pcm.read_for(1.5)
    assert chunks[0][0] - connected < 80_000_000
    spoken = call.spoken()
    begin = spoken[5][0]
    second = [at_ns for at_ns, _ in spoken if begin <= at_ns < begin + 1_000_000_000]
    assert abs(len(second) - 50) <= 2
    gaps = [b - a for (a, _), (b, _) in pairwise(spoken)]
    assert abs(median(gaps) - 20_000_000) < 2_000_000
    received = sum(len(data) for _, data in chunks)
    assert abs(received // 320 - len(spoken)) <= 1
    call.hang_up()


def test_no_drift(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    pcm.read_for(1.0)
    spoken = call.spoken()
    count = len(spoken) - 1
    # Frame n is due at n * 20 ms from the first; the last one tells of drift, a single late one does not matter.
    late = min(spoken[n][0] - spoken[0][0] - n * 20_000_000 for n in range(count - 9, count + 1))
    assert abs(late) < 10_000_000
    call.hang_up()


def test_what_is_said_arrives_bit_for_bit_and_in_place(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    speech = random.Random(1).randbytes(320 * 25)
    piece = call.play(speech)
    got = b"".join(data for _, data in pcm.read_for(0.8))
    assert speech in got
    assert piece.wait(0.1)
    assert piece.first is not None
    spoken = call.spoken()
    assert b"".join(frame for _, frame in spoken[piece.first : piece.first + 25]) == speech
    assert spoken[-1][1] == SILENCE
    call.hang_up()


def test_what_the_host_says_is_heard_bit_for_bit_with_its_arrival(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.05)
    speech = random.Random(2).randbytes(320 * 5)
    sent = time.monotonic_ns()
    for part in range(0, len(speech), 500):  # not in frames: a host may write as it likes
        pcm.write(speech[part : part + 500])
    assert call.wait_heard(5, 1.0)
    assert call.heard_pcm() == speech
    assert 0 < call.heard()[0][0] - sent < 50_000_000
    call.hang_up()


def test_nothing_comes_out_of_a_call_or_without_qpcmv(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    at.command("+QPCMV=1,0")
    pcm.write(b"x" * 640)
    assert pcm.read_for(0.1) == []
    call = connect(bank, at)
    assert pcm.read_for(0.2)
    at.command("+QPCMV=0")
    pcm.read_for(0.05)
    assert pcm.read_for(0.15) == []
    at.command("+QPCMV=1,0")
    assert pcm.read_for(0.1)
    call.hang_up()
    call.wait_ended(1)
    pcm.read_for(0.05)
    assert pcm.read_for(0.1) == []
    assert bank.modem("gsm-1").voice.counts.discarded == 640
    assert call.heard() == []


def test_a_host_that_does_not_read_loses_frames_and_holds_nobody_up(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.5)
    counts = bank.modem("gsm-1").voice.counts
    assert counts.dropped > 5
    assert abs(len(call.spoken()) - 25) <= 4
    call.hang_up()
    call.wait_ended(1)
    mark = os.urandom(320)
    call = connect(bank, at)
    call.play(mark * 3)
    got = b"".join(data for _, data in pcm.read_for(0.3))
    # What was left unread of the first call does not delay the second.
    assert got.index(mark) <= 320 * 12
    call.hang_up()


def test_late_and_too_many_frames_are_counted(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.06)
    pcm.write(SILENCE * 12)
    time.sleep(0.4)
    counts = bank.modem("gsm-1").voice.counts
    assert counts.received == 12
    assert counts.overruns >= 1
    assert counts.underruns >= 3
    call.hang_up()


def test_digits_are_dtmf_tones_with_standard_timing(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    at.command("+QTONEDET=1")
    call = connect(bank, at)
    piece = call.send_digits("159#")
    got = b"".join(data for _, data in pcm.read_for(1.0))
    assert piece.wait(0.1)
    samples = array("h", got)
    begin = next(n for n, s in enumerate(samples) if abs(s) > 500)
    for number, digit in enumerate("159#"):
        start = begin - 1 + number * 1280
        tone, pause = samples[start + 40 : start + 600], samples[start + 660 : start + 1260]
        assert all(power(tone, hertz) > 0.45 for hertz in DTMF_HZ[digit])
        assert sum(power(tone, hertz) for hertz in (697, 770, 852, 941)) < 0.7
        assert max(map(abs, pause)) == 0
    assert [at.expect("+QTONEDET") for _ in "159#"] == [f"+QTONEDET: {ord(digit)}" for digit in "159#"]
    call.hang_up()


def test_vts_is_heard_as_a_tone_by_the_far_end(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.06)
    assert at.command("+VTD=2;+VTS=7") == ["OK"]
    assert at.command('+VTS="12",1') == ["OK"]
    time.sleep(0.8)
    assert [digit for _, digit in call.digits] == ["7", "1", "2"]
    samples = array("h", call.heard_pcm())
    assert all(power(samples[80:1520], hertz) > 0.45 for hertz in DTMF_HZ["7"])
    call.hang_up()


def test_mute_silences_the_uplink_only(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    call = connect(bank, at)
    time.sleep(0.05)
    at.command("+CMUT=1")
    pcm.write(b"\x11\x11" * 160)
    assert call.wait_heard(1, 1.0)
    assert call.heard_pcm() == SILENCE
    call.hang_up()


def test_speech_passes_between_two_modems(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    other, there = AtHost(bank.at_path("gsm-2")), PcmHost(bank.pcm_path("gsm-2"))
    other.command("E0+QPCMV=1,0")
    at.command("+QPCMV=1,0")
    at.command("D+818000000002;")
    other.expect("RING")
    other.command("A")
    there.read_for(0.1)
    speech = os.urandom(320 * 4)
    pcm.write(speech)
    assert speech in b"".join(data for _, data in there.read_for(0.3))
    other.close()
    there.close()


def test_the_loop_test_returns_the_hosts_own_voice(at: AtHost, pcm: PcmHost) -> None:
    at.command("+QPCMV=1,0;+QAUDLOOP=1")
    pcm.read_for(0.05)
    speech = os.urandom(640)
    pcm.write(speech)
    assert speech in b"".join(data for _, data in pcm.read_for(0.2))
    at.command("+QAUDLOOP=0")
    pcm.read_for(0.05)
    assert pcm.read_for(0.1) == []


def test_background_noise_and_frame_sources(bank: Bank, at: AtHost, pcm: PcmHost) -> None:
    bank.subscriber(CALLER).noise_dbm0 = -50.0
    call = connect(bank, at)
    frames = iter([b"\x01" * 320, b"\x02" * 100])
    call.play(lambda: next(frames, None))
    call.play([b"\x03" * 640])
    got = b"".join(data for _, data in pcm.read_for(0.4))
    assert b"\x01" * 320 + b"\x02" * 100 + bytes(220) + b"\x03" * 640 in got
    last = array("h", got[-320:])
    assert 1 < max(map(abs, last)) < 1000
    call.hang_up()
