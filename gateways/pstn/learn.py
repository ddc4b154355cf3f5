"""Learns a busy tone from a recorded hang-up: which frequencies, which cadence, how loud.

The recording begins while the call is up or when the far party has just gone, with speech or silence, and ends some
seconds into the tone. What comes of it is checked as ``Hearing`` will check it in a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

import numpy as np

from gateways.pstn.cadence import Beat
from gateways.pstn.rhythm import SOFTEST_DBM0, Block, Rhythm, Segment
from gateways.pstn.tones import BusyTone
from gateways.pstn.tonespace import (
    RATE,
    WINDOW,
    Floats,
    ToneSpace,
    blocks,
    dbm0,
    frequency,
    mean_squares,
    pitch,
)

__all__ = ["BusyTone", "LearnError", "learn"]

SHORTEST_S, LONGEST_S = 3.0, 90.0
CYCLES = 3
"""So many must be alike; the first one heard may be cut, so four have to be recorded."""
_PARTS = (2, 4, 6, 8)  # segments a cycle: one to four tones
_ALIKE_MS = 30.0
_TONAL = 0.9
_LEAST_TONE_MS = 500
_CONTINUOUS_MS = 2500
_LOWEST, _HIGHEST = 250.0, 2500.0  # Hz
_FFT = 4096
_LOOK = 1200  # blocks: 12 s, a part of the recording that is looked at by itself
_LOBE_HZ = 100.0  # the window's main lobe is 67 Hz wide on each side
_SECOND = 0.15  # of the spectrum's highest peak, for a second frequency
_HINT = "Call this line, hang up the calling phone, and record until the tone has sounded for at least ten seconds."


class LearnError(ValueError):
    """Nothing can be learned from the recording; the text says why and what to do."""


class _Found(NamedTuple):
    """What one choice of frequencies makes of the recording; ``lasted``: ms that keep to the cadence."""

    lasted: float
    cadence: tuple[int, ...]
    cycles: int
    frequencies: tuple[float, ...]
    segments: list[Segment]


def learn(samples: bytes) -> BusyTone:
    """Return the busy tone of a recording (s16le, 8 kHz, 5 to 60 s). Raises ``LearnError``."""
    sound = np.frombuffer(samples[: len(samples) // 2 * 2], "<i2").astype(np.float64)
    seconds = len(sound) / RATE
    if seconds < SHORTEST_S:
        raise LearnError(f"The recording is only {seconds:.1f} s long. {_HINT}")
    cut = blocks(sound[-round(LONGEST_S * RATE) :])
    founds = [_try(cut, frequencies) for frequencies in _candidates(cut)]
    if not founds:
        raise LearnError(f"No tone was found in the recording, only speech, noise or silence. {_HINT}")
    found = max(founds, key=lambda one: (one.cycles >= CYCLES, one.lasted, _sounding(one.segments)))
    if found.cycles < CYCLES:
        raise LearnError(_why_not(found))
    _check(found)
    level = median(segment.level for segment in found.segments if segment.on and segment.steady)
    return BusyTone(tuple(round(hertz, 1) for hertz in found.frequencies), found.cadence, round(level, 1))


def _candidates(cut: Floats) -> list[tuple[float, ...]]:
    """Return what may be the tone's frequencies: of all pure sounds, and of those in each part of the recording."""
    loud = dbm0(mean_squares(cut)) >= SOFTEST_DBM0
    pure = np.zeros(len(cut), bool)
    for at in range(0, len(cut), 512):  # a whole minute at once would take 100 MB
        pure[at : at + 512] = pitch(cut[at : at + 512])[1] >= _TONAL
    pure &= loud
    parts = [slice(0, len(cut)), *(slice(at, at + _LOOK) for at in range(0, len(cut) - _LOOK // 2, _LOOK // 3))]
    candidates: dict[tuple[int, ...], tuple[float, ...]] = {}
    for part in parts:
        tonal = cut[part][pure[part]]
        if 10 * len(tonal) >= _LEAST_TONE_MS:
            frequencies = _frequencies(tonal)
            candidates.setdefault(tuple(round(hertz / 6) for hertz in frequencies), frequencies)
    return list(candidates.values())


def _frequencies(tonal: Floats) -> tuple[float, ...]:
    """Return the one or two frequencies that these pure sounds have most often."""
    spectrum = np.zeros(_FFT // 2 + 1)
    for at in range(0, len(tonal), 256):
        powers = np.abs(np.fft.rfft(tonal[at : at + 256] * np.hanning(WINDOW), _FFT, axis=1)) ** 2
        spectrum += (powers / powers.sum(axis=1, keepdims=True)).sum(axis=0)
    hertz = np.fft.rfftfreq(_FFT, 1 / RATE)
    spectrum[(hertz < _LOWEST) | (hertz > _HIGHEST)] = 0.0
    first = float(hertz[spectrum.argmax()])
    highest = float(spectrum.max())
    spectrum[np.abs(hertz - first) < _LOBE_HZ] = 0.0
    second = float(hertz[spectrum.argmax()])
    return (first,) if spectrum.max() < _SECOND * highest else (min(first, second), max(first, second))


def _try(cut: Floats, frequencies: tuple[float, ...]) -> _Found:
    closer = _closer(cut, frequencies)
    segments = _segments(cut, closer)
    return _Found(*_cadence(segments), closer, segments)


def _sounding(segments: Sequence[Segment]) -> float:
    return sum(segment.ms for segment in segments if segment.on and segment.steady)


def _closer(cut: Floats, frequencies: tuple[float, ...]) -> tuple[float, ...]:
    """Measure frequencies more closely, by how their phase turns while both sound."""
    measured = ToneSpace([frequencies, *((hertz,) for hertz in frequencies)]).measure(cut, mean_squares(cut))
    sounding = measured.fits[1:, 0] & measured.fits[:-1, 0]
    turns = measured.turn[1:][sounding].sum(axis=0)
    return tuple(frequency(hertz, complex(turn)) for hertz, turn in zip(frequencies, turns[1:], strict=True))


def _segments(cut: Floats, frequencies: tuple[float, ...]) -> list[Segment]:
    """Return tone and pause by turns; the last, which is cut off, only where it goes on for very long."""
    power = mean_squares(cut)
    measured = ToneSpace([frequencies]).measure(cut, power)
    fits = measured.fits[:, 0] & (measured.level[:, 0] >= SOFTEST_DBM0)
    rows = zip(
        fits.tolist(), measured.level[:, 0].tolist(), dbm0(power).tolist(), measured.turn[:, 0].tolist(), strict=True
    )
    rhythm = Rhythm()
    ended = [segment for segment in (rhythm.take(Block(*row)) for row in rows) if segment is not None]
    return [*ended, rhythm.present()] if rhythm.on and rhythm.ms >= _CONTINUOUS_MS else ended


def _cadence(segments: Sequence[Segment]) -> tuple[float, tuple[int, ...], int]:
    """Return how long the recording keeps to its best cadence (ms), that cadence, and for how many cycles."""
    best: tuple[float, tuple[int, ...], int] = (0.0, (), 0)
    for parts in _PARTS:
        for run in _runs(segments, parts):
            lasted = sum(segment.ms for segment in run)
            if lasted > 1.2 * best[0]:  # a longer cycle must explain more than a shorter one
                times = [round(fmean(segment.ms for segment in run[part::parts])) for part in range(parts)]
                best = (lasted, _pause_last(times), (len(run) + 1) // parts)
    return best


def _runs(segments: Sequence[Segment], parts: int) -> list[Sequence[Segment]]:
    """Return stretches, each begun by a tone, in which every segment is like the one ``parts`` before it."""
    runs: list[Sequence[Segment]] = []
    for at in range(len(segments) - parts):
        end = at + parts
        while end < len(segments) and _alike(segments[end], segments[end - parts]):
            end += 1
        if segments[at].on and end > at + parts:
            runs.append(segments[at:end])
    return runs


def _alike(one: Segment, other: Segment) -> bool:
    steady = one.steady and other.steady if one.on else True
    return one.on == other.on and steady and abs(one.ms - other.ms) <= _ALIKE_MS


def _pause_last(times: Sequence[int]) -> tuple[int, ...]:
    """Turn a cycle so that it ends with its longest pause."""
    longest = max(range(1, len(times), 2), key=lambda part: times[part])
    return (*times[longest + 1 :], *times[: longest + 1])


def _why_not(found: _Found) -> str:
    tone = " + ".join(f"{hertz:.0f}" for hertz in found.frequencies) + " Hz"
    longest = max((segment.ms for segment in found.segments if segment.on and segment.steady), default=0.0)
    if longest >= _CONTINUOUS_MS:
        return (
            f"A tone of {tone} goes on without a pause for {longest / 1000:.1f} s: a dial tone, not a busy tone. "
            "If a busy tone comes later, record for longer; if none does, have this line hang up by polarity reversal "
            "or battery drop, or after silence."
        )
    if found.cycles >= 2:
        beat = ", ".join(f"{'off' if part % 2 else 'on'} {ms} ms" for part, ms in enumerate(found.cadence))
        return (
            f"Only {found.cycles} cycles of a tone of {tone} were recorded ({beat}); {CYCLES + 1} are needed. {_HINT}"
        )
    return f"Tones of {tone} were heard, but in no even beat: music, or speech over the tone? {_HINT}"


def _check(found: _Found) -> None:
    """See that a call's ears would hear it."""
    beat = Beat(found.cadence, found.frequencies[0])
    most = 0
    for segment in found.segments:
        beat.take(segment)
        most = max(most, beat.cycles)
    if most < CYCLES:
        raise LearnError(
            f"The tone is too uneven, or lies under too much noise: only {most} cycles could be told. "
            "Keep quiet on this side while recording, and have the echo canceller on."
        )
