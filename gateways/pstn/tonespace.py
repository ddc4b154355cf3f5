"""How much of a sound is this or that tone: every 10 ms, over 30 ms, for all the tones of a line at once.

A tone of one, two or three frequencies, each anywhere within its tolerance, spans a small space among the vectors of
240 samples; the sound's projection on it is what the tone explains of it. (A Goertzel filter at the nominal frequency
would lose what lies beside it, and be deceived by two frequencies closer together than its width: spandsp's
``super_tone_rx`` finds no 425 Hz tone when it listens for 400 Hz too, and remembers no more than five cycles.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE = 8000
WINDOW = 240
HOP = 80
HOP_MS = 10
Floats = NDArray[np.float64]
Phasors = NDArray[np.complex128]

PURE, BALANCED = 0.75, 0.15
"""Part of the sound that a tone must explain to be taken for it (the rest: noise, echo of our own voice), and part of
the tone that the weaker of its two frequencies must make up: they may differ by 7.5 dB."""
_TOLERANCE_HZ, _TOLERANCE = 8.0, 0.02  # E.180 has exchanges keep to 1 %; old ones stray
_NEGLIGIBLE = 0.1  # of the largest singular value: directions that no sound within tolerance has much of
_SEPARATE_HZ = 60.0  # frequencies this far apart are told from each other in 30 ms; both must sound
_FULL_SCALE = (32768 / np.sqrt(2)) ** 2  # mean square of a sine at +3.14 dBm0
_LEAST = 1e-3  # mean square that stands for silence
_FFT = 256
_PEAK = 3  # bins on each side: half the main lobe of the Hann window, and a little


class Measured(NamedTuple):
    """Of n blocks and each of m tones: the level (dBm0), whether the block is the tone, and how far its first frequency
    has turned against the nominal one since the block before: a sum of these, weighted by power, points to the true
    frequency (``frequency``)."""

    level: Floats  # (n, m)
    fits: NDArray[np.bool_]  # (n, m)
    turn: Phasors  # (n, m)


def frequency(nominal: float, turn: complex) -> float:
    """Return the frequency in Hz that ``turn``, summed over blocks, tells; sure within 50 Hz of the nominal one."""
    return nominal + float(np.angle(turn)) / (2 * np.pi * HOP / RATE)


def blocks(samples: Floats) -> Floats:
    """Cut samples into overlapping blocks, one each 10 ms: (n, WINDOW), a view."""
    step = samples.strides[0]
    count = (len(samples) - WINDOW) // HOP + 1
    return np.lib.stride_tricks.as_strided(samples, (count, WINDOW), (HOP * step, step), writeable=False)


def mean_squares(cut: Floats) -> Floats:
    """Return the mean square of each block, at least ``_LEAST``."""
    return np.asarray(np.einsum("ij,ij->i", cut, cut) / WINDOW + _LEAST)


def dbm0(power: Floats) -> Floats:
    """Convert mean squares of samples."""
    return np.asarray(10 * np.log10(power / _FULL_SCALE) + 3.14)


def told(frequencies: Sequence[float]) -> tuple[float, ...]:
    """Return the frequencies of a tone that are told from each other: its one or two; none where two lie close together
    or three make up a modulated tone."""
    apart = all(abs(one - other) >= _SEPARATE_HZ for one, other in pairwise(frequencies))
    return tuple(frequencies) if apart and len(frequencies) <= 2 else ()


def _wave(hertz: float) -> Phasors:
    return np.asarray(np.exp(-2j * np.pi * hertz * np.arange(WINDOW) / RATE))


@lru_cache(maxsize=64)
def _space(frequencies: tuple[float, ...]) -> Floats:
    """An orthonormal base (WINDOW, d) of the sounds made of these frequencies, each within its tolerance."""
    waves = []
    for nominal in frequencies:
        stray = max(_TOLERANCE_HZ, _TOLERANCE * nominal)
        for hertz in np.linspace(nominal - stray, nominal + stray, 7):
            waves += [_wave(hertz).real, _wave(hertz).imag]
    left, strengths, _ = np.linalg.svd(np.stack(waves, axis=1), full_matrices=False)
    return np.asarray(left[:, strengths > _NEGLIGIBLE * strengths[0]])


class ToneSpace:
    """Measures blocks, as they follow each other, against ``tones``, each given by its frequencies in Hz."""

    def __init__(self, tones: Sequence[tuple[float, ...]]) -> None:
        spaces = [_space(frequencies) for frequencies in tones]
        self._pairs = np.array([len(told(frequencies)) == 2 for frequencies in tones])
        seconds = [frequencies[-1] for frequencies, pair in zip(tones, self._pairs, strict=True) if pair]
        waves = [_wave(hertz) for hertz in (*(frequencies[0] for frequencies in tones), *seconds)]
        columns = np.stack([part for wave in waves for part in (wave.real, wave.imag)], axis=1)
        self._base = np.concatenate([*spaces, columns], axis=1)
        self._edges = np.cumsum([0, *(space.shape[1] for space in spaces)])
        self._advance = np.array([np.exp(-2j * np.pi * frequencies[0] * HOP / RATE) for frequencies in tones])
        self._last = np.zeros((1, len(tones)), np.complex128)

    def measure(self, cut: Floats, power: Floats) -> Measured:
        """Measure blocks (n, WINDOW) whose mean squares are ``power``."""
        product = cut @ self._base
        width, count = self._edges[-1], len(self._pairs)
        tone = np.add.reduceat(product[:, :width] ** 2, self._edges[:-1], axis=1) / WINDOW + _LEAST
        mixed = product[:, width::2] + 1j * product[:, width + 1 :: 2]
        turned = np.concatenate([self._last, mixed[:, :count]])
        self._last = turned[-1:]
        fits = tone >= PURE * power[:, None]
        if mixed.shape[1] > count:
            weaker = np.minimum(np.abs(mixed[:, :count][:, self._pairs]), np.abs(mixed[:, count:]))
            fits[:, self._pairs] &= weaker**2 * (2 / WINDOW**2) >= BALANCED * tone[:, self._pairs]
        return Measured(dbm0(tone), fits, turned[1:] * turned[:-1].conj() * self._advance)

    def skip(self) -> None:
        """Pass over blocks that are too soft to be measured."""
        self._last = np.zeros_like(self._last)


_HANN = np.hanning(WINDOW)


def pitch(cut: Floats) -> tuple[Floats, Floats]:
    """Return the strongest frequency in each block (Hz, to 16 Hz), and what part of the block's power lies at its two
    strongest frequencies, whichever they are."""
    spectrum = np.abs(np.fft.rfft(cut * _HANN, _FFT, axis=1)) ** 2
    total = spectrum.sum(axis=1) + _LEAST
    rows, bins = np.arange(len(cut))[:, None], np.arange(-_PEAK, _PEAK + 1)
    strongest = spectrum.argmax(axis=1)
    spectrum[rows, np.clip(strongest[:, None] + bins, 0, _FFT // 2)] = 0.0
    spectrum[rows, np.clip(spectrum.argmax(axis=1)[:, None] + bins, 0, _FFT // 2)] = 0.0
    return strongest * (RATE / _FFT), np.asarray(1 - spectrum.sum(axis=1) / total)
