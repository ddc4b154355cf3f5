"""Mouth-to-ear time, from audio content: when a frame left the speaker and when the same audio reached the listener."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.measure.align import Audio
from tests.measure.track import FRAME, track

Timed = tuple[int, Audio]  # (CLOCK_MONOTONIC nanoseconds, samples)


@dataclass(frozen=True)
class Latency:
    """Milliseconds from speaking to hearing, of the frames that were found again (``frames`` of them)."""

    p50: float
    p99: float
    maximum: float
    frames: int


def joined(chunks: Sequence[Timed]) -> Audio:
    """Return the chunks' samples in the order given, as one signal."""
    return np.concatenate([samples for _, samples in chunks]) if chunks else np.zeros(0, dtype=np.int16)


def mouth_to_ear(spoken: Sequence[Timed], heard: Sequence[Timed]) -> Latency | None:
    """Return the time from a frame's being spoken to the arrival of the chunk that carries its last sample.

    ``spoken``: frames with the time each was handed over; ``heard``: chunks with the time each arrived. Sizes may
    differ. None when nothing of what was spoken is found in what was heard.
    """
    if not spoken or not heard:
        return None
    mouth, ear = joined(spoken), joined(heard)
    said_ends, heard_ends = _ends(spoken), _ends(heard)
    took: list[float] = []
    for index, delay in enumerate(track(mouth, ear).delays):
        if delay is None:
            continue
        last = (index + 1) * FRAME - 1
        said = spoken[int(np.searchsorted(said_ends, last, side="right"))][0]
        arrived = heard[int(np.searchsorted(heard_ends, last + delay, side="right"))][0]
        took.append((arrived - said) / 1e6)
    if not took:
        return None
    middle, late = np.percentile(took, [50, 99])
    return Latency(float(middle), float(late), max(took), len(took))


def _ends(chunks: Sequence[Timed]) -> Audio:
    """Index after each chunk's last sample."""
    return np.cumsum([len(samples) for _, samples in chunks])
