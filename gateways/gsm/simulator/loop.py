"""The simulator's one thread: file descriptors, timers and a 20 ms tick on an absolute clock.

All modems, the network and all subscribers live on this thread, so none of them needs a lock. Other threads come in
through `Loop.post` and `Loop.call`. The tick is scheduled as start + n * period, so it never drifts; a late tick is
counted and the missed ones are made up at once, as a modem's own sample clock would.
"""

import heapq
import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

PERIOD_NS = 20_000_000
RESYNC_NS = 1_000_000_000  # a machine that slept this long gets no burst of old frames

_log = logging.getLogger(__name__)


@dataclass
class Timer:
    """A call due once at `due_ns` (time.monotonic_ns); `cancel` makes it do nothing."""

    due_ns: int
    run: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Lateness:
    """How late the ticks came, nanoseconds. `late` counts those later than 5 ms, `resyncs` the clock jumps."""

    ticks: int = 0
    late: int = 0
    worst_ns: int = 0
    total_ns: int = 0
    resyncs: int = 0

    def note(self, late_ns: int) -> None:
        self.ticks += 1
        self.total_ns += late_ns
        self.worst_ns = max(self.worst_ns, late_ns)
        self.late += late_ns > 5_000_000


@dataclass
class Loop:
    """An epoll loop with a tick. `on_tick` gets the tick's number; it must not block."""

    on_tick: Callable[[int], None] = lambda _: None
    lateness: Lateness = field(default_factory=Lateness)

    def __post_init__(self) -> None:
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._readers: dict[int, Callable[[], None]] = {}
        self._timers: list[tuple[int, int, Timer]] = []
        self._sequence = 0
        self._posted: deque[Callable[[], None]] = deque()
        self._running = False
        self._thread: threading.Thread | None = None
        self.watch(self._wake, self._drain_wake)

    def start(self) -> None:
        self._running = True
        self._thread = threading.Thread(target=self._run, name="gsm-simulator", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End the thread and free what the loop owns. Work posted before is done first."""
        if self._thread is not None:
            self.post(self._end)
            self._thread.join(timeout)
            self._thread = None
        if not self._epoll.closed:
            self._epoll.close()
            os.close(self._wake)

    def post(self, run: Callable[[], None]) -> None:
        """Have `run` called on the loop's thread soon; from any thread."""
        self._posted.append(run)
        os.eventfd_write(self._wake, 1)

    def call(self, run: Callable[[], T], timeout: float = 5.0) -> T:
        """Run on the loop's thread and give what it returns (or raises). TimeoutError when the loop is stuck."""
        if self._thread is None or threading.current_thread() is self._thread:
            return run()
        answer: Future[T] = Future()

        def work() -> None:
            try:
                answer.set_result(run())
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked
                answer.set_exception(error)

        self.post(work)
        return answer.result(timeout)

    def after(self, seconds: float, run: Callable[[], None]) -> Timer:
        """A timer; only from the loop's thread (or before `start`)."""
        timer = Timer(time.monotonic_ns() + int(seconds * 1e9), run)
        self._sequence += 1
        heapq.heappush(self._timers, (timer.due_ns, self._sequence, timer))
        return timer

    def watch(self, fd: int, on_readable: Callable[[], None]) -> None:
        self._readers[fd] = on_readable
        self._epoll.register(fd, select.EPOLLIN)

    def unwatch(self, fd: int) -> None:
        if self._readers.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def _end(self) -> None:
        self._running = False

    def _drain_wake(self) -> None:
        os.eventfd_read(self._wake)

    def _run(self) -> None:
        due = time.monotonic_ns() + PERIOD_NS
        number = 0
        while self._running:
            self._wait(due)
            while self._posted:
                self._safely(self._posted.popleft())
            self._run_timers()
            now = time.monotonic_ns()
            if now - due > RESYNC_NS:
                self.lateness.resyncs += 1
                due = now
            while due <= now:
                self.lateness.note(now - due)
                self._safely(lambda n=number: self.on_tick(n))  # type: ignore[misc]
                number += 1
                due += PERIOD_NS

    def _wait(self, tick_ns: int) -> None:
        due = min(tick_ns, self._timers[0][0]) if self._timers else tick_ns
        left = 0 if self._posted else due - time.monotonic_ns()
        # epoll rounds its time-out up to whole milliseconds: stop one short and sleep the rest, which is exact.
        events = self._epoll.poll(max(0, left // 1_000_000) / 1000 if left > 1_000_000 else 0)
        for fd, _ in events:
            reader = self._readers.get(fd)
            if reader is not None:
                self._safely(reader)
        if not events and 0 < (rest := due - time.monotonic_ns()) < 1_000_000:
            time.sleep(rest / 1e9)

    def _run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= time.monotonic_ns():
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                self._safely(timer.run)

    def _safely(self, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception:  # noqa: BLE001 - one modem's trouble must not silence the bank: it is logged
            _log.exception("simulator: a handler failed")
