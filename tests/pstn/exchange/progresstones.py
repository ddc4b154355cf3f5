"""Tones by which an exchange tells how a call goes, as audio: ITU-T E.180 and its supplement 2, E.180 §7 (SIT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

RATE = 8000
FULL_SCALE_DBM0 = 3.14  # ITU-T G.711
Name = Literal["dial", "ringback", "busy", "congestion", "unobtainable"]


@dataclass(frozen=True, slots=True)
class Tone:
    """Frequencies in Hz, which sound together; ms on and off in turn, none: continuous. ``beat``: AM in Hz."""

    frequencies: tuple[float, ...]
    cadence: tuple[int, ...] = ()
    beat: float = 0.0


_SIT = (950.0, 1400.0, 1800.0)
TONES: dict[str, dict[Name, Tone]] = {
    "us": {
        "dial": Tone((350, 440)),
        "ringback": Tone((440, 480), (2000, 4000)),
        "busy": Tone((480, 620), (500, 500)),
        "congestion": Tone((480, 620), (250, 250)),
    },
    "uk": {
        "dial": Tone((350, 440)),
        "ringback": Tone((400, 450), (400, 200, 400, 2000)),
        "busy": Tone((400,), (375, 375)),
        "congestion": Tone((400,), (400, 350, 225, 525)),
    },
    "jp": {
        "dial": Tone((400,)),
        "ringback": Tone((400,), (1000, 2000), beat=16),
        "busy": Tone((400,), (500, 500)),
        "congestion": Tone((400,), (500, 500)),
    },
    "fr": {
        "dial": Tone((440,)),
        "ringback": Tone((440,), (1500, 3500)),
        "busy": Tone((440,), (500, 500)),
        "congestion": Tone((440,), (250, 250)),
    },
    "de": {
        "dial": Tone((425,)),
        "ringback": Tone((425,), (1000, 4000)),
        "busy": Tone((425,), (480, 480)),
        "congestion": Tone((425,), (240, 240)),
    },
    "in": {
        "dial": Tone((400,), beat=25),
        "ringback": Tone((400,), (400, 200, 400, 2000), beat=25),
        "busy": Tone((400,), (750, 750)),
        "congestion": Tone((400,), (250, 250)),
    },
    "ph": {
        "dial": Tone((425,)),
        "ringback": Tone((425, 480), (1000, 4000)),
        "busy": Tone((480, 620), (500, 500)),
        "congestion": Tone((480, 620), (250, 250)),
    },
}


def period(country: str, name: Name, level: float = -13.0) -> bytes:
    """Return one turn of a tone as s16le, to be repeated; ``level`` in dBm0 of each frequency."""
    if name == "unobtainable":
        parts = [_sound((frequency,), 330, level) for frequency in _SIT]
        return b"".join(parts) + bytes(2 * RATE)
    tone = TONES[country][name]
    if not tone.cadence:
        return _sound(tone.frequencies, 1000, level, tone.beat)  # all frequencies have whole periods in a second
    parts = [
        bytes(2 * RATE * span // 1000) if turn % 2 else _sound(tone.frequencies, span, level, tone.beat)
        for turn, span in enumerate(tone.cadence)
    ]
    return b"".join(parts)


def seconds(country: str, name: Name, length: float, level: float = -13.0) -> bytes:
    """Return ``length`` seconds of a tone as s16le."""
    turn = period(country, name, level)
    wanted = 2 * int(length * RATE)
    return (turn * (wanted // len(turn) + 1))[:wanted]


def _sound(frequencies: tuple[float, ...], milliseconds: int, level: float, beat: float = 0.0) -> bytes:
    at = np.arange(RATE * milliseconds // 1000) / RATE
    peak = 32768 * 10 ** ((level - FULL_SCALE_DBM0) / 20)
    wave = sum(np.sin(2 * np.pi * frequency * at) for frequency in frequencies) * peak
    if beat:
        wave = wave * (1 + 0.85 * np.sin(2 * np.pi * beat * at)) / 1.85
    return np.asarray(np.clip(wave, -32768, 32767)).astype("<i2").tobytes()
