"""What a line hears: every country's tones, how calls go on, hang-ups, and what is none."""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
import pytest

from gateways.pstn.hearing import Hearing, Sound, Stage
from gateways.pstn.tones import TONES, BusyTone, Cadence, ToneSet
from tests.pstn.babble import Samples, at_level, pieces, spoken
from tests.pstn.exchange.fsk import dtmf, silence, sines
from tests.pstn.false_hangup import all_countries, listen
from tests.pstn.lineaudio import NO_TONES, line, tone

JAPAN = TONES["JP"]
BUSY_TONES = sorted(
    {(one.frequencies, one.times) for tones in TONES.values() for one in (*tones.busy, *tones.congestion)}
)
HANG_UPS = {Sound.BUSY, Sound.CONGESTION}


def hear(hearing: Hearing, audio: bytes, step: int = 640) -> list[tuple[Sound, float]]:
    """Feed audio; return each sound with the second in which it was told."""
    heard = []
    for at in range(0, len(audio), step):
        heard += [(sound, (at + step) / 16000) for sound in hearing.hear(audio[at : at + step])]
    return heard


def sounds(hearing: Hearing, audio: bytes) -> list[Sound]:
    return [sound for sound, _ in hear(hearing, audio)]


def speech(seconds: float, level: float = -18.0, seed: int = 1) -> Samples:
    """Somebody speaks, from the first sample on."""
    said = at_level(spoken(random.Random(seed)), level)
    return said[np.argmax(np.abs(said) > 200) :][: round(seconds * 8000)]


def only(cadence: Cadence) -> ToneSet:
    return ToneSet("XX", "us", (), (), (cadence,), (), ())


@pytest.mark.parametrize(("frequencies", "times"), BUSY_TONES)
@pytest.mark.parametrize(("level", "pitch", "tempo"), [(-15, 1, 1), (-35, 0.985, 1.1), (0, 1.015, 0.9)])
def test_each_busy_tone_ends_a_call(
    frequencies: tuple[float, ...], times: tuple[int, ...], level: float, pitch: float, tempo: float
) -> None:
    cadence = Cadence(frequencies, times)
    period = sum(times) / 1000
    count = max(6, round(2.5 / period + 0.5))
    audio = line(silence(730), tone(cadence, 1000 * period * tempo * (count + 2), level, pitch, tempo), noise_dbm0=-45)
    ((sound, second),) = hear(Hearing(only(cadence), 6), audio)
    assert sound is Sound.BUSY
    assert second - 0.73 <= (count * period) * tempo + 0.25


@pytest.mark.parametrize("country", ["JP", "US", "IN", "PH", "GB", "DE", "CN", "AU"])
@pytest.mark.parametrize("cycles", [5, 7])
def test_cycles_are_counted(country: str, cycles: int) -> None:
    busy = TONES[country].busy[0]
    audio = line(speech(3), silence(400), tone(busy, sum(busy.times) * cycles - busy.times[-1]), silence(2000))
    assert sounds(Hearing(TONES[country], 6), audio) == ([Sound.BUSY] if cycles > 6 else [])


@pytest.mark.parametrize("country", sorted(TONES))
def test_a_call_that_we_make(country: str) -> None:
    tones = TONES[country]
    ringback = tones.ringback[0]
    audio = line(
        silence(1200), tone(ringback, 2 * sum(ringback.times)), speech(4), silence(300), tone(tones.busy[0], 6000)
    )
    told = hear(Hearing(tones, stage="progress"), audio)
    assert [sound for sound, _ in told] == [Sound.RINGBACK, Sound.VOICE, Sound.BUSY]
    rung = sum(ringback.times[:-1]) / 1000
    assert 1.2 + rung < told[0][1] < 1.2 + rung + 1.6
    assert told[1][1] - 1.2 - 2 * sum(ringback.times) / 1000 < 1.5


