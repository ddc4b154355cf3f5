"""One digit of two reports: the modem's own DTMF receiver and ours may both hear what the caller pressed. Pure."""

from __future__ import annotations

from collections import deque
from typing import Literal

Source = Literal["line", "audio"]
WITHIN = 0.8
"""Seconds between two reports of one press: a modem tells at the tone's end, over a slow port."""


class DigitMerge:
    """One call's."""

    def __init__(self) -> None:
        self._alone: deque[tuple[str, Source, float]] = deque(maxlen=16)  # reports without their counterpart yet

    def fresh(self, digit: str, source: Source, now: float) -> bool:
        """Return False where this only repeats what the other source has told."""
        for report in list(self._alone):
            if now - report[2] > WITHIN:
                self._alone.remove(report)
            elif report[0] == digit and report[1] != source:
                self._alone.remove(report)
                return False
        self._alone.append((digit, source, now))
        return True
