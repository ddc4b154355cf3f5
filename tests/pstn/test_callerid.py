"""Caller identities as audio: two generators, ours by the standards and spandsp's, and what a line does to them."""

from __future__ import annotations

import random
from datetime import datetime
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.pstn import callerid, clipfields, clipframes
from gateways.pstn.callerid import CallerIdentity, CallerIdReceiver, Kind, SentAt
from tests.pstn import adsi
from tests.pstn.babble import a_law, noise, pieces
from tests.pstn.exchange import fsk

KINDS: tuple[Kind, ...] = get_args(Kind)
MODEMS: tuple[Kind, ...] = ("bell202", "v23", "v23-japan")
WHEN = datetime(2024, 9, 11, 15, 30)
MESSAGE = fsk.mdmf([(fsk.DATE, b"09111530"), (fsk.NUMBER, b"0312345678"), (fsk.NAME, b"TARO YAMADA")])
NTT = fsk.ntt_message([(fsk.NUMBER, b"09012345678"), (fsk.NTT_NUMBER_PLAN, b"\x21"), (fsk.NTT_CALLED, b"0312345678")])


def receive(kind: Kind, audio: bytes, step: int = 320) -> list[CallerIdentity]:
    """Feed audio in chunks."""
    receiver = CallerIdReceiver(kind)
    heard = [receiver.hear(audio[at : at + step]) for at in range(0, len(audio), step)]
    return [identity for identity in heard if identity is not None]


def on_a_line(kind: Kind, level: float = -13.5, over_noise: float = 25.0, **framing: float) -> list[CallerIdentity]:
    """Send the message through noise and A-law."""
    message = NTT if kind == "v23-japan" else MESSAGE
    sent = np.concatenate([fsk.silence(150), fsk.framed(kind, message, level=level, **framing), fsk.silence(150)])  # type: ignore[arg-type]
    return receive(kind, fsk.pcm(a_law(sent + noise(len(sent), level - over_noise, 1))))


@pytest.mark.parametrize("kind", KINDS)
def test_number(kind: Kind) -> None:
    (identity,) = receive(kind, fsk.caller_id_audio(kind, "09012345678"))
    assert (identity.number, identity.withheld, identity.absence) == ("09012345678", False, None)


@pytest.mark.parametrize("kind", ["bell202", "v23"])
def test_all_fields(kind: Kind) -> None:
    audio = fsk.caller_id_audio(kind, "0312345678", "J. Muñoz", WHEN, called="5550100", alert=kind == "v23")
    assert receive(kind, audio) == [
        CallerIdentity("0312345678", "J. Muñoz", called="5550100", at=SentAt(9, 11, 15, 30)),
    ]


def test_single_message() -> None:
    audio = fsk.caller_id_audio("bell202", "5551234", when=WHEN, single=True)
    assert receive("bell202", audio) == [CallerIdentity("5551234", at=SentAt(9, 11, 15, 30))]
    withheld = fsk.caller_id_audio("bell202", "", when=WHEN, single=True, withheld="private")
    assert receive("bell202", withheld)[0].withheld


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("why", ["private", "unavailable"])
def test_why_there_is_no_number(kind: Kind, why: fsk.Absence) -> None:
    (identity,) = receive(kind, fsk.caller_id_audio(kind, "", withheld=why))
    assert (identity.number, identity.absence, identity.withheld) == (None, why, why == "private")


def test_japan_tells_the_number_dialled_and_the_reason() -> None:
    (identity,) = receive("v23-japan", fsk.caller_id_audio("v23-japan", "09012345678", called="0345670001"))
    assert (identity.number, identity.called) == ("09012345678", "0345670001")
    (identity,) = receive("v23-japan", fsk.caller_id_audio("v23-japan", "", withheld="payphone", called="0345670001"))
    assert (identity.absence, identity.withheld, identity.called) == ("payphone", False, "0345670001")


