"""The special information tone: three pure tones, each higher than the one before, then an announcement. Pure.

ITU-T E.180: 950, 1400 and 1800 Hz for 330 ms each, up to 30 ms apart. North America codes the reason into them:
914 or 985, 1371 or 1429, 1777 Hz, for 274 or 380 ms (Telcordia SR-2275).
"""

from __future__ import annotations

from collections.abc import Iterable

_BANDS = ((890.0, 1010.0), (1340.0, 1470.0), (1740.0, 1890.0))
_LEAST, _MOST, _GAP = 9, 24, 4  # blocks of 20 ms


class SitEar:
    """One call's. Fed every 20 ms with the pitch of what is heard, in Hz; 0 where it is no pure tone."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []  # the last few: which tone (-1: none), blocks

    def hear(self, pitches: Iterable[float]) -> bool:
        """Return whether the third tone has just become sure."""
        return True in [self._take(pitch) for pitch in pitches]

    def _take(self, pitch: float) -> bool:
        which = next((at for at, (low, high) in enumerate(_BANDS) if low <= pitch <= high), -1)
        if self._runs and self._runs[-1][0] == which:
            self._runs[-1] = (which, self._runs[-1][1] + 1)
        else:
            self._runs = [*self._runs[-5:], (which, 1)]
        return which == 2 and self._runs[-1][1] == _LEAST and self._rose()

    def _rose(self) -> bool:
        tones = [run for run in self._runs[:-1] if run[0] >= 0 or run[1] > _GAP]
        lengths = [length for _, length in tones[-2:]]
        return [which for which, _ in tones[-2:]] == [0, 1] and all(_LEAST <= length <= _MOST for length in lengths)
