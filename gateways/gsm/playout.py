"""Frames between two clocks that are not the same: comes in at one's pace, goes out at the other's. Pure.

Keeps a frame or two in hand against the unevenness of both, repeats one when none has come, drops one when there are
always more than that, and the oldest when there are far too many.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FRAME = 320
"""Bytes: 160 samples of s16le, 20 ms at 8 kHz."""
SILENCE = bytes(FRAME)
_PRIME = 2
_MOST = 8
_WINDOW = 150
"""Frames taken (3 s) in which a queue that is never down to its usual length only adds delay."""
_STOPPED = 10
"""Frames missing in a row (200 ms) after which the giver has paused; what comes later is a new start."""


@dataclass(slots=True)
class PlayoutCounts:
    """Frames of 20 ms. ``repeated`` and ``drift_drops`` are what the difference of the clocks costs."""

    taken: int = 0
    repeated: int = 0
    dropped: int = 0
    drift_drops: int = 0


class Playout:
    """``put`` what comes; ``take`` always gives a frame, silence while there is none."""

    def __init__(self) -> None:
        self.counts = PlayoutCounts()
        self._frames: deque[bytes] = deque()
        self._rest = b""
        self._last = SILENCE
        self._primed = False
        self._missing = 0
        self._fewest = 0
        self._age = 0

    def put(self, data: bytes) -> None:
        """Take bytes in; they may end in the middle of a frame."""
        data = self._rest + data
        whole = len(data) - len(data) % FRAME
        self._frames.extend(data[at : at + FRAME] for at in range(0, whole, FRAME))
        self._rest = data[whole:]
        while len(self._frames) > _MOST:
            self._frames.popleft()
            self.counts.dropped += 1

    def take(self) -> bytes:
        """Return the next frame."""
        if not self._primed:
            if len(self._frames) < _PRIME:
                return SILENCE
            self._primed, self._missing = True, 0
            self._begin_window()
        if not self._frames:
            return self._fill()
        self._missing = 0
        self._correct_drift()
        self._last = self._frames.popleft()
        self.counts.taken += 1
        return self._last

    def _fill(self) -> bytes:
        self._missing += 1
        self._fewest = 0
        if self._missing >= _STOPPED:
            self._primed = False
        elif self._missing == 1:
            self.counts.repeated += 1
            return self._last
        return SILENCE

    def _correct_drift(self) -> None:
        self._fewest = min(self._fewest, len(self._frames))
        self._age += 1
        if self._age < _WINDOW:
            return
        if self._fewest > _PRIME:
            self._frames.popleft()
            self.counts.drift_drops += 1
        self._begin_window()

    def _begin_window(self) -> None:
        self._fewest, self._age = len(self._frames), 0
