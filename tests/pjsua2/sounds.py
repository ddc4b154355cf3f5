"""What is heard from a line: voices, and what a network or a line makes by itself. Arrays of samples at 8 kHz."""

import subprocess

import numpy as np
import numpy.typing as npt

from tests.pjsua2.dtmf import FULL_DBM0

Sound = npt.NDArray[np.float64]
RATE = 8000
RAW = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
JAPANESE = "はい、もしもし、山田でございます。お電話ありがとうございます。ただいま電話が大変込み合っております。"
ENGLISH = "Hello? Yes, this is the front desk. How may I help you today? One moment please, the page is loading."
VOICES = (
    *(("ja", JAPANESE), ("ja+f2", JAPANESE), ("ja+f4", JAPANESE), ("ja+m3", JAPANESE)),
    *(("en-us", ENGLISH), ("en-gb+f3", ENGLISH), ("en-us+f5", ENGLISH), ("en-us+m7", ENGLISH)),
)


def rms(dbm0: float) -> float:
    """RMS in units of a 16-bit sample."""
    return float(32767 / np.sqrt(2) * 10 ** ((dbm0 - FULL_DBM0) / 20))


def speak(voice: str, text: str, dbm0: float = -20.0) -> Sound:
    """espeak-ng's voice; the level is that of its sounding parts."""
    wav = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True, timeout=60)
    raw = subprocess.run(["sox", "-R", "-t", "wav", "-", *RAW], input=wav.stdout, capture_output=True, check=True)
    sound = np.frombuffer(raw.stdout, "<i2").astype(np.float64)
    return np.asarray(sound * rms(dbm0) / np.sqrt(np.mean(sound[np.abs(sound) > 200] ** 2)))


def tone(seconds: float, *frequencies: float, dbm0: float = -13.0) -> Sound:
    """Sines, each of the level."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(sum(np.sqrt(2) * rms(dbm0) * np.sin(2 * np.pi * f * time) for f in frequencies))


def beaten(seconds: float, frequency: float, beat: float) -> Sound:
    """A tone that swells and fades."""
    time = np.arange(round(seconds * RATE)) / RATE
    return tone(seconds, frequency) * (0.5 + 0.5 * np.sin(2 * np.pi * beat * time))


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE))


def noise(seconds: float, dbm0: float, pole: float = 0.0) -> Sound:
    """Noise; the nearer the pole is to 1, the lower its spectrum."""
    source = np.random.default_rng(1).normal(size=round(seconds * RATE))
    kernel = pole ** np.arange(400)
    sound = np.convolve(source, kernel)[: len(source)]
    return np.asarray(sound * rms(dbm0) / np.std(sound))


def cadence(on: Sound, off: float, times: int) -> Sound:
    return np.concatenate([on, silence(off)] * times)


def through_gsm(sound: Sound) -> Sound:
    """As a GSM full-rate codec leaves it."""
    coded = subprocess.run(["sox", *RAW, "-t", "gsm", "-"], input=pcm(sound), capture_output=True, check=True)
    plain = subprocess.run(["sox", "-t", "gsm", "-", *RAW], input=coded.stdout, capture_output=True, check=True)
    return np.frombuffer(plain.stdout, "<i2").astype(np.float64)


def pcm(sound: Sound) -> bytes:
    return np.clip(np.rint(sound), -32768, 32767).astype("<i2").tobytes()


def not_voices() -> dict[str, Sound]:
    """Call progress tones (ITU-T E.180, E.182 and its supplement 2), fax tones, noises."""
    pair = np.concatenate([tone(0.4, 400, 450), silence(0.2), tone(0.4, 400, 450)])
    special = np.concatenate([tone(0.33, 950), tone(0.33, 1400), tone(0.33, 1800)])
    american = cadence(tone(2, 440, 480, dbm0=-19), 4, 2)
    return {
        "ring-back, Japan": cadence(beaten(1, 400, 16), 2, 3),
        "ring-back, USA": american,
        "ring-back, USA, on a noisy line": american + noise(12, -42),
        "ring-back, USA, with comfort noise": american + noise(12, -45, 0.9),
        "ring-back, 425 Hz": cadence(tone(1, 425), 4, 2),
        "ring-back, United Kingdom": cadence(pair, 2, 3),
        "ring-back, India": cadence(beaten(0.4, 400, 25), 0.2, 10),
        "busy, USA": cadence(tone(0.5, 480, 620, dbm0=-24), 0.5, 20),
        "busy, Japan": cadence(tone(0.5, 400), 0.5, 20),
        "congestion": cadence(tone(0.25, 425), 0.25, 40),
        "dial tone, USA": tone(6, 350, 440),
        "special information": cadence(special, 1, 5),
        "warning": cadence(tone(0.35, 1400), 1, 8),
        "fax calling": cadence(tone(0.5, 1100), 3, 3),
        "fax called": tone(3, 2100),
        "silence": silence(4),
        "faint noise": noise(5, -50),
        "noise": np.concatenate([silence(1), noise(6, -30)]),
        "low noise": np.concatenate([silence(1), noise(6, -30, 0.9)]),
        "hum": np.concatenate([silence(0.5), sum((tone(5, 50.0 * n, dbm0=-30 - 2 * n) for n in range(1, 12)), 0.0)]),
    }
