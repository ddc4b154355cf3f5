"""Which B channel is to be restarted when (ITU-T Q.931 §5.5). Pure.

After layer 2 has come up anew, every channel without a call, before it is used: whatever the network believed to be
on it is over then. Later the idle ones, a round every ``interval`` seconds. One at a time: the next when the network
has acknowledged. Switches that never acknowledge are left alone until layer 2 comes up anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

ACKNOWLEDGED_WITHIN = 4.0
"""Seconds. Q.931's T316 is 2 minutes, too long to keep a line out of use."""


class Restarts:
    """``held`` slots must not be dialled on. ``interval`` 0: none at all."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._queue: deque[int] = deque()
        self._held: set[int] = set()
        self._current: int | None = None
        self._due: float | None = None  # acknowledgement or next round
        self._unanswered = False
        self.gave_up = False

    def begin(self, slots: Iterable[int]) -> None:
        """Layer 2 has come up anew."""
        self.stop()
        if self._interval:
            self._queue.extend(slots)
            self._held.update(self._queue)

    def stop(self) -> None:
        """Layer 2 is down."""
        self._queue.clear()
        self._held.clear()
        self._current = self._due = None
        self._unanswered = False

    def held(self, slot: int) -> bool:
        return slot in self._held

    def acknowledged(self, slot: int | None) -> None:
        """RESTART ACKNOWLEDGE came; of which slot not all switches say."""
        if self._current is not None and slot in (self._current, None):
            self._held.discard(self._current)
            self._current = self._due = None

    def next(self, now: float, free: Collection[int]) -> int | None:
        """Return the slot to send RESTART for now, if any; to be asked after every change and at ``deadline``.

        ``free`` are those without a call. ``gave_up`` is true after it when the network has just been given up.
        """
        self.gave_up = False
        self._held.intersection_update(free)
        if self._current is not None:
            if self._due is None or now < self._due:
                return None
            self._give_up()
        elif not self._queue and self._due is not None and now >= self._due and not self._unanswered:
            self._queue.extend(free)
        while self._queue:
            slot = self._queue.popleft()
            if slot in free:
                self._current, self._due = slot, now + ACKNOWLEDGED_WITHIN
                self._held.add(slot)
                return slot
        if self._interval and (self._due is None or now >= self._due):
            self._due = now + self._interval
        return None

    def _give_up(self) -> None:
        self._unanswered = self.gave_up = True
        self._queue.clear()
        self._held.clear()
        self._current = self._due = None

    def deadline(self) -> float | None:
        return self._due
