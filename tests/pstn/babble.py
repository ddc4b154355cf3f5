"""What a busy-tone detector must not be deceived by: speech of many voices, music, beeps; made the same each time.

Speech is espeak-ng's: sentences in English and Japanese, numbers read out in other languages, as many speakers as it
has. Music is made of notes with and without overtones, staccato and legato, at the pitches of exchange tones too.
All of it is s16 at 8 kHz, through A-law, at levels from a soft to a loud caller's.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.measure import wav
from tests.pstn.exchange.fsk import KEYS, dtmf, silence, sines

RATE = 8000
Samples = NDArray[np.float64]
HOLD_MUSIC = Path.home() / ".cache" / "callfloor" / "prompts" / "en" / "music.wav"

ENGLISH = (
    "Thank you for calling, this is the support desk, how can I help you today?",
    "Oh, no no no. You told me it would be done by two, and who do you think paid for it?",
    "Could you spell the surname for me please? U, double O, Q, W.",
    "Hmm, mm, yeah. Uh huh. Okay. So, let me see; the blue one, or the other two?",
    "Please hold the line while I put you through to our billing department.",
    "Well, I moved the router to the living room, and now it does not even turn on.",
    "The reference is {0} {1}, and the amount is {2} dollars and {3} cents.",
    "I would like to cancel my booking for the {3}th of June, room number {1}.",
)
JAPANESE = (
    "おでんわ ありがとうございます。 サポート センターで ございます。",
    "すみません、 インターネットが きのうから つながらないのですが、 どうしたら いいですか。",
    "しょうしょう おまちください。 たんとうの ものに おつなぎ いたします。",
    "うーん、 そうですね、 ちょっと まってください。 もう いちど おねがいします。",
    "おきゃくさま ばんごうは {0} の {1} です。 でんわ ばんごうは {2} です。",
    "ええ、 ええ、 はい、 はい。 おおきい ほうを ふたつ、 そう、 あおいのを ふたつ。",
)
NUMBERS = "{0}, {1}. {2}, {3}. {1}, {0}."
OTHERS = ("hi", "es-419", "cmn", "vi", "id", "pt-br", "fr-fr", "de", "ko", "ta", "bn", "ar", "sw", "ru", "it", "ms")
ENGLISHES = ("en-us", "en-gb", "en-029", "en-gb-scotland", "en-gb-x-rp", "en-us-nyc")
SPEAKERS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "f1", "f2", "f3", "f4", "f5", "croak", "klatt2", "klatt4")
TONE_PITCHES = (392.0, 400.0, 415.3, 420.0, 425.0, 440.0, 450.0, 480.0, 493.9, 620.0, 622.3)


def a_law(samples: Samples) -> Samples:
    """Round to the levels of A-law (ITU-T G.711): segments of 16 steps, each twice as wide as the one before."""
    size = np.minimum(np.abs(samples), 32767.0)
    step = np.maximum(16.0, 2.0 ** (np.floor(np.log2(np.maximum(size, 256.0))) - 4))
    return np.asarray(np.sign(samples) * (np.floor(size / step) + 0.5) * step)


def at_level(samples: Samples, level: float) -> Samples:
    """Scale so that the RMS of what isn't silent is ``level`` dBm0."""
    loud = samples[np.abs(samples) > 0.02 * np.max(np.abs(samples), initial=1.0)]
    rms = np.sqrt(np.mean(loud**2)) if len(loud) else 1.0
    scaled = samples * (32768 / np.sqrt(2) * 10 ** ((level - 3.14) / 20) / max(rms, 1e-9))
    return np.asarray(np.clip(scaled, -32768, 32767))


def noise(count: int, level: float, seed: int) -> Samples:
    """White noise at ``level`` dBm0."""
    return np.random.default_rng(seed).normal(0.0, 32768 / np.sqrt(2) * 10 ** ((level - 3.14) / 20), count)


def spoken(chance: random.Random) -> Samples:
    """A few sentences by one speaker, in the telephone's band."""
    numbers = [str(chance.randrange(10 ** chance.randrange(2, 7))) for _ in range(4)]
    language = chance.choice(("english", "english", "japanese", "other"))
    if language == "english":
        voice, lines = chance.choice(ENGLISHES), chance.sample(ENGLISH, 5)
    elif language == "japanese":
        voice, lines = "ja", chance.sample(JAPANESE, 4)
    else:
        voice, lines = chance.choice(OTHERS), [NUMBERS] * 3
    text = " ".join(lines).format(*numbers)
    speaker = f"{voice}+{chance.choice(SPEAKERS)}"
    return _espeak(text, speaker, speed=chance.randrange(110, 220), pitch=chance.randrange(20, 90))


