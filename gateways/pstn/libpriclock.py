"""libpri takes the time of its timers from the wall clock: when that is set, they have to be shifted with it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)
STEP = 1.0
"""Seconds that the wall clock has to jump before the timers are shifted: less is the slewing of NTP."""
FAR = 1 << 40


class Clock:
    """``peek`` is pri_schedule_next: it returns the next timer's ``struct timeval`` itself, which may be changed."""

    def __init__(
        self, name: str, peek: Callable[[], Any], offset: Callable[[], float] = lambda: time.time() - time.monotonic()
    ) -> None:
        self._name, self._peek, self._read_offset = name, peek, offset
        self._offset = offset()

    def next(self) -> float | None:
        """Return when the next timer is due (``time.monotonic``)."""
        offset = self._read_offset()
        step = offset - self._offset
        if abs(step) >= STEP:
            log.warning("%s: the clock was set by %+.0f s: libpri's timers are shifted", self._name, step)
            self.shift(round(step))
        self._offset = offset
        when = self._peek()
        return when.tv_sec + when.tv_usec / 1e6 - offset if when else None

    def shift(self, seconds: int) -> None:
        """Put off all timers by so many seconds of the wall clock."""
        moved = []
        # Only the timer that is next can be seen: each one is pushed out of the way, then all are set.
        while (when := self._peek()) and when.tv_sec < FAR:
            when.tv_sec += FAR
            moved.append(when)
        for when in moved:
            when.tv_sec += seconds - FAR
