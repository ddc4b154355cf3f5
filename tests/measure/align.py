"""Where one signal lies in another, by normalised cross-correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import signal

Audio = npt.NDArray[Any]  # one channel, any number type
Floats = npt.NDArray[np.float64]


def correlation(spoken: Audio, heard: Audio) -> tuple[Floats, Floats]:
    """Return (lags, normalised correlation in -1..1) of two signals.

    At lag L, ``heard[L + i]`` is set against ``spoken[i]``. The energies are those of the overlapping parts alone,
    so gain and the silence around do not matter. Lags with less overlap than half of the shorter signal give 0:
    a few samples agree with anything.
    """
    first, second = spoken.astype(np.float64), heard.astype(np.float64)
    if not len(first) or not len(second):
        return np.zeros(1), np.zeros(1)
    product = signal.correlate(second, first, mode="full", method="fft")
    lags = np.arange(-len(first) + 1, len(second), dtype=np.float64)
    begin = np.maximum(0, lags).astype(np.intp)  # in heard
    end = np.minimum(len(second), lags + len(first)).astype(np.intp)
    shift = lags.astype(np.intp)
    energy_heard = _between(second, begin, end)
    energy_spoken = _between(first, begin - shift, end - shift)
    # Below one least significant bit a "signal" is FFT rounding only.
    enough = (end - begin) >= min(len(first), len(second)) / 2
    audible = (energy_heard > end - begin) & (energy_spoken > end - begin) & enough
    scale = np.sqrt(np.where(audible, energy_heard * energy_spoken, 1.0))
    return lags, np.where(audible, product / scale, 0.0)


def align(spoken: Audio, heard: Audio, rate: int = 8000) -> tuple[float, float]:
    """Return (seconds at which ``spoken`` begins in ``heard``, correlation there, 1.0 for the same audio)."""
    lags, values = correlation(spoken, heard)
    best = int(np.argmax(values))
    return float(lags[best]) / rate, float(values[best])


def channel_match(spoken: Audio, channel: Audio) -> float:
    """Return how much of ``spoken`` is in ``channel``: the correlation's peak, 0.0 (nothing) to 1.0 (all of it)."""
    return max(0.0, align(spoken, channel)[1])


def _between(samples: Floats, begin: npt.NDArray[np.intp], end: npt.NDArray[np.intp]) -> Floats:
    """Energy of ``samples[begin:end]`` for each pair."""
    total = np.concatenate(([0.0], np.cumsum(samples**2)))
    return total[end] - total[begin]
