"""The hardware loop: one thread, one epoll, for all lines."""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)
HUNG_UP = select.EPOLLHUP | select.EPOLLERR
FAULT_PAUSE = 1.0
"""Seconds that a member rests whose ``tick`` raised: its deadline stands, and would have us turn without a pause."""


class Member(Protocol):
    """Something that has deadlines of its own (``time.monotonic`` seconds; None: none)."""

    def deadline(self) -> float | None: ...
    def tick(self, now: float) -> None: ...


class HardwareLoop:
    """Run ``run`` in a thread; ``call`` and ``stop`` may be used from any thread, the rest from that thread only."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._watched: dict[int, Callable[[int], None]] = {}
        self._members: list[Member] = []
        self._resting: dict[Member, float] = {}  # until when
        self._calls: deque[Callable[[], None]] = deque()
        self._running = True
        self._ended = False
        self._lock = threading.Lock()
        self.watch(self._wake, select.EPOLLIN, self._woken)

    def now(self) -> float:
        """Return the loop's time (``time.monotonic``)."""
        return time.monotonic()

    def watch(self, fd: int, mask: int, ready: Callable[[int], None]) -> None:
        """Call ``ready`` with the epoll bits when they show; hang-up and error bits always do. Again: change it."""
        if fd in self._watched:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)
        self._watched[fd] = ready

    def unwatch(self, fd: int) -> None:
        if self._watched.pop(fd, None) is not None and not self._epoll.closed:
            self._epoll.unregister(fd)

    def add(self, member: Member) -> None:
        self._members.append(member)

    def call(self, what: Callable[[], None]) -> None:
        """Have ``what`` called in the loop's thread, soon; nothing once the loop has ended."""
        with self._lock:
            if self._ended:
                return
            self._calls.append(what)
            os.eventfd_write(self._wake, 1)

    def stop(self) -> None:
        self.call(self._end)

    def _woken(self, _bits: int) -> None:
        os.eventfd_read(self._wake)

    def _end(self) -> None:
        self._running = False

    def run(self) -> None:
        """Turn until ``stop``. A fault in one line's code is logged and does not stop the other lines."""
        while self._running:
            self.turn()
        with self._lock:  # whoever calls late must not write to a descriptor that is another's by then
            self._ended = True
            self._epoll.close()
            os.close(self._wake)

    def turn(self, longest: float = 1.0) -> None:
        """Wait for the next thing to happen, up to ``longest`` seconds, and see to it."""
        now = time.monotonic()
        asked = [(member.deadline(), member) for member in self._members]
        deadlines = [(max(at, self._resting.get(member, at)), member) for at, member in asked if at is not None]
        soonest = min((at for at, _ in deadlines), default=now + longest)
        pause = 0.0 if self._calls else min(max(soonest - now, 0.0), longest)
        for fd, bits in self._epoll.poll(pause):
            ready = self._watched.get(fd)  # an earlier callback of this round may have closed it
            if ready is not None:
                self._guard(lambda ready=ready, bits=bits: ready(bits))  # type: ignore[misc]
        while self._calls:
            self._guard(self._calls.popleft())
        now = time.monotonic()
        for at, member in deadlines:  # what has become due since is seen to in the next turn, which does not wait then
            due = at <= now and (still := member.deadline()) is not None and still <= now
            if due and not self._guard(lambda member=member: member.tick(now)):  # type: ignore[misc]
                self._resting[member] = now + FAULT_PAUSE

    def _guard(self, what: Callable[[], None]) -> bool:
        try:
            what()
        except Exception:
            log.exception("a fault in the hardware loop")
            return False
        return True
