"""Busy tones learned from recordings, and heard again as they may differ another day."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from gateways.pstn.hearing import Hearing, Sound
from gateways.pstn.learn import BusyTone, LearnError, learn
from gateways.pstn.tones import Cadence
from tests.pstn.babble import Samples, a_law, at_level, hold_music, melody, pieces, spoken
from tests.pstn.exchange.fsk import pcm, silence, sines
from tests.pstn.lineaudio import NO_TONES, line, tone

TONES = [
    Cadence((425.0,), (500, 500)),
    Cadence((480.0, 620.0), (500, 500)),
    Cadence((480.0, 620.0), (300, 200)),
    Cadence((450.0,), (350, 350)),
    Cadence((400.0,), (400, 350, 225, 525)),
    Cadence((425.0,), (200, 200, 200, 200, 200, 600)),
    Cadence((440.0,), (150, 150)),
    Cadence((350.0, 440.0), (250, 250)),
    Cadence((612.0,), (310, 340)),
    Cadence((1000.0,), (1000, 1000)),
    Cadence((450.0,), (130, 170, 400, 675)),
]
OTHER_DAYS = [*itertools.product((0.985, 1.015), (0.9, 1.1), (-35.0, 0.0)), (1.0, 1.0, -18.0)]  # pitch, tempo, level


def speech(seconds: float, seed: int = 1, level: float = -18.0) -> Samples:
    return at_level(spoken(random.Random(seed)), level)[: round(seconds * 8000)]


def heard(tone_learned: BusyTone, audio: bytes, busy_count: int = 6) -> list[Sound]:
    hearing = Hearing(NO_TONES, busy_count, learned=tone_learned)
    return [sound for at in range(0, len(audio), 640) for sound in hearing.hear(audio[at : at + 640])]


def same(learned: BusyTone, cadence: Cadence, level: float) -> bool:
    """Whether it is that tone: 0.5 %, 10 ms and 1.5 dB."""
    return (
        len(learned.frequencies) == len(cadence.frequencies)
        and np.allclose(learned.frequencies, cadence.frequencies, rtol=0.005)
        and len(learned.cadence) == len(cadence.times)
        and np.allclose(learned.cadence, cadence.times, atol=10)
        and abs(learned.level_dbm0 - level) <= 1.5
    )


@pytest.mark.parametrize("cadence", TONES, ids=str)
@pytest.mark.parametrize(
    ("level", "before"),
    [(-12.0, "silence"), (-35.0, "speech"), (-3.0, "melody"), (-20.0, "click")],
)
def test_learns(cadence: Cadence, level: float, before: str) -> None:
    lead = {
        "silence": silence(1500),
        "speech": speech(8),
        "melody": at_level(melody(random.Random(4), 5.0), -18),
        "click": np.concatenate([speech(2), 30_000 * np.exp(-np.arange(400) / 60), silence(300)]),
    }[before]
    audio = line(lead, silence(270), tone(cadence, 11_000, level))
    assert same(learn(audio), cadence, level)


def test_learns_through_a_law_and_from_an_odd_number_of_bytes() -> None:
    cadence = TONES[0]
    recording = np.concatenate([speech(3), tone(cadence, 8000, -22)])
    assert same(learn(pcm(a_law(recording)) + b"\x01"), cadence, -22)


def test_learns_what_is_followed_by_something_else() -> None:
    """The exchange gives up after a while: silence, or dial tone."""
    cadence = TONES[3]
    for after in (silence(9000), sines((450.0,), 4000, -15), speech(6)):
        assert same(learn(line(speech(2), tone(cadence, 8000), silence(1200), after)), cadence, -15)


@pytest.mark.parametrize("cadence", TONES[:9], ids=str)
def test_hears_what_it_learned(cadence: Cadence) -> None:
    """The recording itself, and tones as much off as other days and other lines make them."""
    recording = line(speech(4), silence(600), tone(cadence, 7 * sum(cadence.times) + 500, -20))
    learned = learn(recording)
    assert heard(learned, recording, busy_count=3) == [Sound.BUSY]
    enough = max(7 * sum(cadence.times), 3200) * 1.2
    for pitch, tempo, level in OTHER_DAYS:
        audio = line(speech(3, seed=2), silence(350), tone(cadence, enough, level, pitch, tempo), noise_dbm0=-45)
        assert heard(learned, audio) == [Sound.BUSY], (pitch, tempo, level)


@pytest.mark.parametrize(("pitch", "tempo"), [(1.06, 1.0), (0.94, 1.0), (1.0, 1.4), (1.0, 0.7)])
def test_does_not_hear_another_tone(pitch: float, tempo: float) -> None:
    cadence = TONES[0]
    learned = learn(line(tone(cadence, 9000)))
    assert heard(learned, line(silence(300), tone(cadence, 14_000, -18, pitch, tempo))) == []


def says(audio: bytes) -> str:
    with pytest.raises(LearnError) as refused:
        learn(audio)
    return str(refused.value)


def test_refuses_a_short_recording() -> None:
    assert "only 2.0 s long" in says(line(tone(TONES[0], 2000)))
    assert "only 0.0 s long" in says(b"")


@pytest.mark.parametrize("nothing", [silence(9000), np.random.default_rng(1).normal(0, 900, 72_000)])
def test_refuses_silence_and_noise(nothing: Samples) -> None:
    text = says(line(nothing))
    assert "No tone was found" in text
    assert "record" in text


def test_refuses_a_dial_tone() -> None:
    text = says(line(speech(3), silence(300), sines((425,), 9000, -15)))
    assert "425 Hz goes on without a pause for 9.0 s" in text
    assert "polarity" in text


def test_refuses_too_few_cycles_and_tells_how_many() -> None:
    text = says(line(speech(4), silence(500), tone(TONES[0], 1900), silence(600)))
    assert "Only 2 cycles of a tone of 425 Hz" in text
    assert "4 are needed" in text


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_refuses_speech_and_music(seed: int) -> None:
    for kind, samples in pieces(60, seed=seed):
        if kind in ("speech", "humming"):
            says(pcm(samples))
    if len(hold_music()):
        says(pcm(hold_music()))


def test_any_samples() -> None:
    chance = np.random.default_rng(2)
    for level in (1, 300, 32767):
        says(chance.integers(-level, level + 1, 40_000).astype("<i2").tobytes())
    says(b"\xff\x7f" * 40_000)