@pytest.mark.parametrize("country", sorted(TONES))
def test_dial_tone(country: str) -> None:
    for dial in TONES[country].dial:
        ((sound, second),) = hear(Hearing(TONES[country], stage="dial"), line(silence(300), tone(dial, 4000)))
        assert sound is Sound.DIAL
        assert second - 0.3 < 1.6


@pytest.mark.parametrize("country", ["JP", "IN", "SG", "US", "LA"])
def test_busy_is_no_dial_tone(country: str) -> None:
    for busy in TONES[country].busy:
        told = sounds(Hearing(TONES[country], stage="dial"), line(silence(300), tone(busy, 5 * sum(busy.times))))
        assert Sound.DIAL not in told


def test_dial_tone_in_a_call_must_last() -> None:
    tones = TONES["DE"]
    assert sounds(Hearing(tones), line(tone(tones.dial[0], 4000), silence(500))) == []
    assert sounds(Hearing(tones), line(tone(tones.dial[0], 6000), silence(500))) == [Sound.DIAL]


@pytest.mark.parametrize("country", sorted({c for c, t in TONES.items() if t.unobtainable}))
def test_number_unobtainable(country: str) -> None:
    for cadence in TONES[country].unobtainable:
        audio = line(silence(500), tone(cadence, max(9000, 2.5 * sum(cadence.times))))
        assert sounds(Hearing(TONES[country], stage="progress"), audio)[:1] == [Sound.UNOBTAINABLE]


@pytest.mark.parametrize(
    "parts",
    [
        ((950, 330), (0, 15), (1400, 330), (0, 15), (1800, 330)),
        ((913.8, 274), (1370.6, 274), (1776.7, 380)),
        ((985.2, 380), (1428.5, 274), (1776.7, 380)),
        ((950, 330), (0, 30), (1400, 330), (0, 30), (1800, 330)),
    ],
)
def test_special_information_tone(parts: tuple[tuple[float, float], ...]) -> None:
    sit = [sines((hertz,), ms, -22) if hertz else silence(ms) for hertz, ms in parts]
    audio = line(silence(700), *sit, silence(200), speech(3))
    told = sounds(Hearing(JAPAN, stage="progress"), audio)
    assert told[0] is Sound.UNOBTAINABLE
    backwards = line(silence(700), *sit[::-1], silence(500))
    assert Sound.UNOBTAINABLE not in sounds(Hearing(JAPAN, stage="progress"), backwards)


def test_fax() -> None:
    calling = [part for _ in range(3) for part in (sines((1100,), 500, -20), silence(3000))]
    assert sounds(Hearing(JAPAN), line(silence(500), *calling)) == [Sound.FAX_CNG]
    assert sounds(Hearing(JAPAN, stage="progress"), line(silence(500), sines((2100,), 3000, -20))) == [Sound.FAX_CED]


def test_our_own_digits_are_nobody() -> None:
    audio = line(silence(300), dtmf("09012345678", on=100, off=100), silence(1500))
    assert sounds(Hearing(JAPAN, stage="progress"), audio) == []


def test_voice_hides_no_silence_and_ringback_hides_neither() -> None:
    ringback = tone(JAPAN.ringback[0], 6000)
    audio = line(silence(500), ringback, silence(12_000), speech(3), silence(12_000), noise_dbm0=-60)
    told = sounds(Hearing(JAPAN, stage="progress", silence_after=8), audio)
    assert told == [Sound.RINGBACK, Sound.SILENCE, Sound.VOICE, Sound.SILENCE]


@pytest.mark.parametrize("noise_dbm0", [-70, -55, -42])
def test_silence(noise_dbm0: float) -> None:
    audio = line(speech(4), silence(9000), speech(4, seed=2), silence(13_000), noise_dbm0=noise_dbm0)
    told = hear(Hearing(JAPAN, silence_after=10), audio)
    assert [sound for sound, _ in told] == [Sound.SILENCE]
    assert 27 <= told[0][1] <= 28.5


