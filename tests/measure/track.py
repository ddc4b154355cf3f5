"""Follows what was spoken through what was heard, frame by frame, and so knows what was lost on the way.

A frame (20 ms) is *found* when the heard audio at the delay in force is the frame's own, but for gain and coding noise.
When it is not, the delay may have changed (a jitter buffer dropped or inserted a frame): the frame and its followers
are looked for nearby. What is found at no delay is lost: dropped, replaced by silence, or made up by loss concealment.
Speakers add a bed of noise (about -50 dBFS), which makes every frame its own, in the silence between words too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from tests.measure.align import Audio, Floats, align

FRAME = 160  # samples: 20 ms at 8 kHz
BLOCK = 20  # samples: grain at which the ends of a gap are found
REACH = 1600  # samples: how far the delay may jump at once, either way
CODING = 0.01  # residual power of a found frame, as a share of its own: G.711 gives 0.0002, another frame 0.1 and more
STEP = 48.0  # residual power a sample of the finest A-law step (16 wide), and as much again for a second coding
EDGE = 10  # frames at either end that a call's beginning or end may swallow without being called lost


@dataclass(frozen=True)
class Track:
    """Where each frame of the spoken audio was found: ``delays[i]`` in samples, None if lost or not to be told."""

    delays: list[int | None]
    checked: list[bool]  # False: too faint against the noise, or outside of what was heard
    noise: float  # noise power a sample, of what was heard


@dataclass(frozen=True)
class Loss:
    """What became of the frames. ``lost`` counts dropped, replaced and inserted frames; the edges are told apart."""

    frames: int
    lost: int
    inserted: int
    clipped_start: int
    clipped_end: int
    unchecked: int
    delay_shifts: list[int] = field(default_factory=list)  # samples, in order


class _Matcher:
    """Compares frames of the spoken audio with the heard audio at a given delay."""

    def __init__(self, spoken: Audio, heard: Audio) -> None:
        self.spoken, self.heard = spoken.astype(np.float64), heard.astype(np.float64)
        self.noise, self.gain = STEP, 1.0

    def fit(self, start: int, length: int, delay: int) -> tuple[float, float, float] | None:
        """Return (gain, explained power, residual power) a sample; None outside of what was heard."""
        place = start + delay
        if place < 0 or place + length > len(self.heard):
            return None
        mine, other = self.spoken[start : start + length], self.heard[place : place + length]
        energy = float(mine @ mine)
        if energy == 0:
            return 0.0, 0.0, float(other @ other) / length
        gain = float(mine @ other) / energy
        explained = gain * gain * energy
        return gain, explained / length, max(0.0, float(other @ other) - explained) / length

    def calibrate(self, delay: int) -> None:
        """Learn gain and noise from the audio itself: the delay of each second, then the middle of its frames' fits."""
        gains: list[float] = []
        residuals: list[tuple[float, float]] = []
        second = 50 * FRAME
        for start in range(0, len(self.spoken) - second + 1, second):
            low = max(0, start + delay - REACH)
            around = self.heard[low : max(low, start + delay + second + REACH)]
            here = low + int(align(self.spoken[start : start + second], around, 1)[0]) - start
            for frame in range(start, start + second, FRAME):
                fit = self.fit(frame, FRAME, here)
                if fit is not None and fit[0] > 0 and fit[1] > 4 * fit[2]:  # else not the same audio: nothing to learn
                    gains.append(fit[0])
                    residuals.append((fit[1], fit[2]))
        if len(gains) > len(self.spoken) // FRAME // 4:  # fewer are chance
            self.gain = float(np.median(gains))
            # Coding noise grows with level, so the faint frames are asked.
            quiet = sorted(residuals)[: max(1, len(residuals) // 3)]
            self.noise = max(STEP, float(np.median([residual for _, residual in quiet])))

    def telling(self, start: int, length: int = FRAME) -> bool:
        """Is the frame loud enough against the noise for its absence to be noticed?"""
        mine = self.spoken[start : start + length]
        return self.gain**2 * float(mine @ mine) / length > 4 * self.noise

    def matches(self, start: int, delay: int, length: int = FRAME) -> bool:
        """Is the heard audio at this delay the frame's own?"""
        fit = self.fit(start, length, delay)
        if fit is None:
            return False
        gain, explained, residual = fit
        slack = 4.0 if length < FRAME else 2.5  # few samples scatter more
        if explained < 1.5 * self.noise:
            return False
        return 0.6 * self.gain < gain < 1.7 * self.gain and residual <= CODING * explained + slack * self.noise

    def search(self, start: int, delay: int) -> int | None:
        """Look for a frame within ``REACH`` of a delay; two of the next three telling frames must agree."""
        low = max(0, start + delay - REACH)
        window = self.heard[low : start + delay + FRAME + REACH]
        mine = self.spoken[start : start + FRAME]
        if len(window) < FRAME:
            return None
        product: Floats = np.correlate(window, mine, mode="valid")
        total = np.concatenate(([0.0], np.cumsum(window**2)))
        energy = np.maximum(total[FRAME:] - total[:-FRAME], 1.0)
        found = low + int(np.argmax(product / np.sqrt(energy))) - start
        if found == delay or not self.matches(start, found):
            return None
        last = len(self.spoken) - FRAME
        ahead = [start + k * FRAME for k in (1, 2, 3) if start + k * FRAME <= last]
        ahead = [frame for frame in ahead if self.telling(frame)]
        there = sum(self.matches(frame, found) for frame in ahead)
        here = sum(self.matches(frame, delay) for frame in ahead)
        return found if there > here and there >= min(2, len(ahead)) else None


def track(spoken: Audio, heard: Audio) -> Track:
    """Follow ``spoken`` (from its first sample) through ``heard``; both 8 kHz, one channel."""
    matcher = _Matcher(spoken, heard)
    offset, _ = align(spoken, heard, 1)
    matcher.calibrate(int(offset))
    delay = _first_delay(matcher, int(offset))
    delays: list[int | None] = []
    checked: list[bool] = []
    for start in range(0, len(spoken) - FRAME + 1, FRAME):
        fits = matcher.fit(start, FRAME, delay) is not None
        if not matcher.telling(start):
            delays.append(None)
            checked.append(False)
            continue
        if not matcher.matches(start, delay):
            found = matcher.search(start, delay)
            if found is not None:
                delay = found
            delays.append(found)
        else:
            delays.append(delay)
        checked.append(fits or delays[-1] is not None)
    return Track(delays, checked, matcher.noise)


def lost_frames(spoken: Audio, heard: Audio) -> Loss:
    """Count what of ``spoken`` is missing in ``heard`` (8 kHz, one channel each), in frames of 20 ms."""
    path = track(spoken, heard)
    matcher = _Matcher(spoken, heard)
    matcher.noise = path.noise
    matcher.gain = _gain_of(matcher, path)
    found = [index for index, delay in enumerate(path.delays) if delay is not None]
    frames = len(path.delays)
    if not found:
        return Loss(frames, frames, 0, 0, 0, 0)
    before = sum(path.checked[: found[0]])
    after = sum(path.checked[found[-1] + 1 :])
    lost, inserted, shifts = 0, 0, []
    for one, other in pairwise(found):
        earlier, later = path.delays[one], path.delays[other]
        if earlier is None or later is None or (other == one + 1 and earlier == later):
            continue
        missing = any(path.checked[one + 1 : other]) or earlier != later
        lost += _gap(matcher, (one + 1) * FRAME, other * FRAME, earlier, later) if missing else 0
        if earlier != later:
            shifts.append(later - earlier)
            inserted += _frames(max(0, later - earlier))
    at_ends = sum(end for end in (before, after) if end > EDGE)
    return Loss(frames, lost + inserted + at_ends, inserted, before, after, path.checked.count(False), shifts)


def _first_delay(matcher: _Matcher, offset: int) -> int:
    """Of the delays of the first seconds, the one at which the beginning is found: the whole's best may come later."""
    for start in range(0, min(len(matcher.spoken) - FRAME + 1, 100 * FRAME), FRAME):
        if matcher.telling(start):
            if matcher.matches(start, offset):
                return offset
            found = matcher.search(start, offset)
            if found is not None:
                return found
    return offset


def _gain_of(matcher: _Matcher, path: Track) -> float:
    fits = [matcher.fit(i * FRAME, FRAME, delay) for i, delay in enumerate(path.delays) if delay is not None]
    gains = [fit[0] for fit in fits if fit is not None]
    return float(np.median(gains)) if gains else 1.0


def _gap(matcher: _Matcher, start: int, end: int, earlier: int, later: int) -> int:
    """Frames lost between two found ones: what neither continues the one before nor leads to the one after."""
    while start < end and matcher.matches(start, earlier, BLOCK):
        start += BLOCK
    while end > start and matcher.matches(end - BLOCK, later, BLOCK):
        end -= BLOCK
    return _frames(end - start)


def _frames(samples: int) -> int:
    """Whole frames that explain a gap; the grain and faint samples at its ends may add a block or two."""
    return max(1, round(samples / FRAME)) if samples > 2 * BLOCK else 0