@pytest.mark.parametrize("octets", range(12, 20))
def test_japan_message_of_any_length(octets: int) -> None:
    """Sixteen octets make the length a DLE, which is sent twice: adsi_rx, which counts, does not find the end."""
    digits = bytes(48 + at % 10 for at in range(octets - 5))
    audio = fsk.pcm(
        fsk.silence(50), fsk.framed("v23-japan", fsk.ntt_message([(2, digits), (0x21, b"1")])), fsk.silence(50)
    )
    assert [identity.number for identity in receive("v23-japan", audio)] == [digits.decode()]
    assert bool(adsi.receive(adsi.JCLIP, audio)) == (octets != 16)


@pytest.mark.parametrize(
    ("keys", "identity"),
    [
        ("A9812345678C", CallerIdentity("9812345678")),  # India
        ("D9812345678C", CallerIdentity("9812345678")),  # China, Taiwan, Kuwait
        ("A12345678D5550100C", CallerIdentity("12345678", redirected_from="5550100")),
        ("A12345678#", CallerIdentity("12345678")),  # Denmark, the Netherlands
        ("D1#", CallerIdentity(withheld=True, absence="private")),
        ("D3#", CallerIdentity(absence="unavailable")),
        ("B10C", CallerIdentity(withheld=True, absence="private")),
        ("B00C", CallerIdentity(absence="unavailable")),
        ("12345678#", CallerIdentity("12345678")),
        ("0112345678", CallerIdentity("0112345678")),  # no begin, no end
    ],
)
def test_dtmf_variants(keys: str, identity: CallerIdentity) -> None:
    audio = fsk.pcm(fsk.silence(200), fsk.dtmf(keys, level=-20, on=65, off=65), fsk.silence(900))
    assert receive("dtmf", audio) == [identity]


def test_spandsp_transmitter_agrees() -> None:
    fields = [(1, b"10011750"), (2, b"5551212"), (7, b"Steve Underwood")]
    expected = [CallerIdentity("5551212", "Steve Underwood", at=SentAt(10, 1, 17, 50))]
    assert receive("bell202", adsi.transmit(adsi.CLASS, 0x80, fields)) == expected
    assert receive("v23", adsi.transmit(adsi.CLIP, 0x80, fields)) == expected
    single = adsi.transmit(adsi.CLASS, 0x04, [(0, b"100117505551212")])
    assert receive("bell202", single) == [CallerIdentity("5551212", at=SentAt(10, 1, 17, 50))]
    ntt = [(2, b"0312345678"), (0x21, b"215"), (9, b"87654321"), (0x22, b"215")]
    assert receive("v23-japan", adsi.transmit(adsi.JCLIP, 0x40, ntt)) == [
        CallerIdentity("0312345678", called="87654321")
    ]
    dtmf = adsi.transmit(adsi.CLIP_DTMF, ord("C"), [(ord("A"), b"12345678"), (ord("D"), b"87654321")])
    assert receive("dtmf", dtmf) == [CallerIdentity("12345678", redirected_from="87654321")]


@pytest.mark.parametrize("kind", ["bell202", "v23"])
def test_our_transmitter_is_understood_by_spandsp(kind: Kind) -> None:
    audio = fsk.pcm(fsk.silence(50), fsk.framed(kind, MESSAGE), fsk.silence(50))
    assert adsi.receive(adsi.CLASS if kind == "bell202" else adsi.CLIP, audio) == [MESSAGE[:-1]]


@pytest.mark.parametrize("kind", MODEMS)
@pytest.mark.parametrize("level", [-8.0, -13.5, -22.0, -30.0, -36.0])
def test_levels(kind: Kind, level: float) -> None:
    assert len(on_a_line(kind, level)) == 1


@pytest.mark.parametrize("kind", MODEMS)
def test_noise_and_stray_frequencies(kind: Kind) -> None:
    assert len(on_a_line(kind, over_noise=16.0)) == 1
    assert len(on_a_line(kind, offset=0.98)) == 1
    assert len(on_a_line(kind, offset=1.02)) == 1


@pytest.mark.parametrize("kind", MODEMS)
@pytest.mark.parametrize(("seizure", "mark"), [(0, 180), (0, 30), (300, 20), (60, 60)])
def test_short_preambles(kind: Kind, seizure: int, mark: int) -> None:
    assert len(on_a_line(kind, seizure=seizure, mark=mark)) == 1