def test_silence_is_not_listened_for_unasked() -> None:
    assert sounds(Hearing(JAPAN), line(silence(30_000))) == []


@pytest.mark.parametrize("echo", [-35.0, -24.0])
def test_busy_tone_under_the_echo_of_our_own_voice(echo: float) -> None:
    """An echo canceller leaves it some 20 dB softer than the tone; up to 8 dB the tone is found at once."""
    busy = tone(JAPAN.busy[0], 12_000, -15)
    ours = at_level(spoken(random.Random(5))[: len(busy)], echo)
    assert sounds(Hearing(JAPAN), line(silence(500), busy + np.pad(ours, (0, len(busy) - len(ours))))) == [Sound.BUSY]


def test_a_learned_tone_is_listened_for_besides() -> None:
    learned = BusyTone((612.0,), (310, 340), -20.0)
    audio = line(speech(2), tone(Cadence((612.0,), (310, 340)), 6000, -25))
    assert sounds(Hearing(JAPAN, learned=learned), audio) == [Sound.BUSY]
    assert sounds(Hearing(NO_TONES, learned=learned), audio) == [Sound.BUSY]
    assert sounds(Hearing(JAPAN), audio) == []
    assert sounds(Hearing(JAPAN, learned=learned), line(speech(2), tone(JAPAN.busy[0], 8000))) == [Sound.BUSY]


def test_stages_may_change_in_one_hearing() -> None:
    hearing = Hearing(JAPAN, stage="dial")
    assert sounds(hearing, line(tone(JAPAN.dial[0], 2000))) == [Sound.DIAL]
    hearing.enter("progress")
    assert sounds(hearing, line(silence(500), tone(JAPAN.ringback[0], 5900))) == [Sound.RINGBACK]
    hearing.enter("call")
    assert sounds(hearing, line(speech(3), tone(JAPAN.busy[0], 7000))) == [Sound.BUSY]


@pytest.mark.parametrize("step", [2, 178, 5000, 1_000_000])
def test_chunks_of_any_length(step: int) -> None:
    audio = line(silence(500), tone(JAPAN.ringback[0], 3000), speech(2), tone(JAPAN.busy[0], 5000))
    stage: Stage = "progress"
    expected = sounds(Hearing(JAPAN, stage=stage), audio)
    assert [sound for sound, _ in hear(Hearing(JAPAN, stage=stage), audio, step)] == expected
    assert expected == [Sound.RINGBACK, Sound.VOICE, Sound.BUSY]


@pytest.mark.parametrize("stage", ["dial", "progress", "call"])
def test_any_samples(stage: Stage) -> None:
    chance = np.random.default_rng(1)
    for level, seed in itertools.product((10, 1000, 32767), range(3)):
        audio = chance.integers(-level, level, 40_000 + seed).astype("<i2").tobytes()
        assert not HANG_UPS & set(sounds(Hearing(JAPAN, stage=stage), audio))
    loud = (np.sign(np.sin(2 * np.pi * 440 * np.arange(40_000) / 8000)) * 32767).astype("<i2").tobytes()
    hear(Hearing(JAPAN, stage=stage), loud + b"\x00\x80" * 8000)


def test_five_minutes_of_speech_and_music_end_no_call() -> None:
    """The whole hour: python -m tests.pstn.false_hangup."""
    count = listen(pieces(300, seed=11), all_countries())
    assert not HANG_UPS & {Sound(name) for name in count.sounds}
    assert max(count.runs) < 6
    assert count.processor_seconds < count.seconds / 20


def test_cheap_enough_for_many_lines() -> None:
    """0.5 to 1 ms a second of audio where nothing else runs; ten times that is allowed here."""
    hearing, audio = Hearing(JAPAN), line(speech(20))
    began = time.process_time()
    hear(hearing, audio)
    assert time.process_time() - began < 0.2
