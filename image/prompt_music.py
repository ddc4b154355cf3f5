"""Music on hold: a short piece of our own for plucked strings and a soft pad, written to begin again without a seam."""

from __future__ import annotations

import math

BEAT = 0.6  # seconds
BARS = 10  # of four beats: 24 seconds

# Chords by bar, as MIDI notes: a slow descent and its return, in D major.
_CHORDS: tuple[tuple[int, ...], ...] = (
    (50, 57, 62, 66), (49, 57, 61, 64), (47, 54, 62, 66), (45, 54, 57, 61), (43, 55, 59, 62),
    (42, 54, 57, 62), (40, 55, 59, 64), (45, 52, 57, 61), (43, 55, 59, 66), (45, 57, 61, 64),
)  # fmt: skip
# Which note of the bar's chord each half-beat plucks; 3+ is an octave above.
_FIGURE = (0, 2, 3, 1, 5, 3, 2, 3)
# The tune over it: (bar, beat, MIDI note, beats).
_TUNE = (
    (0, 0, 78, 1.5), (0, 2, 76, 1), (1, 0, 73, 2), (2, 0, 74, 1.5), (2, 2, 76, 1), (3, 0, 69, 3), (4, 0, 71, 1),
    (4, 1, 74, 1), (4, 2, 79, 1.5), (5, 0, 78, 2), (5, 3, 74, 1), (6, 0, 76, 1.5), (6, 2, 71, 1.5), (7, 0, 73, 3),
    (8, 0, 74, 1), (8, 1, 71, 1), (8, 2, 67, 1.5), (9, 0, 69, 1.5), (9, 2, 73, 1.5),
)  # fmt: skip


def _hertz(note: int) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def _pluck(rate: int, note: int, seconds: float, strength: float) -> list[float]:
    """A plucked string: four partials, the higher the sooner gone. Each is a recurrence: cheaper than sines."""
    sound = [0.0] * round(seconds * rate)
    for partial in (1, 2, 3, 4):
        turn, fade = 2 * math.pi * _hertz(note) * partial / rate, math.exp(-(1.5 + 1.8 * partial) / rate)
        before, now = 0.0, strength / partial**1.3 * math.sin(turn)
        twice = 2 * fade * math.cos(turn)
        for i in range(len(sound)):
            sound[i] += before
            before, now = now, twice * now - fade * fade * before
    return sound


def _pad(rate: int, note: int, seconds: float, strength: float) -> list[float]:
    """A soft organ tone that swells and fades."""
    count, step = round(seconds * rate), 2 * math.pi * _hertz(note) / rate
    return [
        strength * math.sin(math.pi * i / count) * (math.sin(step * i) + 0.3 * math.sin(2 * step * i))
        for i in range(count)
    ]  # fmt: skip


def _add(into: list[float], sound: list[float], start: int) -> None:
    """Mix a sound in; what rings past the end is heard at the beginning, so the loop has no seam."""
    total = len(into)
    for i, sample in enumerate(sound):
        into[(start + i) % total] += sample


def loop(rate: int) -> list[float]:
    """Return one round of the piece at ``rate`` samples a second, at no particular level."""
    total = round(BARS * 4 * BEAT * rate)
    piece = [0.0] * total
    for bar, chord in enumerate(_CHORDS):
        start = bar * 4 * BEAT
        for i, which in enumerate(_FIGURE):
            note = chord[which % 4] + 12 * (which // 4)
            _add(piece, _pluck(rate, note, 1.6, 0.8), round((start + i * BEAT / 2) * rate))
        for note in chord[1:]:
            _add(piece, _pad(rate, note, 4 * BEAT, 0.06), round(start * rate))
    for bar, beat, note, beats in _TUNE:
        _add(piece, _pluck(rate, note, beats * BEAT + 0.8, 0.9), round((bar * 4 + beat) * BEAT * rate))
    return piece
