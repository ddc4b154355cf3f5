"""The core's one thread: its timers and what other threads ask of it.

Everything that touches a call runs here, so that no call state needs a lock.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(order=True, slots=True)
class Timer:
    """A call-back to come; ``cancel`` it and it never runs."""

    at: float
    order: int
    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Don't run it."""
        self.action = None


class Loop:
    """Timers and posted actions, run by whoever calls ``turn``. Times are seconds of ``time.monotonic``."""

    def __init__(self) -> None:
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.running = True

    def now(self) -> float:
        """Return the loop's clock in seconds; it never jumps."""
        return time.monotonic()

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Run ``action`` on this thread after ``seconds``."""
        timer = Timer(self.now() + seconds, next(self._order), action)
        heapq.heappush(self._timers, timer)
        return timer

    def post(self, action: Callable[[], None]) -> None:
        """Run ``action`` on this thread soon. The only method for other threads."""
        self._posted.put(action)

    def stop(self) -> None:
        """Make ``running`` False at the next turn. May be called from any thread or a signal handler."""
        self.running = False

    def wait_time(self, most: float) -> float:
        """Return how many seconds may pass until the next timer, at most ``most``."""
        return max(0.0, min(most, self._timers[0].at - self.now())) if self._timers else most

    def turn(self) -> None:
        """Run what is due."""
        for _ in range(self._posted.qsize()):
            guarded(self._posted.get())
        now = self.now()
        while self._timers and self._timers[0].at <= now:
            action = heapq.heappop(self._timers).action
            if action is not None:
                guarded(action)


def guarded(action: Callable[[], None]) -> None:
    """Run an action; an error in it is logged with its trace and must not stop the other calls."""
    try:
        action()
    except Exception:
        log.exception("an action of the core failed; the other calls go on")
