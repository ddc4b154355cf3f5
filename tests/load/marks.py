"""Frames of speech that carry a mark: which line and which frame, in values that A-law keeps. Made and read fast."""

from __future__ import annotations

import numpy as np

from tests.fakes.speech import speech
from tests.measure.g711 import ALAW, Samples, encode

FRAME_SAMPLES = 160
BITS = 32
SECONDS = 20.0
HIGH, LOW = 0xAA, 0x2A
"""A-law bytes of one value with either sign; the mark's bits are sent as them."""
_SUM = 0x5A
_VALUES = ALAW[[HIGH, LOW]].astype("<i2")
_PCM = {bit: _VALUES[bit].tobytes() for bit in (0, 1)}


def _word(line: int, number: int) -> int:
    line, number = line & 0xFF, number & 0xFFFF
    return line << 24 | number << 8 | (line ^ number >> 8 ^ number ^ _SUM) & 0xFF


def _place(word: int) -> tuple[int, int] | None:
    line, number = word >> 24, word >> 8 & 0xFFFF
    return (line, number) if word == _word(line, number) else None


class Marked:
    """Frames of a voice without end: ``pcm`` (320 bytes) and ``alaw`` (160 bytes) of one frame are the same."""

    def __init__(self, who: str) -> None:
        coded = encode(speech(who, SECONDS), 8)
        plain = ALAW[np.frombuffer(coded, np.uint8)].astype("<i2").tobytes()
        starts = range(0, len(coded), FRAME_SAMPLES)
        self._coded = [coded[at + BITS : at + FRAME_SAMPLES] for at in starts]
        self._plain = [plain[2 * (at + BITS) : 2 * (at + FRAME_SAMPLES)] for at in starts]

    def pcm(self, line: int, number: int) -> bytes:
        bits = f"{_word(line, number):032b}"
        return b"".join([_PCM[bit == "1"] for bit in bits]) + self._plain[(line + number) % len(self._plain)]

    def alaw(self, line: int, number: int) -> bytes:
        word = _word(line, number)
        mark = bytes([LOW if word >> bit & 1 else HIGH for bit in range(BITS - 1, -1, -1)])
        return mark + self._coded[(line + number) % len(self._coded)]


def read(frames: list[tuple[int, Samples]]) -> list[tuple[int, int, int]]:
    """Return (line, number, ns) of all marked frames in what came piece by piece: (ns, samples).

    Frames need not lie as they were sent; the time is that of the piece with a frame's last sample.
    """
    if not frames:
        return []
    ends = np.cumsum([len(samples) for _, samples in frames])
    heard = np.concatenate([samples for _, samples in frames])
    loud = np.abs(heard) == _VALUES[0]
    starts = np.flatnonzero(loud & ~np.concatenate(([False], loud[:-1])))
    found = []
    for start in starts[starts + FRAME_SAMPLES <= len(heard)]:
        if np.all(loud[start : start + BITS]):
            bits = heard[start : start + BITS] == _VALUES[1]
            place = _place(int(np.packbits(bits).view(">u4")[0]))
            if place is not None:
                at = frames[int(np.searchsorted(ends, start + FRAME_SAMPLES))][0]
                found.append((*place, at))
    return found