def _espeak(text: str, voice: str, speed: int, pitch: int) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        raw, phone = Path(folder, "raw.wav"), Path(folder, "phone.wav")
        espeak = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(raw), text]
        subprocess.run(espeak, check=True, timeout=60, capture_output=True)
        sox = ["sox", "-R", str(raw), "-r", str(RATE), "-b", "16", str(phone), "gain", "-6", "sinc", "250-3500"]
        subprocess.run(sox, check=True, timeout=60)
        return wav.read(phone)[0][0].astype(np.float64)


def _note(hertz: float, seconds: float, overtones: int, fade: float) -> Samples:
    at = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * hertz * n * at) / n for n in range(1, overtones + 1) if hertz * n < 3800)
    return np.asarray(sound * np.exp(-fade * at))


def melody(chance: random.Random, seconds: float) -> Samples:
    """Notes of one instrument in an even beat, with rests; now and then the same note many times over."""
    beat = chance.uniform(0.12, 0.6)
    overtones, fade, length = (
        chance.choice((1, 1, 2, 4, 8)),
        chance.choice((0.0, 0.0, 1.0, 4.0)),
        chance.uniform(0.4, 1.0),
    )
    key = chance.choice(TONE_PITCHES)
    parts: list[Samples] = []
    while sum(map(len, parts)) < seconds * RATE:
        hertz = key * 2 ** (chance.choice((0, 0, 0, 2, 4, 5, 7, -5, 12)) / 12)
        for _ in range(chance.choice((1, 1, 2, 3, 4))):
            sounding = beat * chance.choice((1, 1, 1, 2)) * length
            parts += [_note(hertz, sounding, overtones, fade), silence(1000 * beat * (1 - length))]
    return np.concatenate(parts)


def humming(chance: random.Random, seconds: float) -> Samples:
    """A voice that hums at one pitch: each burst of any length, the pitch a little unsteady, with vibrato."""
    parts: list[Samples] = []
    pitch = chance.choice(TONE_PITCHES) / chance.choice((1, 2))
    while sum(map(len, parts)) < seconds * RATE:
        at = np.arange(round(chance.uniform(0.1, 0.9) * RATE)) / RATE
        wobble = 1 + chance.uniform(0.0, 0.01) * np.sin(2 * np.pi * 5.5 * at) + chance.uniform(-0.01, 0.01) * at
        phase = 2 * np.pi * np.cumsum(pitch * wobble) / RATE
        parts += [np.sin(phase) + 0.5 * np.sin(2 * phase) * chance.random(), silence(chance.uniform(50, 700))]
    return np.concatenate(parts)


def beeps(chance: random.Random, seconds: float) -> Samples:
    """What is beside a caller: a lorry that backs, a heart monitor, a till; evenly spaced, at no exchange's pitch."""
    hertz = chance.choice((660.0, 800.0, 1000.0, 1250.0, 2000.0, 2800.0))
    on, off = chance.choice(((500, 500), (250, 250), (80, 900), (200, 200), (350, 650)))
    cycle = np.concatenate([sines((hertz,), on, -15), silence(off)])
    return np.tile(cycle, round(seconds * 1000 / (on + off)))


def keys(chance: random.Random, seconds: float) -> Samples:
    """Somebody dials in a menu."""
    return dtmf("".join(chance.choice(KEYS) for _ in range(round(seconds / 0.4))), on=200, off=200)


def hold_music() -> Samples:
    """Our own music on hold, when the prompts have been made."""
    return wav.read(HOLD_MUSIC)[0][0].astype(np.float64) if HOLD_MUSIC.exists() else np.zeros(0)


def pieces(seconds: float, seed: int = 1) -> Iterator[tuple[str, Samples]]:
    """Yield named pieces, ``seconds`` in all, more than half of it speech: each at its level, with noise, in A-law."""
    chance = random.Random(seed)
    made = {"melody": melody, "humming": humming, "beeps": beeps, "keys": keys}
    hold, left, number = hold_music(), seconds, 0
    while left > 0:
        number += 1
        if number % 6 == 0 and len(hold):
            name, sound = "hold music", hold[: 20 * RATE]
        elif number % 2 == 0:
            name = chance.choice(("melody", "melody", "humming", "humming", "beeps", "keys"))
            sound = made[name](chance, 20.0)
        else:
            name, sound = "speech", spoken(chance)
        sound = at_level(sound, chance.uniform(-30.0, -8.0)) + noise(len(sound), chance.uniform(-70, -45), number)
        left -= len(sound) / RATE
        yield name, a_law(sound)
