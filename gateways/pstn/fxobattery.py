"""A battery drop right after the answer: the driver tells of none within 0.6 s of off-hook. Pure.

It takes what it sees then for the bounce of the loop (DAHDI_DEFAULT_DEBOUNCETIME), and a kewlstart exchange's drop
lasts 0.25 to 0.8 s: of a caller who hangs up just when he is answered it would say nothing, and the line would stay
taken. So the state of the line is looked at, a few times.
"""

from __future__ import annotations

EVERY = 0.1
"""Seconds between two looks."""
LAST = 0.75
"""Seconds after off-hook; by then the driver looks itself."""
MISSING = 3
"""Looks in a row without battery that make a drop: exchanges open the line for a moment when they switch it through."""


class BatteryWatch:
    """After one off-hook."""

    def __init__(self) -> None:
        self.at: float | None = None
        self._ends = 0.0
        self._missing = 0

    def begin(self, now: float) -> None:
        """The loop was closed to answer."""
        self.at, self._ends, self._missing = now + EVERY, now + LAST, 0

    def end(self) -> None:
        """It was opened."""
        self.at = None

    def looked(self, battery: bool, now: float) -> bool:
        """Take what was seen; True when that is a drop."""
        self._missing = 0 if battery else self._missing + 1
        dropped = self._missing >= MISSING
        go_on = not dropped and (self._missing > 0 or now + EVERY <= self._ends)
        self.at = now + EVERY if go_on else None
        return dropped
