"""Tones as an exchange plays them and a line carries them, for the tests of what an FXO line hears."""

from __future__ import annotations

import numpy as np

from gateways.pstn.tones import Cadence, ToneSet
from tests.pstn.babble import Samples, noise
from tests.pstn.exchange.fsk import pcm, silence, sines

NO_TONES = ToneSet("XX", "us", (), (), (), (), ())


def tone(cadence: Cadence, ms: float, level: float = -15.0, pitch: float = 1.0, tempo: float = 1.0) -> Samples:
    """Return a tone for ``ms``: frequencies times ``pitch``, times times ``tempo``, each burst begun anew."""
    if not cadence.times:
        return _burst(cadence.frequencies, ms, level, pitch)
    parts: list[Samples] = []
    lasted, at = 0.0, 0
    while lasted < ms:
        part = cadence.times[at % len(cadence.times)] * tempo
        parts.append(silence(part) if at % 2 else _burst(cadence.frequencies, part, level, pitch))
        lasted, at = lasted + part, at + 1
    return np.concatenate(parts)


def _burst(frequencies: tuple[float, ...], ms: float, level: float, pitch: float) -> Samples:
    if len(frequencies) == 3:  # a carrier and what it is modulated with
        carrier = sines((frequencies[1] * pitch,), ms, level)
        beat = frequencies[2] - frequencies[1]
        return np.asarray(carrier * (1 + 0.7 * np.sin(2 * np.pi * beat * np.arange(len(carrier)) / 8000)) / 1.7)
    return sines([hertz * pitch for hertz in frequencies], ms, level - 3.0 * (len(frequencies) - 1))


def line(*parts: Samples, noise_dbm0: float = -50.0, seed: int = 1) -> bytes:
    """Join sounds on a line with noise."""
    sound = np.concatenate(parts)
    return pcm(sound + noise(len(sound), noise_dbm0, seed))
