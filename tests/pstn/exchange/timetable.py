"""What is to be done when, by a clock that the caller sets."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Alarm:
    """Something that will be done; ``cancel`` it, or ask whether it still is to come."""

    def __init__(self, what: Callable[[], None]) -> None:
        self._what: Callable[[], None] | None = what

    @property
    def pending(self) -> bool:
        return self._what is not None

    def cancel(self) -> None:
        self._what = None

    def ring(self) -> None:
        what, self._what = self._what, None
        if what is not None:
            what()


class Timetable:
    """``now`` is in seconds, of any origin; the owner sets it before anything happens."""

    def __init__(self) -> None:
        self.now = 0.0
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()

    def after(self, seconds: float, what: Callable[[], None]) -> Alarm:
        """Have ``what`` done in so many seconds from ``now``; alarms of one moment ring in the order they were set."""
        alarm = Alarm(what)
        heapq.heappush(self._alarms, (self.now + seconds, next(self._order), alarm))
        return alarm

    def deadline(self) -> float | None:
        """When the next alarm rings."""
        while self._alarms and not self._alarms[0][2].pending:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def run(self) -> None:
        """Ring all that is due at ``now``."""
        while (at := self.deadline()) is not None and at <= self.now:
            heapq.heappop(self._alarms)[2].ring()
