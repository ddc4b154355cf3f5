"""Whether a tone's segments keep to a cadence, and for how long. Pure.

Speech and music have a tone's pitch for a moment now and then, and rests of any length between. What tells an
exchange's tone from them is that each part of the cycle comes again as long, as loud and as high as in the cycle
before, and that nothing is heard in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from gateways.pstn.rhythm import Segment
from gateways.pstn.tonespace import frequency

_STRAY, _STRAY_MS = 0.12, 15.0
"""By which a part may differ from the cadence: exchanges keep to 10 % (E.180); the measure is good to some ms."""
_AGAIN_MS = 25.0
_AGAIN_DB = 3.0
_AGAIN_HZ = 4.0
"""By which it may differ from the same part one cycle before."""
_QUIET_DB = 7.0
"""By which a pause is softer than the tone, all that is heard in it: line noise, and echo of our own voice."""
_OFF_PITCH, _OFF_PITCH_HZ = 0.03, 12.0


class Beat:
    """One cadence on one tone. ``nominal``: its frequency in Hz; None where several lie too close to be told."""

    def __init__(self, times: Sequence[int], nominal: float | None) -> None:
        self._times = tuple(times)
        self._nominal = nominal
        self._past: deque[Segment] = deque(maxlen=len(self._times))
        self._tones = 0
        self._chains = [0] * (len(self._times) // 2)
        """How many segments up to now fit, without a break and from a tone on, where tone 0 is part 0, 2, 4 …"""

    @property
    def period(self) -> float:
        """Length of a cycle in ms."""
        return sum(self._times)

    @property
    def cycles(self) -> int:
        """Cycles that fit without a break up to now; the last is over when its last tone is."""
        return (max(self._chains) + 1) // len(self._times)

    def but_for_last_pause(self) -> bool:
        """Whether the tones of a whole cycle have just been heard, and what should follow is its last pause."""
        whole = len(self._times) - 1
        parts = ((2 * (turn + self._tones) + 1) % len(self._times) for turn in range(len(self._chains)))
        return any(length >= whole == part for length, part in zip(self._chains, parts, strict=True))

    def take(self, segment: Segment) -> None:
        """Take the segment that has just ended."""
        for turn, length in enumerate(self._chains):
            part = (2 * (turn + self._tones) + (not segment.on)) % len(self._times)
            fits = self._fits(segment, self._times[part])
            goes_on = fits and length > 0 and (length < len(self._times) or self._again(segment))
            self._chains[turn] = length + 1 if goes_on else int(fits and segment.on)
        self._past.append(segment)
        self._tones += not segment.on

    def _fits(self, segment: Segment, wanted: int) -> bool:
        if abs(segment.ms - wanted) > _STRAY * wanted + _STRAY_MS:
            return False
        if segment.on:
            return segment.steady and self._in_pitch(segment)
        return bool(self._past) and segment.level <= self._past[-1].level - _QUIET_DB

    def _in_pitch(self, segment: Segment) -> bool:
        if self._nominal is None:
            return True
        stray = max(_OFF_PITCH_HZ, _OFF_PITCH * self._nominal)
        return abs(frequency(self._nominal, segment.turn) - self._nominal) <= stray

    def _again(self, segment: Segment) -> bool:
        before = self._past[0]  # as many segments ago as a cycle has
        if abs(segment.ms - before.ms) > _AGAIN_MS:
            return False
        if not segment.on:
            return True
        if self._nominal is None:
            return abs(segment.level - before.level) <= _AGAIN_DB
        off = frequency(self._nominal, segment.turn) - frequency(self._nominal, before.turn)
        return abs(segment.level - before.level) <= _AGAIN_DB and abs(off) <= _AGAIN_HZ