@pytest.mark.parametrize("kind", MODEMS)
def test_more_stop_bits(kind: Kind) -> None:
    assert len(on_a_line(kind, stop_bits=4)) == 1


@pytest.mark.parametrize("step", [2, 34, 640, 100_000])
@pytest.mark.parametrize("kind", KINDS)
def test_chunks_of_any_length(kind: Kind, step: int) -> None:
    audio = fsk.caller_id_audio(kind, "0312345678")
    assert receive(kind, audio, step) == receive(kind, audio)


def test_ring_bursts_and_clicks_before_the_data() -> None:
    """A false octet right before a message shifts it for adsi_rx; and ringing has been heard by then."""
    seconds = np.arange(16_000) / 8000
    ring = 20_000 * np.sin(2 * np.pi * 25 * seconds)
    click = fsk.fsk([1] * 40 + fsk.octet_bits(b"\x80") + [1] * 4 + fsk.octet_bits(MESSAGE) + [1] * 9, 2200, 1200)
    audio = fsk.pcm(ring, fsk.silence(400), click, fsk.silence(50))
    assert [identity.number for identity in receive("bell202", audio)] == ["0312345678"]


@pytest.mark.parametrize("kind", MODEMS)
def test_damage_is_noticed(kind: Kind) -> None:
    message = NTT if kind == "v23-japan" else MESSAGE
    chance = random.Random(3)
    for _ in range(60):
        at, bit = chance.randrange(len(message)), 1 << chance.randrange(8)
        damaged = message[:at] + bytes([message[at] ^ bit]) + message[at + 1 :]
        assert (
            receive(kind, fsk.pcm(fsk.silence(20), fsk.framed(kind, damaged, seizure=0, mark=30), fsk.silence(20)))
            == []
        )


def test_messages_that_are_no_call() -> None:
    waiting = fsk.mdmf([(0x0B, b"\xff"), (fsk.NUMBER, b"5551212")], message_type=0x82)
    assert receive("bell202", fsk.pcm(fsk.framed("bell202", waiting))) == []
    silent = fsk.ntt_message([(0x13, b"\x30")], service=0x42)  # NTT: a message for the phone, without ringing
    assert receive("v23-japan", fsk.pcm(fsk.framed("v23-japan", silent))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_speech_and_noise_are_nobody(kind: Kind) -> None:
    for _, samples in pieces(40, seed=7):
        assert receive(kind, fsk.pcm(samples)) == []
    assert receive(kind, fsk.pcm(noise(80_000, -15, 1))) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-2, 1), max_size=600), st.booleans())
def test_any_bits(bits: list[int], japan: bool) -> None:
    finder = clipframes.NttFinder if japan else clipframes.MessageFinder
    for message in clipframes.Messages(finder, (-2, -1)).take(bits):
        clipfields.read_ntt(message) if japan else clipfields.read_message(message)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=60))
def test_any_message_with_its_checksum_right(body: bytes) -> None:
    for kind in (0x04, 0x80):
        message = fsk.with_checksum(bytes([kind, len(body)]) + body)
        (found,) = clipframes.Messages(clipframes.MessageFinder, (-2, -1)).take(fsk.octet_bits(message)) or [
            message[:-1]
        ]
        clipfields.read_message(found)
    clipfields.read_ntt(b"\x40" + body)
    clipframes.ntt_message(body)


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789ABCD*#", max_size=70))
def test_any_digits(keys: str) -> None:
    clipfields.read_dtmf(keys)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=4000), st.sampled_from(KINDS), st.integers(1, 999))
def test_any_audio(audio: bytes, kind: Kind, step: int) -> None:
    receive(kind, audio, step)


def test_windows() -> None:
    for kind in KINDS:
        for start in get_args(callerid.Start):
            window = callerid.window(kind, start)
            assert window.earliest < window.latest <= 9000
    assert callerid.window("v23-japan", "ring").event == "answer"
