"""Something like a voice, as audio."""

from __future__ import annotations

import numpy as np

from tests.pstn.exchange import fsk


def speech(seconds: float) -> bytes:
    """Return syllables of overtones whose pitch moves, with breath: s16le, 8 kHz."""
    random = np.random.default_rng(1)
    parts: list[fsk.Samples] = []
    while sum(map(len, parts)) < seconds * fsk.RATE:
        hertz = 110.0 + 90.0 * random.random()
        syllable = fsk.sines([hertz * n for n in range(1, 15)], 120 + 100 * random.random(), -26.0)
        parts += [syllable + random.normal(0.0, 300.0, len(syllable)), fsk.silence(40 + 60 * random.random())]
    return fsk.pcm(*parts)
