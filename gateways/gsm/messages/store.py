"""The store of messages on a thread of its own: the hardware loop never waits for a disk.

Work is done in the order in which it was submitted, each in one transaction, and its result is posted back after the
commit. While the store can't be written, work waits and is tried again: nothing is lost by that, since an inbound
part stays in the modem (or unacknowledged with the network) and an outbound one in the store. Work that waits when
the process ends is dropped; what that means stands in ``outbound`` and ``inbound``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from appliance.store import Store, StoreError
from appliance.store.message_models import Message
from gateways.gsm.messages import inbound, outbound
from gateways.gsm.messages.events import MessageEvent

log = logging.getLogger(__name__)
RETRY_SECONDS = 2.0
LOOK_SECONDS = 2.0
"""How often the store is looked at for orders that others wrote, and for parts that are waited for in vain."""
T = TypeVar("T")
Work = Callable[[Session, datetime], T]


class Sink(Protocol):
    """Where orders for a line are made known; called in the hardware loop."""

    def orders_wait(self) -> None: ...


def _utc() -> datetime:
    return datetime.now(UTC)


class _Job(Generic[T]):
    def __init__(self, work: Work[T], then: Callable[[T], None], failed: Callable[[], None]) -> None:
        self._work = work
        self._then = then
        self.failed = failed

    def run(self, session: Session, now: datetime) -> None:
        self._result = self._work(session, now)

    def tell(self) -> None:
        self._then(self._result)


def _nothing(_result: object = None) -> None:
    """For work whose end nobody waits for."""


class MessageStore:
    """See the module. ``post`` has a function called in the hardware loop's thread (``HardwareLoop.call``), ``tell``
    is called there with events that no line asked for. ``submit`` and ``look`` may be called from any thread.
    """

    def __init__(
        self,
        store: Store,
        post: Callable[[Callable[[], None]], None],
        tell: Callable[[MessageEvent], None],
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self._store = store
        self._post = post
        self._tell = tell
        self._clock = clock
        self._sinks: dict[str, Sink] = {}
        self._jobs: deque[_Job[object]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._looking = False
        self._failing: str | None = None
        self._thread = threading.Thread(target=self._run, name="messages")

    @property
    def failing(self) -> str | None:
        """Why the store can't be written at present; None while it can."""
        return self._failing

    def serve(self, line: str, sink: Sink) -> None:
        """Have ``sink`` told of the orders for a line; before ``start``."""
        self._sinks[line] = sink

    def start(self) -> None:
        """Settle what an earlier run left behind, then serve."""
        self.submit(outbound.lose_stale, self._tell_all)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Do what is waiting if the store lets it, and end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def submit(
        self, work: Work[T], then: Callable[[T], None] = _nothing, failed: Callable[[], None] = _nothing
    ) -> None:
        """Have ``work`` done in a transaction and ``then`` called with its result in the hardware loop.

        ``failed`` is called instead where the work can never be done: a fault of the program, which is logged.
        """
        with self._changed:
            self._jobs.append(_Job(work, then, failed))  # type: ignore[arg-type]
            self._changed.notify()

    def look(self) -> None:
        """An order has been written: look for it now."""
        with self._changed:
            self._looking = True
            self._changed.notify()

    def order(self, message: Message, then: Callable[[str], None] = _nothing) -> None:
        """Write an order (``queued_message``) and look for it at once; ``then`` gets its id."""
        key = message.id

        def write(session: Session, _now: datetime) -> str:
            if session.get(Message, key) is None:
                session.merge(message)  # not added: this may be tried again
            self._looking = True  # read by this thread only after the commit
            return key

        self.submit(write, then)

    def _tell_all(self, events: list[MessageEvent]) -> None:
        for event in events:
            self._tell(event)

    def _run(self) -> None:
        look_at = time.monotonic() + LOOK_SECONDS
        while True:
            with self._changed:
                wait = max(look_at - time.monotonic(), 0.0)
                self._changed.wait_for(lambda: self._jobs or self._stopping or self._looking, wait)
                job = self._jobs[0] if self._jobs else None
                looking, self._looking = self._looking or time.monotonic() >= look_at, False
            if job is None and self._stopping:
                return
            if looking:
                look_at = time.monotonic() + LOOK_SECONDS
                self._do(_Job(self._survey, self._surveyed, _nothing))
            if job is None:
                continue
            if self._do(job):
                with self._changed:
                    self._jobs.popleft()
            elif self._pause():
                return

    def _pause(self) -> bool:
        """Wait before the next try. Return True when the process ends meanwhile."""
        with self._changed:
            stopping = self._changed.wait_for(lambda: self._stopping, RETRY_SECONDS)
        if stopping:
            log.error("messages: %d changes could not be written: %s", len(self._jobs), self._failing)
        return stopping

    def _do(self, job: _Job[T]) -> bool:
        """Do a job; False: the store can't be written now."""
        try:
            with self._store.session() as session:
                job.run(session, self._clock())
        except Exception as error:
            if isinstance(error, StoreError | OSError) and not isinstance(error.__cause__, DataError):
                if self._failing is None:
                    log.error("messages: the store can't be written, messages wait: %s", error)
                self._failing = str(error)
                return False
            log.exception("messages: a fault in the program keeps a change from being written")
            self._post(job.failed)
            return True
        if self._failing:
            log.warning("messages: the store can be written again")
        self._failing = None
        self._post(job.tell)
        return True

    def _survey(self, session: Session, now: datetime) -> tuple[list[MessageEvent], set[str]]:
        return inbound.give_up_waiting(session, now), outbound.lines_with_orders(session, now, self._sinks)

    def _surveyed(self, found: tuple[list[MessageEvent], set[str]]) -> None:
        events, lines = found
        self._tell_all(events)
        for line in lines:
            self._sinks[line].orders_wait()
