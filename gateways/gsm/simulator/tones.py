"""Signals of the telephone network as s16le, 8 kHz, mono PCM: DTMF (ITU-T Q.23), ring-back and comfort noise."""

import math
import random
from array import array
from functools import cache

RATE = 8000
FRAME_SAMPLES = 160
FRAME_BYTES = 2 * FRAME_SAMPLES
SILENCE = bytes(FRAME_BYTES)

# ITU-T Q.23 clause 6: a digit is one tone of the low and one of the high group, Hz.
DTMF_HZ: dict[str, tuple[int, int]] = {
    digit: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, digit in zip((1209, 1336, 1477, 1633), row, strict=True)
}


def peak(level_dbm0: float) -> float:
    """The peak of a sine of that level. Full scale is +3.14 dBm0 (ITU-T G.711, A-law)."""
    return float(32767 * 10 ** ((level_dbm0 - 3.14) / 20))


def tone(hertz: tuple[float, ...], milliseconds: int, level_dbm0: float) -> bytes:
    """The sum of sines, each at the level given, starting at phase 0."""
    amplitude = peak(level_dbm0)
    steps = [2 * math.pi * f / RATE for f in hertz]
    samples = (round(sum(amplitude * math.sin(step * n) for step in steps)) for n in range(RATE * milliseconds // 1000))
    return array("h", (max(-32768, min(32767, s)) for s in samples)).tobytes()


@cache
def dtmf(digit: str, on_ms: int = 80, off_ms: int = 80, level_dbm0: float = -8.0) -> bytes:
    """One digit and the pause after it. ITU-T Q.24 receivers need 40 ms or more of each. KeyError: no DTMF digit."""
    return tone(tuple(map(float, DTMF_HZ[digit])), on_ms, level_dbm0) + bytes(RATE * off_ms // 1000 * 2)


@cache
def ringback() -> tuple[bytes, ...]:
    """One cadence of ring-back as the caller hears it, in frames: 400 Hz, 1 s on, 2 s off (Japan, ITU-T E.180 list)."""
    sound = tone((400.0,), 1000, -16.0) + bytes(2 * RATE * 2)
    return tuple(sound[at : at + FRAME_BYTES] for at in range(0, len(sound), FRAME_BYTES))


@cache
def noise(level_dbm0: float = -60.0) -> tuple[bytes, ...]:
    """A second of white noise of that power, in frames; always the same."""
    source = random.Random(850)  # noqa: S311 - a signal, not a secret
    sigma = peak(level_dbm0) / math.sqrt(2)
    return tuple(
        array("h", (round(max(-32768, min(32767, source.gauss(0, sigma)))) for _ in range(FRAME_SAMPLES))).tobytes()
        for _ in range(50)
    )
